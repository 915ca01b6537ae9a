"""The mail and the bell line that a review was shared. Its link lets that one person open that one review without signing in."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import links
from accounts.models import User
from prm.common import mail
from prm.common.notify import notify
from prm.common.reader import as_read_by
from prm.common.vendor import vendor_settings
from prm.tenancy.addresses import vendor_url
from qbr.models import Qbr
from qbr.naming import quarter_words

READ_LINK = "qbr.read"  # purpose of the signed link; its target is the review's id
LINK_DAYS = 30


def shared(qbr: Qbr, user: User, by: User, message: str) -> None:
    """Tells a user of the partner."""
    page = reverse("qbr:portal_qbr", args=[qbr.pk])
    with as_read_by(user):
        names = {"quarter": quarter_words(qbr), "vendor": vendor_settings().name}
        title = _("The review of %(quarter)s with %(vendor)s") % names
        link = links.make(user=user, purpose=READ_LINK, target_id=qbr.pk, days=LINK_DAYS)
        context = {
            "user": user,
            "title": title,
            "by": by.display_name,
            "message": message,
            "days": LINK_DAYS,
            "url": links.url(link),
            "page": vendor_url(page),
        }
        mail.send(to=user.email, template="qbr", context=context, language=user.language)
        notify(user, title, page)
