"""What one partner's verified activities brought: who decides about its next request looks at it."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from marketing.models import ActivityResult
from partners.models import Partner
from prm.common.explain import Figure
from prm.common.money import NoRate
from prm.common.vendor import rates


def verified_roi(partner: Partner) -> Figure:
    """(revenue − cost) ÷ cost of all activities of this partner that were verified: 2 is twice the cost, gained. Amounts at the rate of
    their plan's first day."""
    rows = ActivityResult.objects.unscoped("of the partner whose request is decided").filter(
        activity__plan__partner=partner, state=ActivityResult.State.VERIFIED
    )
    found = list(rows.values_list("revenue", "cost", "activity__plan__currency", "activity__plan__starts_on"))
    if not found:
        return Figure(reason=_("None of its activities is verified yet."))
    table, revenue, cost = rates(), Decimal(0), Decimal(0)
    for came, spent, currency, on in found:
        try:
            rate = table.rate(currency, on)
        except NoRate as error:
            return Figure(reason=_("There is no rate for %(currency)s.") % {"currency": error.currency})
        revenue, cost = revenue + came * rate, cost + spent * rate
    if not cost:
        return Figure(reason=_("They cost nothing."))
    return Figure((revenue - cost) / cost)
