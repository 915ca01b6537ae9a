"""What is done with a performance scorecard: gone through with the partner, taken back, mailed to one of the partner's people."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import links
from accounts.models import User
from accounts.permissions import Permission
from partners.models import Contact, Partner
from partners.queries import belongs_to, lock
from prm.common import audit, events, mail
from prm.common.notify import notify
from prm.common.reader import as_read_by
from prm.common.vendor import today, vendor_settings
from scorecards.actions.answering import NotAllowed
from scorecards.events import PerformanceReviewed
from scorecards.models import PerformanceReview
from scorecards.performance_page import digest

PERFORMANCE_LINK = "scorecards.performance"
LINK_DAYS = 14

audit.VERBS.update(
    {
        "performance.reviewed": gettext_lazy("Performance scorecard reviewed with the partner"),
        "performance.review_undone": gettext_lazy("Review of the performance scorecard taken back"),
        "performance.mailed": gettext_lazy("Performance scorecard mailed"),
    }
)


@transaction.atomic
def review_performance(
    *, partner: Partner, by: User, on: dt.date, note: str = "", shared: bool = False
) -> PerformanceReview:
    """Notes that the scorecard was gone through with the partner on a day, with the figures of that day as they are known now.

    ValidationError for a day to come, and for one that has a review already.
    """
    lock(f"performance review {partner.pk}")
    if on > today():
        raise ValidationError({"on": _("A review is something that has happened: choose today or before.")})
    if PerformanceReview.objects.visible_to(by).filter(partner=partner, on=on).exists():
        raise ValidationError({"on": _("There is a review of this day already.")})
    review = PerformanceReview(partner=partner, on=on, note=note.strip(), shared=shared, by=by)
    review.figures = digest.frozen(by, partner, on)
    review.full_clean()
    review.save()
    audit.record(by=by, verb="performance.reviewed", target=review)
    events.send(PerformanceReviewed(partner.pk, on))
    return review


def may_take_back(user: User, review: PerformanceReview) -> bool:
    """On the day it was noted: by who noted it, and by those who look after the data."""
    is_of_today = review.at.astimezone(ZoneInfo(vendor_settings().time_zone)).date() == today()
    return is_of_today and (review.by_id == user.pk or user.can(Permission.EDIT_SALES_DATA))


@transaction.atomic
def take_back_review(*, review: PerformanceReview, by: User) -> None:
    """Removes a review noted by mistake. NotAllowed for others than its author and operations, and after the day."""
    if not may_take_back(by, review):
        raise NotAllowed(_("A review can be taken back by who noted it or by operations, on the same day."))
    audit.record(by=by, verb="performance.review_undone", target=review, changes={"note": [review.note, None]})
    events.send(PerformanceReviewed(review.partner_id, review.on, undone=True))
    review.delete()


@transaction.atomic
def mail_performance(*, partner: Partner, to: User | Contact, by: User, message: str = "") -> None:
    """Mails the main figures as the partner sees them; its own user also gets a link to the whole page, which needs no password.

    NotAllowed for somebody who isn't the partner's.
    """
    if isinstance(to, User):
        if not to.is_active or not to.can(Permission.PORTAL) or not belongs_to(to.pk, partner):
            raise NotAllowed(_("Choose one of the partner's people."))
        name, language = to.display_name, to.language
        link = links.make(user=to, purpose=PERFORMANCE_LINK, target_id=partner.pk, days=LINK_DAYS)
        address = links.url(link)
        with as_read_by(to):
            lines = digest.digest(by, partner, today())
            text = _("%(name)s sent you the performance scorecard") % {"name": by.display_name}
        notify(to, text, reverse("scorecards:portal_performance_own"))
    else:
        if to.partner_id != partner.pk or not to.email:
            raise NotAllowed(_("Choose one of the partner's people."))
        name, language, address = to.name, by.language, ""
        lines = digest.digest(by, partner, today())
    context = {
        "name": name,
        "by": by,
        "partner": partner,
        "vendor": vendor_settings().name,
        "lines": lines,
        "as_of": today(),
        "message": message.strip(),
        "url": address,
        "days": LINK_DAYS,
    }
    mail.send(to=to.email, template="performance", context=context, language=language)
    audit.record(by=by, verb="performance.mailed", target=partner, note=to.email)
