"""The vendor's people who can hold a lead."""

from django.db.models import QuerySet

from accounts.models import User
from leads.reading import HOLDERS


def who_can_hold() -> QuerySet[User]:
    """Those who see leads; no distributor's."""
    return User.objects.filter(is_active=True, groups__name__in=HOLDERS).distinct().order_by("name", "id")
