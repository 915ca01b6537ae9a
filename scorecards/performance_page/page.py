"""What stands on the performance scorecard of one partner, for the vendor's side or the partner's own."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from partners import queries
from partners.models import Action, Partner, Touch
from prm.charts import Columns, ColumnSeries
from prm.common.explain import Explanation
from prm.common.fiscal import FiscalYear, Month
from prm.common.vendor import fiscal_calendar, today, vendor_settings
from scorecards.models import TierEvaluation
from scorecards.performance.card import Performance
from scorecards.performance.figures import Figures
from scorecards.performance.telling import missing
from scorecards.performance_page import deals, dials, points, table
from scorecards.performance_page.addresses import Side
from scorecards.performance_page.dials import LEVEL, DialPanel
from scorecards.performance_page.level import Level, level
from scorecards.performance_page.reviews import ReviewLine, lines
from scorecards.performance_page.words import told

TOUCHES, ACTIONS = 5, 6
PDF_ROWS, PDF_FIGURES = 8, 18  # for which one sheet of paper has room
ROOM = 12  # letters of an amount on it
LETTER_COUNTRIES = frozenset(["US", "CA", "MX", "PH", "CL", "CO", "CR", "DO", "GT", "HN", "NI", "PA", "PR", "SV", "VE"])
BESIDE = (
    "growth", "average_deal", "win_rate", "win_rate_value", "sales_cycle", "partner_led", "retention", "training", "tasks",
    "pipeline_weighted", "pipeline_overdue", "recency_won", "recency_touch", "engagement", "growth_potential",
)  # fmt: skip
"""Figures shown beside the dials and the quarters."""


@dataclass(frozen=True)
class FigureLine:
    key: str
    name: str
    text: str
    reason: str
    url: str
    internal: bool


class Page:
    """The scorecard of one partner on a day. `here` is the address it was opened at, to come back to; `shared`: as the partner
    sees it, also where the reader is the vendor."""

    def __init__(
        self,
        user: User,
        partner: Partner,
        day: dt.date,
        side: Side,
        *,
        family: bool = False,
        shared: bool = False,
        here: str = "",
    ) -> None:
        self.user, self.partner, self.day, self.side, self.here = user, partner, day, side, here
        self.shared = shared or side.shared
        self.family = family and self.branch_count > 0

    @cached_property
    def card(self) -> Performance:
        return Performance(self.user, self.partner, self.day, family=self.family, shared=self.shared)

    @property
    def told(self) -> Figures:
        """The figures themselves, each with its explanation."""
        return self.card.figures_of

    def explain(self, key: str) -> str:
        """The page behind a figure."""
        on = self.day if self.is_past else None
        return self.side.explain(self.partner, key, on=on, family="1" if self.family else "")

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
        return vendor_settings().reporting_currency

    @cached_property
    def branch_count(self) -> int:
        return 0 if self.side.shared else Partner.objects.visible_to(self.user).filter(parent=self.partner).count()

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
    def shared_a4_url(self) -> str:
        """As the partner sees it."""
        return self._address("performance_pdf", paper="a4", **{"for": "partner"})

    @property
    def shared_letter_url(self) -> str:
        return self._address("performance_pdf", paper="letter", **{"for": "partner"})

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

    def main(self, key: str) -> Explanation:
        """The figure of a dial."""
        if key == LEVEL:
            return self.level.told
        found = self.told.explain(key)
        assert found is not None  # the dials' figures are always there
        return found

    def main_before(self, key: str) -> Explanation | None:
        """The same a quarter ago, as far as it is known; of the program level what the night before wrote down."""
        if key != LEVEL:
            return replace(self.told, day=self._quarter_ago).explain(key)
        rows = TierEvaluation.objects.visible_to(self.user).filter(partner=self.partner, required__gt=0)
        then = rows.filter(first_on__lte=self._quarter_ago, last_on__gte=self._quarter_ago).first()
        if then is None:
            return None
        return replace(
            missing(self.level.told.title, self._quarter_ago, "–", "%"),
            result=Decimal(then.met * 100) / then.required,
            why_missing=None,
        )

    @cached_property
    def _quarter_ago(self) -> dt.date:
        """The same day three months before, or the last of that month where it is shorter."""
        month = Month(self.day.year, self.day.month).shift(-3)
        return min(month.end, month.start + dt.timedelta(days=self.day.day - 1))

    @cached_property
    def rows(self) -> list[table.Row]:
        return table.shown(self.card.quarters, self.year, self.currency, self.explain)

    @property
    def columns(self) -> list[table.Column]:
        return [cell.column for cell in self.rows[0].cells] if self.rows else []

    @cached_property
    def level(self) -> Level:
        return level(self.user, self.partner, self.day, self.side, shared=self.shared)

    @property
    def level_link(self) -> SafeString | str:
        address = self.level.url
        return format_html('<a href="{}">{}</a>', address, _("All tiers")) if address else ""

    @cached_property
    def figures(self) -> list[FigureLine]:
        """What stands beside dials and quarters; of the partner's side nothing internal."""
        shown = {row.key for row in self.rows}
        found = self.card.figures
        return [self._line(key, found[key]) for key in BESIDE if key in found and key not in shown]

    def _line(self, key: str, explanation: Explanation) -> FigureLine:
        return FigureLine(
            key,
            str(self.told.name(key)),
            told(explanation, self.currency),
            str(explanation.why_missing or ""),
            self.explain(key),
            self.card.is_internal(key),
        )

    @property
    def pdf_rows(self) -> list[table.Row]:
        return self.rows[:PDF_ROWS]

    @property
    def pdf_is_dense(self) -> bool:
        """Whether the amounts need small letters to stand in one line beside their attainment."""
        texts = [text for row in self.pdf_rows for cell in row.cells for text in (cell.actual, cell.target)]
        return max(map(len, texts), default=0) > ROOM

    @property
    def pdf_rows_left(self) -> int:
        return max(0, len(self.rows) - PDF_ROWS)

    @property
    def pdf_figures(self) -> list[FigureLine]:
        return self.figures[:PDF_FIGURES]

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

    @property
    def _sees_deals(self) -> bool:
        return self.shared or self.user.can(Permission.SEE_DEALS)

    @cached_property
    def deals(self) -> list[deals.DealLine]:
        return deals.lines(self.card.deals_moving, self.told, self.side) if self._sees_deals else []

    @cached_property
    def actions(self) -> list[Action]:
        if not self._sees_work:
            return []
        rows = Action.objects.visible_to(self.user).filter(partner=self.partner, status__in=Action.LIVE)
        rows = queries.with_lateness(rows.select_related("owner"), self.today)
        return list((rows.filter(shared=True) if self.shared else rows)[:ACTIONS])

    @property
    def actions_link(self) -> SafeString | str:
        if not self.side.links_on:
            return ""
        address = (
            reverse("partners:portal_actions") if self.shared else reverse("partners:actions", args=[self.partner.pk])
        )
        return format_html('<a href="{}">{}</a>', address, _("Action plan")) if self._sees_work else ""

    @property
    def shows_touches(self) -> bool:
        return self._sees_work

    @property
    def touch_url(self) -> str:
        """Where a touch is noted, and back; "" for who can't."""
        if self.shared or not self.user.can(Permission.EDIT_PARTNERS):
            return ""
        return f"{reverse('partners:touch_add', args=[self.partner.pk])}?{urlencode({'next': self.here})}"

    @cached_property
    def touches(self) -> list[Touch]:
        rows = queries.touches(self.partner, self.user)
        return list((rows.filter(shared=True) if self.shared else rows)[:TOUCHES]) if self._sees_work else []

    @cached_property
    def points(self) -> list[points.Point]:
        return points.points(self.told, self.explain, shared=self.shared)

    @property
    def internal_note(self) -> str:
        return "" if self.shared or not self.user.can(Permission.SEE_WORK) else self.partner.internal_note

    @cached_property
    def reviews(self) -> list[ReviewLine]:
        return lines(self.user, self.partner, shared=self.shared)
