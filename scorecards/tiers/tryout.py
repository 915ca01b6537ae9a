"""Trying a version out on today's partners: who moves, and because of what. Nothing is changed by it.

A version that is still to start is held against the one in force; the one in force against the tiers assigned.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners.filters import PartnerFilter
from partners.models import Partner, Tier
from partners.queries import partner_list
from prm.common.filters import MenuField
from prm.common.lists import exportable
from prm.common.models import Policy
from prm.common.vendor import today
from prm.documents import table as tables
from prm.documents.csv import write_csv
from prm.documents.table import Kind, Table, Value
from prm.documents.xlsx import workbook
from scorecards.tiers import programs, reading, standing, words
from scorecards.tiers.program import Program
from scorecards.tiers.qualifying import Evaluation, evaluate

UP, DOWN, SAME = "up", "down", "same"
MOVES = {UP: gettext_lazy("Up"), DOWN: gettext_lazy("Down"), SAME: gettext_lazy("Stays")}
ORDER = {DOWN: 0, UP: 1, SAME: 2}


class TryoutFilter(PartnerFilter):
    """The partner filter, and which way they move."""

    move = MenuField(label=gettext_lazy("Moves"), choices=list(MOVES.items()))


@dataclass(frozen=True)
class Row:
    """A partner: its tier before (qualified by the version in force, or assigned) and by the version tried out."""

    partner: Partner
    before: Tier | None
    after: Tier | None
    move: str
    evaluation: Evaluation
    old: Evaluation | None

    @property
    def move_name(self) -> str:
        return str(MOVES[self.move])


class Tryout:
    """The version tried out on the partners a user sees, as `query` filters them."""

    def __init__(self, user: User, policy: Policy, query: QueryDict, day: dt.date | None = None) -> None:
        self.user = user
        self.policy = policy
        self.day = day or today()
        self.filter = TryoutFilter(query, user=user)
        self.program = programs.read(policy)
        current = programs.in_force(self.day)
        self.current = current if current and current.policy.pk != policy.pk else None
        self.tiers = standing.tiers_by_key()
        self.name = _("Try-out of the tier rules")

    @cached_property
    def units(self) -> Mapping[str, str]:
        return standing.units()

    @cached_property
    def everybody(self) -> list[Row]:
        """All partners that the filter finds, whichever way they move."""
        partners = list(self.filter.apply(partner_list(self.user)))
        return sorted(
            self._rows(partners), key=lambda row: (ORDER[row.move], row.partner.name.casefold(), row.partner.pk)
        )

    @cached_property
    def rows(self) -> list[Row]:
        wanted = self.filter.cleaned_data.get("move") if self.filter.is_valid() else []
        return [row for row in self.everybody if row.move in wanted] if wanted else self.everybody

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many move up, down, stay."""
        found = Counter(row.move for row in self.everybody)
        return {move: found[move] for move in MOVES}

    @cached_property
    def by_tier(self) -> list[tuple[Tier | None, int, int]]:
        """(tier, or None for none; how many before; how many after), from the lowest."""
        before = Counter(row.before.pk if row.before else None for row in self.everybody)
        after = Counter(row.after.pk if row.after else None for row in self.everybody)
        every: list[Tier | None] = [None, *self.tiers.values()]
        return [(tier, before[tier.pk if tier else None], after[tier.pk if tier else None]) for tier in every]

    @property
    def against(self) -> str:
        if self.current is None:
            return _("the tiers assigned today")
        return _("the version in force since %(date)s") % {"date": date_format(self.current.starts_on, "DATE_FORMAT")}

    def _rows(self, partners: list[Partner]) -> Iterator[Row]:
        rank: dict[int | None, int] = {tier.pk: place for place, tier in enumerate(self.tiers.values(), 1)}
        rank[None] = 0
        asked: list[Program] = [self.program, *([self.current.program] if self.current else [])]
        for start in range(0, len(partners), standing.BATCH):
            batch = partners[start : start + standing.BATCH]
            facts = reading.facts([partner.pk for partner in batch], asked, self.day)
            for partner in batch:
                new = evaluate(self.program, facts[partner.pk])
                old = evaluate(self.current.program, facts[partner.pk]) if self.current else None
                before = self.tiers.get(old.qualified or "") if old else partner.tier
                after = self.tiers.get(new.qualified or "")
                step = rank[after.pk if after else None] - rank[before.pk if before else None]
                yield Row(partner, before, after, UP if step > 0 else DOWN if step < 0 else SAME, new, old)

    def why(self, row: Row) -> str:
        """Down: what is missing by the new rules; up: what the old ones asked for besides."""
        if row.move == DOWN:
            return self._missing(row.evaluation)
        if row.move == UP and row.old is not None:
            return _("No longer in the way: %(what)s") % {"what": self._missing(row.old)}
        if row.move == UP:
            return _("Meets all that %(tier)s asks for") % {"tier": row.after}
        return ""

    def _missing(self, evaluation: Evaluation) -> str:
        unmet = evaluation.next.unmet if evaluation.next else ()
        return "; ".join(f"{each.requirement.name}: {words.missing(each, self.units)}" for each in unmet)

    # ── As a file ──

    @property
    def total(self) -> int:
        return len(self.rows)

    def file(self, kind: str, *, progress: Callable[[int, int], None]) -> bytes:
        """All rows as a file: "csv" or "xlsx"."""
        columns = [
            tables.Column(_("Partner"), width=32),
            tables.Column(_("Region")),
            tables.Column(_("CAM")),
            tables.Column(_("Assigned")),
            tables.Column(_("Before")),
            tables.Column(_("By this version")),
            tables.Column(_("Moves")),
            tables.Column(_("Why"), Kind.TEXT, width=60),
        ]
        if kind == "csv":
            return "".join(write_csv(columns, self._records(progress))).encode()
        return workbook([Table(str(self.name), columns, self._records(progress))], title=str(self.name))

    def _records(self, progress: Callable[[int, int], None]) -> Iterator[list[Value]]:
        for number, row in enumerate(self.rows):
            if number % 500 == 0:
                progress(number, self.total)
            partner: Any = row.partner
            yield [
                partner.name, _text(partner.region), partner.cam.display_name if partner.cam else "", _text(partner.tier),
                _text(row.before), _text(row.after), row.move_name, self.why(row),
            ]  # fmt: skip


def _text(named: Any) -> str:
    return str(named) if named else ""


@exportable("tiers.tryout")
def tryout_export(user: User, query: QueryDict) -> Tryout:
    """The version is named by `version` in the address; the one in force where it is gone."""
    number = query.get("version", "")
    policy = programs.versions().filter(pk=int(number)).first() if number.isdecimal() else None
    if policy is None:
        found = programs.in_force(today())
        if found is None:
            raise LookupError("There is no version of the tier rules")
        policy = found.policy
    return Tryout(user, policy, query)
