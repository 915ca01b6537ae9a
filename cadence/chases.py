"""What is stuck, over the list of due items: it is nobody's item of a period, and still to be run after."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from accounts.models import User
from cadence import tools
from cadence.filters import OWN, DueFilter
from partners.filters import PartnerFilter
from partners.models import Partner
from prm.common.vendor import today


def stuck(user: User, chosen: Any) -> list[tools.Chase]:
    """What is stuck with the partners that the filter of due items finds, the oldest first; nothing where it asks for what is
    done, skipped or not due yet."""
    if not chosen.is_valid():
        return []
    states, tasks = chosen.cleaned_data["state"], chosen.cleaned_data["task"]
    if states and "late" not in states:
        return []
    found = [chase for key, chase in tools.stuck(user, today()) if not tasks or key in tasks]
    if found and chosen.active.keys() - set(OWN):
        partners = _narrowed(user, chosen, [chase.partner for chase in found])
        found = [chase for chase in found if chase.partner in partners]
    return sorted(found, key=lambda chase: (chase.due_on, chase.name))


def _narrowed(user: User, chosen: DueFilter, partners: list[int]) -> set[int]:
    """Those of the partners that the filter's part over partners finds."""
    query = QueryDict(mutable=True)
    for name, values in chosen.active.items():
        if name not in OWN:
            query.setlist(name, values)
    rows = PartnerFilter(query, user=user).apply(Partner.objects.visible_to(user))
    return set(rows.filter(pk__in=partners).values_list("pk", flat=True))
