"""What stands on the performance scorecard of one partner, for the vendor's side or the partner's own."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from partners import queries
from partners.models import Action, Partner, Touch
from prm.charts import Columns, ColumnSeries, Dial, Missing
from prm.common.explain import Explanation
from prm.common.fiscal import FiscalYear
from prm.common.rag import Rag
from prm.common.vendor import today
from scorecards.models import PerformanceReview
from scorecards.performance.card import Performance
from scorecards.performance.figures import shown
from scorecards.performance_page import points, table
from scorecards.performance_page.level import Level, level
from scorecards.performance_page.words import amount, told

TOUCHES, ACTIONS, DEALS, REVIEWS = 5, 6, 8, 4
BESIDE = (
    "growth", "average_deal", "win_rate", "win_rate_value", "sales_cycle", "partner_led", "retention", "training", "tasks",
    "pipeline_weighted", "pipeline_overdue", "recency_won", "recency_touch", "engagement", "growth_potential", "rank_value",
)  # fmt: skip
"""Figures shown beside the dials and the quarters."""


@dataclass(frozen=True)
class DialPanel:
    chart: Dial
    line: str
    url: str


@dataclass(frozen=True)
class FigureLine:
    key: str
    name: str
    text: str
    reason: str
    url: str
    internal: bool


@dataclass(frozen=True)
class ReviewLine:
    on: dt.date
    by: str
    note: str
    note_shared: bool
    line: str
    undo_url: str


class Page:
    """The scorecard of one partner on a day. `here` is the address it was opened at, to come back to."""

    def __init__(
        self, user: User, partner: Partner, day: dt.date, side: Side, *, family: bool = False, here: str = ""
    ) -> None:
        self.user, self.partner, self.day, self.side, self.here = user, partner, day, side, here
        self.shared = side.shared
        self.family = family and self.branch_count > 0

    @cached_property
    def card(self) -> Performance:
        return Performance(self.user, self.partner, self.day, family=self.family)

    @property
    def figures_of(self) -> Figures:
        return self.card.figures_of

    def explain(self, key: str, on: dt.date | None = None) -> str:
        """The page behind a figure of this day, or of another one."""
        day = on or self.day
        return self.side.explain(
            self.partner, key, on=day if day != self.today else None, family="1" if self.family else ""
        )

    # ── Where and when ───────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def today(self) -> dt.date:
        return today()

    @property
    def is_past(self) -> bool:
        return self.day < self.today

    @cached_property
    def year(self) -> FiscalYear:
        return fiscal_calendar().year_of(self.day)

    @property
    def currency(self) -> str:
        return self.figures_of.inputs.currency

    @cached_property
    def branch_count(self) -> int:
        return 0 if self.shared else Partner.objects.visible_to(self.user).filter(parent=self.partner).count()

    def _address(self, name: str, **query: Any) -> str:
        on = self.day if self.is_past else None
        return self.side.url(name, self.partner, **{"on": on, "family": "1" if self.family else "", **query})

    @property
    def url(self) -> str:
        return self._address("performance")

    @property
    def today_url(self) -> str:
        return self._address("performance", on=None)

    @property
    def alone_url(self) -> str:
        return self._address("performance", family="")

    @property
    def family_url(self) -> str:
        return self._address("performance", family="1")

    @property
    def pdf_url(self) -> str:
        return self._address("performance_pdf")

    @property
    def a4_url(self) -> str:
        return self._address("performance_pdf", paper="a4")

    @property
    def letter_url(self) -> str:
        return self._address("performance_pdf", paper="letter")

    @property
    def xlsx_url(self) -> str:
        return self._address("performance_xlsx")

    @property
    def review_url(self) -> str:
        return reverse("scorecards:performance_review", args=[self.partner.pk])

    @property
    def mail_url(self) -> str:
        return reverse("scorecards:performance_mail", args=[self.partner.pk])

    @property
    def uses_letter(self) -> bool:
        """Whether the partner's country, or where that is unknown the vendor's part of the world, prints on Letter."""
        if self.partner.country:
            return self.partner.country in LETTER_COUNTRIES
        return vendor_settings().time_zone.startswith("America/")

    # ── Figures ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def dials(self) -> list[DialPanel]:
        return dials.dials(self)

    @cached_property
    def rows(self) -> list[table.Row]:
        return table.shown(self.card.quarters, self.year, self.currency, self.explain)

    @property
    def columns(self) -> list[table.Column]:
        return [cell.column for cell in self.rows[0].cells] if self.rows else []

    @cached_property
    def level(self) -> Level:
        return level(self.user, self.partner, self.day)

    @cached_property
    def figures(self) -> list[FigureLine]:
        """What stands beside dials and quarters; of the partner's side nothing internal."""
        found = self.card.figures
        return [self._line(key, found[key]) for key in BESIDE if key in found]

    def _line(self, key: str, explanation: Explanation) -> FigureLine:
        figures = self.figures_of
        return FigureLine(
            key,
            str(figures.name(key)),
            told(explanation, self.currency),
            str(explanation.why_missing or ""),
            self.explain(key),
            figures.is_internal(key),
        )

    @property
    def trend(self) -> Columns:
        points = self.card.trend
        return Columns(
            id="trend",
            title=_("Actual and target by month"),
            periods=tuple(date_format(point.month.start, "M y") for point in points),
            series=(ColumnSeries(_("Actual"), tuple(point.actual for point in points)),),
            targets=tuple(point.target for point in points),
            target_name=_("Target"),
        )

    @property
    def has_trend(self) -> bool:
        return any(point.actual or point.target for point in self.card.trend)

    # ── The work ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _sees_work(self) -> bool:
        return self.shared or self.user.can(Permission.SEE_WORK)

    @cached_property
    def deals(self) -> list[DealLine]:
        return []

    @cached_property
    def actions(self) -> list[Action]:
        if not self._sees_work:
            return []
        rows = queries.with_lateness(queries.actions(self.user), self.today)
        return list(rows.filter(partner=self.partner, status__in=Action.LIVE)[:ACTIONS])

    @property
    def actions_link(self) -> SafeString | str:
        if self.side is BY_LINK:
            return ""
        address = (
            reverse("partners:portal_actions") if self.shared else reverse("partners:actions", args=[self.partner.pk])
        )
        return format_html('<a href="{}">{}</a>', address, _("Action plan")) if self._sees_work else ""

    @property
    def shows_touches(self) -> bool:
        return self._sees_work

    @cached_property
    def touches(self) -> list[Touch]:
        return list(queries.touches(self.partner, self.user)[:TOUCHES]) if self._sees_work else []

    @cached_property
    def points(self) -> list[points.Point]:
        return points.points(self.figures_of, self.explain, shared=self.shared)

    @property
    def internal_note(self) -> str:
        return "" if self.shared or not self.user.can(Permission.SEE_WORK) else self.partner.internal_note

    @cached_property
    def reviews(self) -> list[ReviewLine]:
        rows = PerformanceReview.objects.visible_to(self.user).filter(partner=self.partner).select_related("by")
        return [self._review(review) for review in rows[:REVIEWS]]

    def _review(self, review: PerformanceReview) -> ReviewLine:
        seen = review.shared or not self.shared
        undo = not self.shared and may_take_back(self.user, review)
        return ReviewLine(
            review.on,
            review.by.display_name if review.by else "",
            review.note if seen else "",
            review.shared,
            digest.review_line(review, shared=self.shared),
            reverse("scorecards:performance_review_undo", args=[review.pk]) if undo else "",
        )
