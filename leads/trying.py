"""A trial of other rules as a page shows it: by whom the leads would be held, and which would have gone elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from accounts.models import User
from leads import trial
from leads.models import Lead, LeadTrial
from leads.trial import Given
from partners.models import Partner


@dataclass(frozen=True)
class Row:
    """A lead that came in then: whom it went to first, whom it would have gone to, and by which rule."""

    lead: Lead | None
    before: str
    after: str
    rule: str
    differs: bool


class Tried:
    """A finished trial as this person sees it. `everything`: also the leads that would have gone where they went."""

    def __init__(self, user: User, found: LeadTrial, *, everything: bool) -> None:
        result = trial.result(found)
        assert result is not None
        self.user, self.result, self.everything = user, result, everything

    @property
    def rows(self) -> Sequence[Given]:
        return [row for row in self.result.rows if self.everything or row.differs]

    @property
    def total(self) -> int:
        return len(self.result.rows)

    @property
    def share(self) -> int | None:
        """Percent of the leads that would have gone to somebody else; None where there were none."""
        return round(100 * self.result.changed / self.total) if self.total else None

    @cached_property
    def names(self) -> dict[str, str]:
        """Whom leads went or would go to, in words."""
        partners = dict(
            Partner.objects.visible_to(self.user).filter(pk__in=self._ids("partner")).values_list("pk", "name")
        )
        people = {user.pk: user.display_name for user in User.objects.filter(pk__in=self._ids("direct"))}
        return {
            holder: _("Queue") if not number
            else partners.get(int(number), _("Another partner")) if kind == "partner"
            else people.get(int(number), _("Somebody of ours"))
            for holder in self.result.by_holder
            for kind, _colon, number in [holder.partition(":")]
        }  # fmt: skip

    def _ids(self, kind: str) -> list[int]:
        return [int(each.partition(":")[2]) for each in self.result.by_holder if each.startswith(f"{kind}:")]

    @property
    def holders(self) -> list[tuple[str, int, int, int]]:
        """(who, leads that went there first, leads that would have, the difference), the largest difference first."""
        rows = [
            (self.names[holder], before, after, after - before)
            for holder, (before, after) in self.result.by_holder.items()
        ]
        return sorted(rows, key=lambda row: (-abs(row[3]), row[0].casefold()))

    def named(self, rows: Sequence[Given]) -> list[Row]:
        """Rows of a page with the leads that this person sees."""
        leads = Lead.objects.visible_to(self.user).in_bulk([row.lead_id for row in rows])
        return [
            Row(leads.get(row.lead_id), self.names[row.before], self.names[row.after], row.rule, row.differs)
            for row in rows
        ]
