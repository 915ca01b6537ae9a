"""People in view of partners: which partner a user belongs to, which regions a chief is limited to, whom one may see and manage."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import actions
from accounts.models import User
from accounts.permissions import PARTNER_ROLES, Role
from partners.models import Membership, Partner, Region, RegionLimit
from prm.common import audit

VENDOR_ROLES = tuple(role for role in Role if role not in PARTNER_ROLES and role is not Role.DISTRIBUTOR)
# Roles of those who belong to a partner: its own people, and a distributor's.
MEMBER_ROLES = (*(role for role in Role if role in PARTNER_ROLES), Role.DISTRIBUTOR)


def everybody() -> QuerySet[User]:
    """All users of the vendor with what a list of them shows."""
    return User.objects.select_related("membership__partner").prefetch_related("groups", "region_limits__region")


def colleagues(user: User) -> QuerySet[User]:
    """The users of the user's own partner; nobody for those who belong to none."""
    own = Membership.objects.visible_to(user).filter(partner__members__user=user)
    return User.objects.filter(pk__in=own.values("user")).prefetch_related("groups")


def partner_of(user: User) -> Partner | None:
    membership = getattr(user, "membership", None)
    return membership.partner if membership else None


@transaction.atomic
def invite_to_vendor(
    *, by: User, email: str, name: str, roles: Iterable[Role], regions: Iterable[Region] = (), language: str = "en"
) -> User:
    """Invites one of the vendor's own people. Raises ValidationError."""
    roles = list(roles)
    if not set(roles) <= set(VENDOR_ROLES):
        raise ValidationError(_("Partner users are invited for their partner."))
    user = actions.invite(by=by, email=email, name=name, roles=roles, language=language)
    _limit(by, user, roles, regions)
    return user


@transaction.atomic
def invite_to_partner(
    *, by: User, partner: Partner, email: str, name: str, roles: Iterable[Role], language: str = "en"
) -> User:
    """Invites a partner's user, or a distributor's where the role says so. Raises ValidationError."""
    roles = list(roles)
    if not set(roles) <= set(MEMBER_ROLES):
        raise ValidationError(_("Choose roles of a partner."))
    user = actions.invite(by=by, email=email, name=name, roles=roles, language=language, to=partner.name)
    Membership.objects.create(user=user, partner=partner)
    return user


@transaction.atomic
def invite_colleague(*, by: User, email: str, name: str, roles: Iterable[Role], language: str = "en") -> User:
    """A champion invites for the own partner, partner roles only. Raises ValidationError, which never says who has an
    address already: it may be another partner's."""
    roles, partner = list(roles), partner_of(by)
    if partner is None or not set(roles) <= PARTNER_ROLES:
        raise ValidationError(_("Choose roles of a partner."))
    if User.objects.filter(email=email.strip().lower()).exists():
        refusal = _("This address can’t be invited from here. Ask your channel account manager.")
        raise ValidationError({"email": refusal})
    return invite_to_partner(by=by, partner=partner, email=email, name=name, roles=roles, language=language)


@transaction.atomic
def change(*, by: User, user: User, roles: Iterable[Role], regions: Iterable[Region] = ()) -> None:
    """New roles, and for a chief the regions. A partner's user keeps to roles of partners. Raises ValidationError."""
    roles = list(roles)
    allowed = MEMBER_ROLES if partner_of(user) else VENDOR_ROLES
    if not set(roles) <= set(allowed):
        raise ValidationError(_("These roles are not for this user."))
    actions.set_roles(by=by, user=user, roles=roles)
    _limit(by, user, roles, regions)


def resend(*, by: User, user: User) -> None:
    """Sends the invitation anew. Raises ValidationError once it is accepted."""
    partner = partner_of(user)
    actions.resend_invitation(by=by, user=user, to=partner.name if partner else "")


def _limit(by: User, user: User, roles: list[Role], regions: Iterable[Region]) -> None:
    wanted = {region.pk: region for region in regions} if Role.CHIEF in roles else {}
    before = {limit.region_id: limit.region for limit in user.region_limits.select_related("region")}
    if wanted.keys() == before.keys():
        return
    user.region_limits.exclude(region__in=wanted).delete()
    RegionLimit.objects.bulk_create(RegionLimit(user=user, region_id=pk) for pk in wanted.keys() - before.keys())
    names = [", ".join(sorted(region.name for region in some.values())) for some in (before, wanted)]
    audit.record(by=by, verb="user.regions_changed", target=user, changes={"regions": names})
