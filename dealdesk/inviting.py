"""A link by which one of the partner's people registers deals without signing in, mailed by the CAM."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import links
from accounts.models import User
from accounts.permissions import Permission, Role
from dealdesk import queries
from dealdesk.letters import LINK_DAYS, REGISTER
from dealdesk.refusals import NotAllowed
from partners import history, users
from partners.models import Contact, Partner
from partners.queries import holders
from prm.common import audit, mail
from prm.common.reader import as_read_by
from prm.common.vendor import vendor_settings

VERBS = {"registration.invited": gettext_lazy("Asked to register deals by a mailed link")}
audit.VERBS.update(VERBS)
history.VERBS.update(VERBS)


def people(partner: Partner) -> dict[str, User]:
    """Who of the partner registers deals, by the key of a form."""
    rows = holders(Permission.SELL).filter(membership__partner=partner.pk)
    return {f"user-{user.pk}": user for user in rows}


def contacts(partner: Partner, by: User) -> dict[str, Contact]:
    """Contacts with an address who are no users yet: asked, they are invited as sellers."""
    rows = list(Contact.objects.visible_to(by).filter(partner=partner).exclude(email=""))
    taken = set(User.objects.filter(email__in=[row.email.lower() for row in rows]).values_list("email", flat=True))
    return {f"contact-{row.pk}": row for row in rows if row.email.lower() not in taken}


@transaction.atomic
def invite(*, by: User, partner: Partner, whom: User | Contact, message: str = "") -> User:
    """Mails the link. A contact becomes a user who sells. NotAllowed; ValidationError where the contact can't be invited."""
    if not queries.may_register(by, partner):
        raise NotAllowed(_("You may not register deals for this partner."))
    if isinstance(whom, Contact):
        user = users.invite_to_partner(
            by=by, partner=partner, email=whom.email, name=whom.name, roles=[Role.PARTNER_SELLER]
        )
    else:
        user = whom
    if not queries.may_register(user, partner):
        raise NotAllowed(_("%(name)s may not register deals.") % {"name": user.display_name})
    days = LINK_DAYS[REGISTER]
    link = links.make(user=user, purpose=REGISTER, target_id=partner.pk, days=days)
    with as_read_by(user):
        names = {"by": by.display_name, "vendor": vendor_settings().name, "partner": partner.name}
        context = {
            "user": user,
            "title": _("Register a deal with %(vendor)s") % names,
            "said": [
                _("%(by)s of %(vendor)s sends you a link by which you register deals of %(partner)s: seven fields, and nobody else gets the customer.") % names,
                _("Keep this mail: the link works for each deal you find."),
            ],
            "facts": [],
            "reason": message.strip(),
            "button": _("Register a deal"),
            "days": days,
            "url": links.url(link),
        }  # fmt: skip
        mail.send(to=user.email, template="letter", context=context, language=user.language)
    audit.record(by=by, verb="registration.invited", target=partner, note=user.email)
    return user
