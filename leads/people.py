"""Who takes part: the vendor's people who can hold a lead, and those of a partner who answer offers."""

from django.db.models import QuerySet

from accounts.models import User
from accounts.permissions import ROLES, Permission
from partners.models import Partner
from partners.queries import holders


def who_can_hold() -> QuerySet[User]:
    """The vendor's own people who see leads; no distributor's."""
    return holders(Permission.SEE_LEADS).filter(membership=None)


def sellers(partner: Partner) -> list[User]:
    """Who of the partner's side can accept leads and work on them."""
    roles = [role for role, permissions in ROLES.items() if Permission.SELL in permissions]
    rows = User.objects.filter(membership__partner=partner, is_active=True, groups__name__in=roles)
    return list(rows.distinct().order_by("name", "id"))
