"""Which customers that the vendor doesn't know by itself its people see all the same: those that the partner shares."""

from __future__ import annotations

from django.db.models import Q

from accountplans.models import AccountTarget, Sharing, shared
from accounts.models import User
from accounts.permissions import Permission
from pipeline.models.catalogue import customers_shared

NOTHING = Q(pk__in=[])


@customers_shared
def sight(user: User) -> Q:
    """All of those who share all; of those who share targets the customers that are one, or were ruled out."""
    if not user.can(Permission.SEE_ACCOUNT_PLANS):
        return NOTHING
    decided = AccountTarget.objects.unscoped("of partners that share their targets").order_by()
    by_target = decided.filter(customer__partner__in=shared(Sharing.Level.TARGETS)).values("customer")
    return Q(partner__in=shared(Sharing.Level.ALL)) | Q(pk__in=by_target)
