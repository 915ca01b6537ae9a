"""The filter over due items: that of partners, and task, state and when."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cadence import tools
from cadence.models import DueItem
from cadence.queries import late
from partners.filters import PartnerFilter
from partners.models import Partner
from prm.common.filters import MenuField
from prm.common.vendor import fiscal_calendar, today

State = DueItem.State
OWN = ("task", "state", "due")


class DueFilter(PartnerFilter):
    """Which due items: of the partners that the other fields find; those still open unless the state says otherwise."""

    task = MenuField(label=_("Task"))
    state = MenuField(
        label=_("State"),
        choices=[("late", _("Late")), ("waiting", _("Not due yet")), *State.choices[1:]],
        any_label=_("Open and late"),
    )
    due = forms.ChoiceField(
        label=_("Due"),
        required=False,
        choices=[("", _("Any time")), ("fortnight", _("Next 14 days")), ("quarter", _("This quarter"))],
    )
    field_order = ("q", *OWN)

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data, user=user)
        task: Any = self.fields["task"]
        task.choices = [
            *((tool.task, tool.label) for tool in tools.seen_by(user)),
            *((watch.key, watch.label) for watch in tools.watched_by(user)),
        ]

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Expects a queryset of due items."""
        if self.active.keys() - set(OWN):
            partners = super().narrow(Partner.objects.visible_to(self.user))
            queryset = queryset.filter(partner__in=partners.order_by().values("pk"))
        return self._own(queryset, today())

    def _own(self, items: QuerySet[DueItem], day: dt.date) -> QuerySet[DueItem]:
        values = self.cleaned_data
        states = {
            "late": late(day),
            "waiting": Q(state=State.OPEN, due_on__gte=day),
            State.DONE: Q(state=State.DONE),
            State.SKIPPED: Q(state=State.SKIPPED),
        }
        wanted = Q(pk__in=[])
        for state in values["state"]:
            wanted |= states[state]
        items = items.filter(wanted if values["state"] else Q(state=State.OPEN))
        if values["task"]:
            items = items.filter(task__in=values["task"])
        if values["due"] == "fortnight":
            items = items.filter(due_on__range=(day, day + dt.timedelta(days=14)))
        elif values["due"] == "quarter":
            this = fiscal_calendar().quarter_of(day)
            items = items.filter(due_on__range=(this.start, this.end))
        return items
