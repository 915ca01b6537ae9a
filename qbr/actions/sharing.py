"""A version shown to the partner, and told of."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Membership
from prm.common import audit
from prm.webhooks import news
from qbr import letters
from qbr.actions.common import SHARED, as_news, locked
from qbr.models import Qbr, Version
from qbr.refusals import Closed, NotAllowed

LONGEST_MESSAGE = 2000


@transaction.atomic
def share(*, qbr: Qbr, by: User, version: Version | None = None, to: Iterable[User] = (), message: str = "") -> Version:
    """Shows a version (None: the newest for the partner) to the partner's users in place of the one before; those in `to` get a mail with a link.

    Closed before the review was held; NotAllowed for a vendor copy; ValidationError by field.
    """
    fresh = locked(qbr, by)
    if not fresh.is_held:
        raise Closed(_("Share it once it was held: enter the day and who was there first."))
    rows = Version.objects.visible_to(by).filter(qbr=fresh)
    found: Version | None = (
        rows.filter(kind=Version.Kind.PARTNER).order_by("-number").first()
        if version is None
        else rows.filter(pk=version.pk).first()
    )
    if found is None:
        raise NotAllowed(_("There is no such version."))
    if found.kind != Version.Kind.PARTNER:
        raise NotAllowed(_("A vendor copy is never shared. Build one for the partner."))
    people, said = _members(fresh, to), message.strip()
    if len(said) > LONGEST_MESSAGE:
        raise ValidationError({"message": _("This is too long: at most %(n)s characters.") % {"n": LONGEST_MESSAGE}})
    if not found.shared:
        of_qbr = Version.objects.unscoped("of one review in reach").filter(qbr=fresh, shared=True)
        of_qbr.update(shared=False)
        found.shared = True
        found.save(update_fields=["shared"])
        fresh.state, fresh.shared_at, fresh.shared_by = Qbr.State.SHARED, timezone.now(), by
        fresh.save(update_fields=["state", "shared_at", "shared_by", "updated_at"])
        audit.record(by=by, verb="qbr.shared", target=fresh, note=_("Version %(n)s") % {"n": found.number})
        news.send(SHARED.key, as_news(fresh, version=found.number))
    for user in people:
        letters.shared(fresh, user, by, said)
    return found


@transaction.atomic
def unshare(*, qbr: Qbr, by: User) -> Qbr:
    """Takes it out of the portal again. Closed where it isn't shared."""
    fresh = locked(qbr, by)
    if fresh.state != Qbr.State.SHARED:
        raise Closed(_("This QBR isn’t shared."))
    Version.objects.unscoped("of one review in reach").filter(qbr=fresh, shared=True).update(shared=False)
    fresh.state, fresh.shared_at, fresh.shared_by = Qbr.State.HELD, None, None
    fresh.save(update_fields=["state", "shared_at", "shared_by", "updated_at"])
    audit.record(by=by, verb="qbr.unshared", target=fresh)
    return fresh


def _members(qbr: Qbr, to: Iterable[User]) -> list[User]:
    """ValidationError for somebody who isn't an active user of the partner."""
    asked = list(dict.fromkeys(to))
    members = Membership.objects.unscoped("of one partner in reach").filter(partner=qbr.partner_id)
    known = set(members.values_list("user", flat=True))
    if any(user.pk not in known or not user.is_active for user in asked):
        raise ValidationError({"to": _("Choose users of this partner.")})
    return asked
