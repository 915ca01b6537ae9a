"""Which partners a person sees: the one rule behind every `visible_to`."""

from django.db.models import Q

from accounts.models import User
from accounts.permissions import Role
from partners.models import Partner
from prm.common import once
from prm.common.scoping import partner_rule


@partner_rule
def partners_q(user: User, path: str) -> Q:
    """The rows whose partner (at `path`; "" for the partner itself) this user may see.

    - vendor admin, operations, marketing: all; a chief: all, or those of the regions the chief is limited to
    - CAM: partners assigned as owner or cover
    - distributor user: partners their distributor covers
    - partner user: their own partner; the partner's side as such: that partner
    """
    at = f"{path}__" if path else ""
    if not user.is_active or not user.roles:
        return Q(pk__in=[])
    if user.stands_for is not None:
        return Q(**{f"{at}pk": user.stands_for})
    if user.is_partner_side:
        return Q(**{f"{at}members__user": user.pk})
    if user.roles & {Role.ADMIN, Role.OPERATIONS, Role.MARKETING}:
        return Q()
    allowed = Q(pk__in=[])
    if Role.CHIEF in user.roles:
        regions = once.read(("regions", user.pk), lambda: list(user.region_limits.values_list("region_id", flat=True)))
        if not regions:
            return Q()
        allowed |= Q(**{f"{at}region__in": regions})
    if Role.CAM in user.roles:
        allowed |= Q(**{f"{at}cam": user.pk}) | Q(**{f"{at}cover": user.pk})
    if Role.DISTRIBUTOR in user.roles:
        allowed |= Q(**{f"{at}distributor__members__user": user.pk})
    return allowed


def partner_side(partner: Partner) -> User:
    """The partner's side as such, nobody in particular: sees what any of its people may see, and can't be saved or sign in.

    For what the vendor makes for the partner, a deck say, also where none of the partner's people has an account.
    """
    user = User(pk=-partner.pk, name=partner.name)
    user.stands_for = partner.pk
    user.__dict__["roles"] = frozenset({Role.PARTNER_CHAMPION})
    return user
