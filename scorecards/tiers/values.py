"""The metrics that Cadence computes, for the windows a program names, by the rules of the performance scorecard."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils.translation import gettext as _

from partners.models import Touch
from prm.common.explain import Explanation, Figure, Term
from prm.common.vendor import policy
from scorecards.models import Assessment
from scorecards.performance import coverage, plan, readiness, sales
from scorecards.performance.inputs import Deal, Inputs
from scorecards.performance.telling import Formula, without_rate
from scorecards.queries import AGREED_FIRST
from scorecards.tiers import windows
from scorecards.tiers.computed import COMPUTED
from scorecards.tiers.program import Source

if TYPE_CHECKING:
    from scorecards.tiers.reading import Circumstances, Families

By = dict[int, Figure]
FromInputs = Callable[[Inputs, dt.date, dt.date], Explanation]


def computed(sources: Iterable[Source], families: "Families", about: "Circumstances") -> list[tuple[Source, By]]:
    """Each source with its figure of each partner."""
    found: list[tuple[Source, By]] = []
    asked = sorted(sources, key=lambda each: (each.metric, each.window))
    from_inputs = [source for source in asked if source.metric in FROM_INPUTS]
    found += _from_inputs(from_inputs, families, about)
    for source in asked:
        first, last = windows.days(source.window, about.day, about.calendar)
        if source.metric == "touches":
            found.append((source, _touches(families, first, last, about)))
        elif source.metric == "capability":
            found.append((source, _capability(families, about)))
    return found


# ── From what the performance scorecard is computed from ─────────────────────────────────────────────────────────────


def _revenue(inputs: Inputs, first: dt.date, last: dt.date) -> Explanation:
    return plan.actual_told(inputs, COMPUTED["revenue"].name, first, last)


def _won(inputs: Inputs, first: dt.date, last: dt.date) -> list[Deal]:
    return [deal for deal in inputs.deals if deal.ended("won", first, last)]


def _won_deals(inputs: Inputs, first: dt.date, last: dt.date) -> Explanation:
    url = inputs.link("won", first, last)
    formula = Formula()
    formula.text = formula.put(_("deals won"), len(_won(inputs, first, last)), url=url)
    return formula.told(COMPUTED["won_deals"].name, last, len(_won(inputs, first, last)), "", url=url)


def _won_value(inputs: Inputs, first: dt.date, last: dt.date) -> Explanation:
    won = _won(inputs, first, last)
    url = inputs.link("won", first, last)
    lacks = [deal.lack for deal in won if deal.lack]
    formula = Formula(inputs.currency)
    formula.text = formula.put(_("value of deals won"), coverage.total_of(won), url=url)
    return formula.told(
        COMPUTED["won_value"].name, last, None if lacks else coverage.total_of(won), inputs.currency,
        why=without_rate(lacks) if lacks else None, url=url,
    )  # fmt: skip


def _coverage(inputs: Inputs, first: dt.date, last: dt.date) -> Explanation:
    """In times the remaining target; where the target is met, what counts as the cap."""
    rules = policy("coverage", on=last, default={})
    index, cap = (
        Decimal(str(rules.get("index", 3))),
        Decimal(str(policy("composite", on=last, default={}).get("cap", 120))),
    )
    found = coverage.pipeline_to_target(inputs, last, coverage.Window(rules.get("window", "rest")), index, cap)
    if not found.met:
        return found.coverage
    terms = (
        Term(_("target met, which counts as the cap"), cap, "%"),
        Term(_("coverage that makes 100 %"), index, "×"),
    )
    return replace(found.coverage, formula="{0} ÷ 100 × {1}", terms=terms, result=cap * index / 100, why_missing=None)


FROM_INPUTS: Mapping[str, FromInputs] = {
    "revenue": _revenue,
    "attainment": lambda inputs, first, last: plan.performance_to_plan(inputs, last),
    "growth": lambda inputs, first, last: plan.growth(inputs, last),
    "pipeline_coverage": _coverage,
    "won_deals": _won_deals,
    "won_value": _won_value,
    "partner_led_share": lambda inputs, first, last: sales.partner_led(inputs, last),
    "tasks_done": lambda inputs, first, last: readiness.tasks(inputs, last),
}


def _from_inputs(sources: Sequence[Source], families: "Families", about: "Circumstances") -> list[tuple[Source, By]]:
    if not sources:
        return []
    return [(source, {}) for source in sources]


# ── Read here ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _touches(families: "Families", first: dt.date | None, last: dt.date, about: "Circumstances") -> By:
    from scorecards.tiers.reading import tops_of

    tops = tops_of(families)
    rows = Touch.objects.unscoped("of partners the caller has scoped, and their branches")
    rows = rows.filter(partner__in=list(tops), on__lte=last)
    if first is not None:
        rows = rows.filter(on__gte=first)
    counts: dict[int, int] = defaultdict(int)
    for partner, number in rows.order_by().values_list("partner_id").annotate(n=Count("pk")):
        for top in tops[partner]:
            counts[top] += number
    return {top: _number("touches", Decimal(counts[top]), _("touches"), last, about) for top in families}


def _capability(families: "Families", about: "Circumstances") -> By:
    """The overall score of the latest agreed, else submitted, assessment that both sides see, without internal categories: the
    partner learns nothing here that it may not know yet. Scores are not averaged over a family."""
    rows = (
        Assessment.objects.unscoped("of partners the caller has scoped")
        .filter(partner__in=list(families), questionnaire__kind="capability", status__in=Assessment.COUNTED)
        .filter(finished_on__lte=about.day, overall_shared__isnull=False)
        .exclude(mode__in=["self", "cam"], revealed=False)
        .order_by("partner_id", AGREED_FIRST, "-finished_at", "-pk")
        .distinct("partner_id")
        .values_list("partner_id", "overall_shared", "finished_on")
    )
    scores = {partner: (score, on) for partner, score, on in rows}
    none = _("No scorecard that both sides see yet.")
    return {
        top: _number("capability", scores[top][0], _("overall score"), scores[top][1], about)
        if top in scores
        else Figure(reason=none)
        for top in families
    }


def _number(code: str, value: Decimal, label: str, on: dt.date, about: "Circumstances") -> Figure:
    if not about.explain:
        return Figure(value)
    return Explanation(
        title=COMPUTED[code].name, formula="{0}", terms=(Term(label, value),), as_of=on, result=value
    ).figure
