"""The partner page as a place: later tools add their tab, their chip in the header and what falls due."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners import queries
from partners.models import Action, Partner
from prm.common.vendor import today


@dataclass(frozen=True)
class Tab:
    """A tab of the partner page: a page of its own at `url_name`, whose argument is the partner's id. How many there are of `counted`,
    rows of one kind or of several, stands beside its name."""

    key: str
    label: Any
    url_name: str
    permission: Permission
    order: int
    counted: Callable[[Partner, User], Sequence[QuerySet[Any]]] | None = None


@dataclass(frozen=True)
class Chip:
    """A figure in the header. `status` is green, amber, red or ""; a `value` of None is shown as a dash with `reason`."""

    label: Any
    value: str | None
    status: str = ""
    reason: str = ""
    url: str = ""


@dataclass(frozen=True)
class Due:
    """What is due next of one kind."""

    label: str
    on: dt.date
    url: str


ChipSource = Callable[[Partner, User], Chip | None]
DueSource = Callable[[Partner, User], Due | None]

_tabs: dict[str, Tab] = {}
_chips: list[tuple[int, ChipSource]] = []
_dues: list[DueSource] = []


def tab(entry: Tab) -> Tab:
    """Registers a tab."""
    _tabs[entry.key] = entry
    return entry


def chip(order: int) -> Callable[[ChipSource], ChipSource]:
    """Registers (partner, user) → Chip for the header, or None where this user has no business with it."""

    def register(function: ChipSource) -> ChipSource:
        _chips.append((order, function))
        return function

    return register


def due(function: DueSource) -> DueSource:
    """Registers (partner, user) → what is due next; the header shows the earliest of all."""
    _dues.append(function)
    return function


def find(request: HttpRequest, pk: int | None = None) -> Partner:
    """The partner, if this person may see it; else 404, as for one that isn't there. In the portal's addresses none stands: there
    it is the person's own."""
    user: Any = request.user
    # Cover, parent and distributor, which few partners have, are read where they are shown.
    rows = Partner.objects.visible_to(user).select_related("tier", "stage", "partner_type", "region", "cam")
    return get_object_or_404(rows) if pk is None else get_object_or_404(rows, pk=pk)


def page(
    request: HttpRequest,
    partner: Partner,
    key: str,
    template: str,
    context: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page under the partner's header, with tab `key` current. The template extends partners/hub.html."""
    return render(request, template, {**header(request, partner, key), **(context or {})}, status=status)


def header(request: HttpRequest, partner: Partner, key: str) -> dict[str, Any]:
    """What partners/hub.html needs."""
    user: Any = request.user
    entries = [entry for entry in sorted(_tabs.values(), key=lambda entry: entry.order) if user.can(entry.permission)]
    counts = _counts({entry.key: entry.counted(partner, user) for entry in entries if entry.counted})
    tabs = [
        {
            "label": entry.label,
            "url": reverse(entry.url_name, args=[partner.pk]),
            "current": entry.key == key,
            "count": counts.get(entry.key) or None,
        }
        for entry in entries
    ]
    dues = [found for source in _dues if (found := source(partner, user))]
    next_due = min(dues, key=lambda found: found.on, default=None)
    return {
        "partner": partner,
        "tabs": tabs,
        "chips": [
            shown for _order, chip in sorted(_chips, key=lambda entry: entry[0]) if (shown := chip(partner, user))
        ],
        "next_due": next_due,
        "due_is_late": next_due is not None and next_due.on < today(),
        "last_touch": queries.touches(partner, user).first() if user.can(Permission.SEE_WORK) else None,
        "can_edit": user.can(Permission.EDIT_PARTNERS),
        "can_assign": user.can(Permission.ASSIGN_PARTNERS),
        "sees_work": user.can(Permission.SEE_WORK),
    }


def _counts(counted: Mapping[str, Sequence[QuerySet[Any]]]) -> dict[str, int]:
    """How many rows there are under each key, all asked for at once."""
    parts = [
        rows.order_by().annotate(_key=Value(key)).values("_key").annotate(_n=Count("pk")).values_list("_key", "_n")
        for key, several in counted.items()
        for rows in several
    ]
    found: dict[str, int] = defaultdict(int)
    for key, n in parts[0].union(*parts[1:], all=True) if parts else ():
        found[key] += n
    return found


def _open_actions(partner: Partner, user: User) -> list[QuerySet[Action]]:
    return [Action.objects.visible_to(user).filter(partner=partner, status__in=Action.LIVE)]


@due
def next_action(partner: Partner, user: User) -> Due | None:
    action = queries.next_action(partner, user) if user.can(Permission.SEE_WORK) else None
    if action is None or action.due_on is None:
        return None
    return Due(action.title, action.due_on, reverse("partners:actions", args=[partner.pk]))


tab(Tab("overview", _("Overview"), "partners:hub", Permission.SEE_PARTNERS, 0))
tab(Tab("actions", _("Actions"), "partners:actions", Permission.SEE_WORK, 80, _open_actions))
tab(Tab("people", _("People"), "partners:people", Permission.SEE_PARTNERS, 90))
tab(Tab("history", _("History"), "partners:history", Permission.SEE_WORK, 99))
