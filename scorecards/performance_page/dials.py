"""The four dials: performance to plan, pipeline to target, program level, composite; each with its change over a quarter."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prm.charts import Dial, Missing
from prm.common.explain import Explanation
from prm.common.rag import Rag
from prm.common.templatetags.numbers import format_number, format_percent
from scorecards.performance.figures import Figures, shown
from scorecards.performance_page.level import Level, in_words
from scorecards.performance_page.words import amount

if TYPE_CHECKING:
    from scorecards.performance_page.page import Page

PLAN, PIPELINE, LEVEL, COMPOSITE = MAIN = (
    "performance_to_plan",
    "pipeline_to_target",
    "program_level",
    "composite",
)


@dataclass(frozen=True)
class DialPanel:
    """A dial, what is behind it in a line, and the page that explains it."""

    key: str
    chart: Dial
    line: str
    url: str

    @property
    def rag(self) -> Rag | None:
        return self.chart.rag


def dials(page: Page) -> list[DialPanel]:
    """From left to right."""
    behind = lines(page.told, page.level)
    return [_panel(page, key, page.main(key), page.main_before(key), behind[key]) for key in MAIN]


def lines(figures: Figures, level: Level) -> dict[str, str]:
    """What is behind each of the four, in a line; "" where there is nothing."""
    return {
        PLAN: _plan_line(figures),
        PIPELINE: _pipeline_line(figures),
        LEVEL: in_words(level),
        COMPOSITE: _composite_line(figures),
    }


def _panel(page: Page, key: str, told: Explanation, before: Explanation | None, line: str) -> DialPanel:
    now, then = shown(told), shown(before) if before else None
    chart = Dial(
        id=f"dial-{key.replace('_', '-')}",
        title=str(told.title),
        value=Missing(_("no figure yet")) if now is None else now,
        rag=page.told.rules.thresholds.rag(now),
        delta=None if now is None or then is None else now - then,
        since=_("in a quarter"),
        maximum=100,
        formatter=format_percent,
    )
    return DialPanel(key, chart, line or str(told.why_missing or ""), page.explain(key))


def _plan_line(figures: Figures) -> str:
    actual, target = figures.explain("actual"), figures.explain("target")
    if not actual or not target or actual.result is None or target.result is None:
        return ""
    money = figures.inputs.currency
    both = {"actual": amount(actual.result, actual.unit, money), "target": amount(target.result, target.unit, money)}
    return _("%(actual)s of %(target)s") % both


def _pipeline_line(figures: Figures) -> str:
    pipeline = figures.pipeline()
    if pipeline.met:
        return _("Target met: nothing remains to be covered")
    if pipeline.coverage.result is None:
        return ""
    words = {"coverage": _one_place(pipeline.coverage.result), "index": _one_place(figures.rules.index)}
    return _("%(coverage)s× the rest of the target; %(index)s× is wanted") % words


def _one_place(value: Decimal) -> str:
    return format_number(value, 0 if value == value.to_integral_value() else 1)


def _composite_line(figures: Figures) -> str:
    parts = figures.composite.children
    having = sum(part.result is not None for part in parts)
    if figures.composite.result is None:
        return ""
    if having == len(parts):
        return ngettext("of %(n)s metric, weighed", "of %(n)s metrics, weighed", having) % {"n": having}
    return _("of %(some)s metrics; %(all)s have a weight") % {"some": having, "all": len(parts)}
