"""What is read of objectives and of how far they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import (
    Case,
    DecimalField,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Objective, ObjectiveProgress, Partner
from partners.objectives.progress import Aim, Standing, Tally, next_aim, reached, shown, standing, tally
from prm.common.fiscal import FiscalQuarter, FiscalYear
from prm.common.vendor import fiscal_calendar, today, vendor_settings

QUARTERS = (1, 2, 3, 4)
YEARS_BACK, YEARS_AHEAD = 10, 5
Side = Objective.Side

# Whether the latest entry reaches the goal, of rows with `latest_value`. Compared, not divided: no rounding decides.
MET = (
    Q(goal=None, latest_value__gte=100)
    | Q(goal__gt=F("baseline"), latest_value__gte=F("goal"))
    | Q(goal__lt=F("baseline"), latest_value__lte=F("goal"))
)


def may_write(user: User, side: str) -> bool:
    """Whether this person sets objectives of that side: the vendor's people both, with the partner; its own people their own."""
    if user.is_partner_side:
        return side == Side.PARTNER and user.can(Permission.PLAN_BUSINESS)
    return user.can(Permission.EDIT_PARTNERS)


def writable_sides(user: User) -> list[str]:
    return [side for side in Side.values if may_write(user, side)]


def aim(objective: Objective) -> Aim:
    return Aim(objective.baseline, objective.goal)


# ── All of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def objectives(user: User) -> QuerySet[Objective]:
    """Objectives this user sees, with their progress by quarter."""
    rows: QuerySet[Objective] = Objective.objects.visible_to(user).select_related("partner")
    entries = ObjectiveProgress.objects.unscoped("of objectives the user sees").select_related("by")
    return rows.prefetch_related(Prefetch("progress", queryset=entries.order_by("quarter")))


def with_latest(rows: QuerySet[Objective], until: int = 4) -> QuerySet[Objective]:
    """Adds `latest_value` of the latest quarter with an entry, no later than quarter `until`, and `percent` reached (both None
    without one)."""
    entries = ObjectiveProgress.objects.unscoped("of the objective of the row")
    latest = entries.filter(objective=OuterRef("pk"), quarter__lte=until).order_by("-quarter").values("value")[:1]
    way: Any = (F("latest_value") - F("baseline")) * Value(Decimal(100)) / (F("goal") - F("baseline"))
    number: Any = DecimalField(max_digits=40, decimal_places=20)
    return rows.annotate(latest_value=Subquery(latest)).annotate(
        percent=Case(
            When(goal=None, then=F("latest_value")),
            default=ExpressionWrapper(way, output_field=number),
            output_field=number,
        )
    )


def standing_of(objective: Objective, until: int = 4) -> Standing:
    """Of an objective out of `objectives(user)`."""
    entries = [(entry.quarter, entry.value) for entry in objective.progress.all() if entry.quarter <= until]
    return standing(aim(objective), entries)


def this_year() -> FiscalYear:
    return fiscal_calendar().year_of(today())


def years(partner: Partner, user: User) -> list[FiscalYear]:
    """The years one can look at: those with objectives, this one and the next; the latest first."""
    now = this_year()
    rows: QuerySet[Objective] = Objective.objects.visible_to(user).filter(partner=partner).order_by()
    known = set(rows.values_list("fiscal_year", flat=True).distinct())
    return [FiscalYear(year, now.start_month) for year in sorted({*known, now.year, now.year + 1}, reverse=True)]


def asked_year(text: str) -> FiscalYear:
    """The fiscal year that an address names; this one where it names none that objectives can be of."""
    now = this_year()
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else now.year
    return FiscalYear(wanted, now.start_month) if in_range(wanted, now) else now


def in_range(year: int, now: FiscalYear) -> bool:
    return now.year - YEARS_BACK <= year <= now.year + YEARS_AHEAD


def quarter_to_enter(year: FiscalYear) -> FiscalQuarter | None:
    """Where progress is entered now: this quarter, of a year that is over its last. None before the year has begun."""
    day = today()
    return next((quarter for quarter in reversed(year.quarters) if quarter.start <= day), None)


def begins(year: FiscalYear) -> bool:
    """Whether a year is to come, or in its first quarter: when one thinks of what the year before leaves."""
    return today() <= year.quarters[0].end


def begun(year: FiscalYear) -> list[FiscalQuarter]:
    """The quarters of a year that progress can be entered of."""
    day = today()
    return [quarter for quarter in year.quarters if quarter.start <= day]


# ── A partner's, both sides beside each other ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Entry:
    """What was entered of one quarter. `percent` as shown."""

    quarter: int
    value: Decimal
    percent: int
    note: str
    by: str


@dataclass(frozen=True)
class Line:
    """An objective as it stands; `slots`: its entry of each quarter, or None; `url`: where it is changed, "" where it can't be."""

    objective: Objective
    standing: Standing
    slots: tuple[Entry | None, ...]
    url: str

    @property
    def last(self) -> Entry | None:
        return next((slot for slot in reversed(self.slots) if slot), None)


@dataclass(frozen=True)
class Column:
    """The objectives of one side. `add_url`: where one is added, "" where this person can't."""

    side: str
    title: str
    lines: list[Line]
    dropped: list[Line]
    add_url: str
    nothing: str

    @cached_property
    def tally(self) -> Tally:
        return tally(line.standing for line in self.lines)

    @property
    def said(self) -> str:
        """How many of them are met, in words; "" where there are none."""
        if not self.lines:
            return ""
        return _("%(met)s of %(of)s met") % {"met": self.tally.met, "of": self.tally.objectives}


@dataclass(frozen=True)
class Board:
    """A partner's own objectives of a year and the vendor's of it."""

    partner: Partner
    year: FiscalYear
    columns: tuple[Column, Column]
    progress_url: str

    @property
    def lines(self) -> list[Line]:
        return [line for column in self.columns for line in column.lines]

    @property
    def writes(self) -> bool:
        return any(column.add_url for column in self.columns)


def address(user: User, name: str, *args: object) -> str:
    """The address of a page of objectives on this person's site."""
    return reverse(f"partners:{'portal_' if user.is_partner_side else ''}{name}", args=args)


def page_of(user: User, partner: Partner) -> str:
    """Where this person finds the partner's objectives."""
    return address(user, "objectives") if user.is_partner_side else reverse("partners:objectives", args=[partner.pk])


def for_plan(user: User, partner: Partner, year: int | None = None) -> Board:
    """The objectives of a partner for the fiscal year `year` (None: this one), both sides', as `user` sees and may change them.

    For `partners/objectives_panel.html`, which takes the board as `board` and the address to come back to as `back`.
    """
    found = FiscalYear(year, this_year().start_month) if year is not None else this_year()
    rows = objectives(user).filter(partner=partner, fiscal_year=found.year).order_by("position", "pk")
    own, vendors = (_column(user, partner, found, side, rows) for side in (Side.PARTNER, Side.VENDOR))
    progress = ""
    if any(column.add_url and column.lines for column in (own, vendors)) and quarter_to_enter(found):
        progress = f"{of(user, 'objectives_progress', partner)}?year={found.year}"
    return Board(partner, found, (own, vendors), progress)


def of(user: User, name: str, partner: Partner) -> str:
    """The address of a page of one partner's objectives on this person's site."""
    return address(user, name) if user.is_partner_side else address(user, name, partner.pk)


def _column(user: User, partner: Partner, year: FiscalYear, side: Side, rows: Iterable[Objective]) -> Column:
    writes = may_write(user, side)
    lines = [line(user, row, writes) for row in rows if row.side == side]
    title, nothing = _words(user, partner, side)
    return Column(
        side=side.value,
        title=title,
        lines=[one for one in lines if one.objective.dropped_at is None],
        dropped=[one for one in lines if one.objective.dropped_at is not None],
        add_url=f"{of(user, 'objective_add', partner)}?side={side.value}&year={year.year}" if writes else "",
        nothing=nothing,
    )


def _words(user: User, partner: Partner, side: Side) -> tuple[str, str]:
    if not user.is_partner_side:
        if side is Side.PARTNER:
            return _("The partner’s own"), _("What the partner wants to reach, by its own yardstick.")
        return _("Ours for this partner"), _("What we want to reach with this partner.")
    if side is Side.PARTNER:
        return _("Your own"), _("What you want to reach, by your own yardstick.")
    vendor = vendor_settings().name
    return _("%(vendor)s’s for you") % {"vendor": vendor}, _("What %(vendor)s wants to reach with you.") % {
        "vendor": vendor
    }


def line(user: User, row: Objective, writes: bool) -> Line:
    """An objective out of `objectives(user)`, with its quarters."""
    goes = aim(row)
    entries = {
        entry.quarter: Entry(
            entry.quarter,
            entry.value,
            shown(reached(goes, entry.value)),
            entry.note,
            entry.by.display_name if entry.by else "",
        )
        for entry in row.progress.all()
    }
    return Line(
        objective=row,
        standing=standing_of(row),
        slots=tuple(entries.get(quarter) for quarter in QUARTERS),
        url=address(user, "objective_edit", row.pk) if writes else "",
    )


# ── What the year before leaves ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Proposal:
    """What an objective of the year before could be in a year: nothing of it is kept before it is taken on."""

    before: Objective
    standing: Standing
    aim: Aim


def proposals(user: User, partner: Partner, year: FiscalYear) -> list[Proposal]:
    """The objectives of the year before that aren't there in `year` yet, of the sides this person sets; dropped ones are left."""
    rows = objectives(user).filter(partner=partner, side__in=writable_sides(user), dropped_at=None)
    before = rows.filter(fiscal_year=year.previous.year).order_by("side", "position", "pk")
    there = {same(one.side, one.title) for one in objectives(user).filter(partner=partner, fiscal_year=year.year)}
    found: list[Proposal] = []
    for row in before:
        if same(row.side, row.title) not in there:
            now = standing_of(row)
            found.append(Proposal(row, now, next_aim(aim(row), now)))
    return found


def same(side: str, title: str) -> tuple[str, str]:
    """What makes two objectives of one year the same to a reader."""
    return side, " ".join(title.split()).casefold()
