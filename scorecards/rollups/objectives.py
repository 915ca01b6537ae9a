"""The roll-up of objectives: how many partners met what they wanted to reach themselves, and what the vendor wants of them.

Of the objectives of a fiscal year as entered up to the end of one of its quarters. A partner met its objectives where each that
isn't dropped is reached; one without any counts in no share.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners.filters import Narrowing, PartnerFilter, narrowing
from partners.models import Objective, Partner
from prm.charts import Columns, ColumnSeries, Missing, Tone
from prm.common.fiscal import FiscalQuarter
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import format_percent
from prm.common.vendor import fiscal_calendar
from prm.documents.table import Column, Table
from scorecards.filters import ROWS
from scorecards.rollups import families, figures, sql
from scorecards.rollups.grid import Figure, Grid, Line, integer, percent
from scorecards.rollups.groups import Groups
from scorecards.rollups.page import in_sentence
from scorecards.rollups.sql import Sql

OWN, VENDOR = Objective.Side.PARTNER.value, Objective.Side.VENDOR.value
SIDES = (OWN, VENDOR)
# How a partner stands with the objectives of a side: all reached; some entered, not all reached; none entered; none set.
STATES = ("met", "open", "silent", "none")
SET = "set"  # any but none
CHARTED = 12

savable("scorecards:rollup_objectives", gettext_lazy("Objectives roll-up"))


class ObjectivesFilter(PartnerFilter):
    """Partners and quarter, and what the rows stand for."""

    by = forms.ChoiceField(label=gettext_lazy("Rows"), required=False, choices=list(ROWS.items()))

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data, user=user, with_period=True)
        self.order_fields(["period", "by"])

    @property
    def dimension(self) -> str:
        """What the rows stand for."""
        asked = self.data.get("by", "")
        return asked if asked in ROWS else next(iter(ROWS))


@dataclass
class Standings:
    """Partners of one group, by how they stand with their own objectives and with the vendor's."""

    id: int | None
    of: dict[str, dict[str, int]] = field(default_factory=lambda: {side: dict.fromkeys(STATES, 0) for side in SIDES})

    @property
    def partners(self) -> int:
        return sum(self.of[OWN].values())

    def count(self, side: str, state: str) -> int:
        return self.partners - self.of[side]["none"] if state == SET else self.of[side][state]

    def share(self, side: str) -> Any:
        """Who met them in percent of those who have some; None where nobody has."""
        return figures.share(self.of[side]["met"], self.count(side, SET))


def _parts(user: User, quarter: FiscalQuarter) -> dict[str, Any]:
    """The parts `own` and `theirs` (partner_id, state), of partners that have objectives of that side."""
    rows = Objective.objects.visible_to(user).filter(fiscal_year=quarter.year, dropped_at=None).order_by()
    latest = Sql(
        """SELECT DISTINCT ON (p.objective_id) p.objective_id, p.value
        FROM partners_objectiveprogress p JOIN goals g ON g.id = p.objective_id WHERE p.quarter <= %s
        ORDER BY p.objective_id, p.quarter DESC""",
        (quarter.number,),
    )
    return {
        "goals": rows.values("id", "partner_id", "side", "baseline", "goal"),
        "latest": latest,
        "sides": Sql(
            """SELECT g.partner_id, g.side, CASE
                WHEN bool_and(l.value IS NOT NULL AND CASE WHEN g.goal IS NULL THEN l.value >= 100
                    WHEN g.goal > g.baseline THEN l.value >= g.goal ELSE l.value <= g.goal END) THEN 'met'
                WHEN count(l.value) = 0 THEN 'silent' ELSE 'open' END AS state
            FROM goals g LEFT JOIN latest l ON l.objective_id = g.id GROUP BY g.partner_id, g.side"""
        ),
    }


def standings(user: User, partners: QuerySet[Partner], quarter: FiscalQuarter, *, rows: str) -> list[Standings]:
    """By group of `rows` (a dimension): how these partners stood at the end of the quarter, or stand now while it runs."""
    found = sql.read(
        sql.compose(
            """SELECT grp, coalesce(o.state, 'none'), coalesce(v.state, 'none'), count(*) FROM scope
            LEFT JOIN sides o ON o.partner_id = scope.id AND o.side = %s
            LEFT JOIN sides v ON v.partner_id = scope.id AND v.side = %s GROUP BY 1, 2, 3""",
            SIDES,
            scope=sql.scope(partners, grp=rows),
            **_parts(user, quarter),
        )
    )
    groups: dict[int | None, Standings] = {}
    for group, own, vendors, count in found:
        counts = groups.setdefault(group, Standings(group))
        counts.of[OWN][own] += count
        counts.of[VENDOR][vendors] += count
    return list(groups.values())


# ── The way down ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Behind:
    """The partners that stand in one way with the objectives of one side."""

    side: str
    quarter: FiscalQuarter
    state: str


def text(side: str, quarter: FiscalQuarter, state: str) -> str:
    """The value of the parameter `objectives` that narrows a list of partners to those behind a figure."""
    return f"{side}~{quarter.key}~{state}"


def _clean(value: str) -> Behind:
    side, _sep, rest = value.partition("~")
    key, _sep, state = rest.partition("~")
    wrong = forms.ValidationError(_("That is not a figure of a roll-up."))
    try:
        quarter = fiscal_calendar().parse(key)
    except ValueError:
        raise wrong from None
    if side not in SIDES or state not in (*STATES, SET) or not isinstance(quarter, FiscalQuarter):
        raise wrong
    return Behind(side, quarter, state)


def _apply(rows: QuerySet[Partner], behind: Behind, chosen: PartnerFilter) -> QuerySet[Partner]:
    where, params = "side = %s", [behind.side]
    if behind.state in ("met", "open", "silent"):
        where, params = "side = %s AND state = %s", [behind.side, behind.state]
    found = sql.compose(f"SELECT partner_id FROM sides WHERE {where}", params, **_parts(chosen.user, behind.quarter))
    inside = behind.state != "none"
    if found is None:
        return rows.none() if inside else rows
    narrowed = {"pk__in": RawSQL(found.text, found.params)}
    return rows.filter(**narrowed) if inside else rows.exclude(**narrowed)


def _describe(value: str, chosen: PartnerFilter) -> str:
    try:
        behind = _clean(value)
    except forms.ValidationError:
        return value
    words = {
        "met": _("%(whose)s: met, %(quarter)s"),
        "open": _("%(whose)s: not met yet, %(quarter)s"),
        "silent": _("%(whose)s: nothing entered, %(quarter)s"),
        "none": _("%(whose)s: none set, %(quarter)s"),
        SET: _("%(whose)s: set, %(quarter)s"),
    }
    return words[behind.state] % {"whose": Objective.Side(behind.side).label, "quarter": behind.quarter.label}


narrowing(Narrowing("objectives", gettext_lazy("Objectives"), _clean, _apply, _describe))


# ── The page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class ObjectivesPage(Groups):
    """The roll-up that an address asks for, as this user may see it."""

    family = families.OBJECTIVES
    tabs: ClassVar[tuple[()]] = ()

    def __init__(self, user: User, query: QueryDict) -> None:
        self.user, self.query = user, query
        self.filter = ObjectivesFilter(query, user=user)
        partners = self.filter.apply(Partner.objects.visible_to(user))
        found = standings(user, partners, self.quarter, rows=self.filter.dimension)
        self.groups: list[Standings] = self.in_order(found, lambda group: group.id)

    @property
    def quarter(self) -> FiscalQuarter:
        return self.filter.quarter

    @property
    def dimension(self) -> str:
        """What the rows stand for, in words."""
        return str(ROWS[self.filter.dimension])

    @property
    def title(self) -> str:
        return _("Objectives")

    @property
    def lead(self) -> str:
        return _("Who met the objectives of %(year)s, as entered up to the end of %(quarter)s.") % {
            "year": self.quarter.fiscal_year.label, "quarter": self.quarter.label,
        }  # fmt: skip

    @property
    def url_name(self) -> str:
        return "scorecards:rollup_objectives"

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    @property
    def file_url(self) -> str:
        return reverse("scorecards:rollup_objectives_xlsx") + self.filter.query_string()

    @property
    def all_url(self) -> str:
        """The list of the objectives themselves."""
        query = self.filter.query_string(period=None, by=None, sort=None, year=self.quarter.fiscal_year.key)
        return reverse("partners:objective_list") + query

    def list_url(self, **narrowed: str) -> str:
        """The list of exactly the partners of the filter, narrowed by these parameters."""
        query = self.filter.query_string(**dict.fromkeys(("period", "by", "sort", *narrowed)))
        own = urlencode({name: value for name, value in narrowed.items() if value})
        return f"{reverse('partners:list')}{query}{'&' if query else '?'}{own}"

    def group_url(self, group: int | None, **narrowed: str) -> str:
        return self.list_url(**{self.filter.dimension: self.value(group)}, **narrowed)

    @property
    def heading(self) -> str:
        return _("Partners that met their objectives of %(year)s, by %(rows)s") % {
            "year": self.quarter.fiscal_year.label, "rows": in_sentence(self.dimension),
        }  # fmt: skip

    @property
    def has_any(self) -> bool:
        return any(group.count(side, SET) for group in self.groups for side in SIDES)

    @property
    def chart(self) -> Columns:
        shown = self.groups[:CHARTED]

        def series(side: str, tone: Tone) -> ColumnSeries:
            nobody = Missing(_("Nobody has objectives here"))
            values = [share if (share := group.share(side)) is not None else nobody for group in shown]
            return ColumnSeries(str(Objective.Side(side).label), tuple(values), tone)

        return Columns(
            id="objectives-chart",
            title=self.heading,
            periods=tuple(self.name(group.id) for group in shown),
            series=(series(OWN, Tone.MAIN), series(VENDOR, Tone.GREY)),
            formatter=format_percent,
            note=_("The first %(n)s groups; the table has all.") % {"n": CHARTED} if len(self.groups) > CHARTED else "",
        )

    @property
    def heads(self) -> list[str]:
        """The columns under each of the two sides."""
        return [_("Met, %"), _("Have some"), _("Met all"), _("No entry")] * len(SIDES)

    @cached_property
    def grid(self) -> Grid:
        columns = [
            Column(self.dimension), integer(_("Partners")),
            percent(_("Their own met, %")), integer(_("Their own set")), integer(_("Their own met")), integer(_("Their own: nothing entered")),
            percent(_("The vendor’s met, %")), integer(_("The vendor’s set")), integer(_("The vendor’s met")), integer(_("The vendor’s: nothing entered")),
        ]  # fmt: skip
        lines = [
            Line(
                self.name(group.id),
                self._figures(group, lambda narrowed, pk=group.id: self.group_url(pk, objectives=narrowed)),
            )
            for group in self.groups
        ]
        together = Standings(None)
        for group in self.groups:
            for side in SIDES:
                for state in STATES:
                    together.of[side][state] += group.of[side][state]
        total = Line(_("Together"), self._figures(together, lambda narrowed: self.list_url(objectives=narrowed)))
        return Grid(self.heading, columns, lines, total if lines else None, self.query.get("page"))

    def _figures(self, group: Standings, link: Any) -> tuple[Figure, ...]:
        shown = [Figure(group.partners, url=link(""))]
        for side in SIDES:
            shown.append(Figure(group.share(side), reason=_("Nobody has objectives here")))
            for state in (SET, "met", "silent"):
                count = group.count(side, state)
                shown.append(Figure(count, url=link(text(side, self.quarter, state)) if count else ""))
        return tuple(shown)

    @property
    def how(self) -> list[str]:
        return [
            _("An objective is reached at 100%: of the way from its start to its goal, (value − from) ÷ (to − from), or of the percent entered where it has no goal in numbers. Its latest entry up to the end of the quarter counts."),
            _("A partner met its objectives where each of them is reached. Those without an entry aren’t reached; dropped ones don’t count; who has none counts in no share."),
            _("Partners count where they stand today, whatever the year looked at."),
        ]  # fmt: skip

    @property
    def file_name(self) -> str:
        return f"{self.title} {self.quarter.label}"

    @property
    def total_rows(self) -> int:
        """Always few: there are as many rows as groups."""
        return 0

    def sheets(self) -> list[Table]:
        return [self.grid.sheet()]
