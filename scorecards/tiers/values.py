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
from scorecards.models import Assessment
from scorecards.performance import coverage, plan, readiness, sales
from scorecards.performance import policies as coverage_policy
from scorecards.performance.inputs import Inputs
from scorecards.performance.telling import Formula, without_rate
from scorecards.queries import AGREED_FIRST
from scorecards.tiers import inputs, quick, windows
from scorecards.tiers.computed import COMPUTED
from scorecards.tiers.program import Source

if TYPE_CHECKING:
    from scorecards.tiers.reading import Circumstances, Families

COVERAGE = "pipeline_coverage"
By = dict[int, Figure]
FromInputs = Callable[[Inputs, dt.date, dt.date], Explanation]


def computed(sources: Iterable[Source], families: "Families", about: "Circumstances") -> list[tuple[Source, By]]:
    """Each source with its figure of each partner."""
    found: list[tuple[Source, By]] = []
    asked = sorted(sources, key=lambda each: (each.metric, each.window))
    from_inputs = [source for source in asked if source.metric in FROM_INPUTS or source.metric == COVERAGE]
    found += _from_inputs(from_inputs, families, about)
    for source in asked:
        first, last = windows.days(source.window, about.day, about.calendar)
        if source.metric == "touches":
            found.append((source, _touches(families, first, last, about)))
        elif source.metric == "capability":
            found.append((source, _capability(families, about)))
    return found


# ── From what the performance scorecard is computed from ─────────────────────────────────────────────────────────────


def _revenue(known: Inputs, first: dt.date, last: dt.date) -> Explanation:
    return plan.actual_told(known, COMPUTED["revenue"].name, first, last)


def _won_deals(known: Inputs, first: dt.date, last: dt.date) -> Explanation:
    url = known.link("won", first, last)
    formula = Formula()
    formula.text = formula.put(_("deals won"), len(quick.won(known, first, last)), url=url)
    return formula.told(COMPUTED["won_deals"].name, last, len(quick.won(known, first, last)), "", url=url)


def _won_value(known: Inputs, first: dt.date, last: dt.date) -> Explanation:
    won = quick.won(known, first, last)
    url = known.link("won", first, last)
    lacks = [deal.lack for deal in won if deal.lack]
    formula = Formula(known.currency)
    formula.text = formula.put(_("value of deals won"), coverage.total_of(won), url=url)
    return formula.told(
        COMPUTED["won_value"].name, last, None if lacks else coverage.total_of(won), known.currency,
        why=without_rate(lacks) if lacks else None, url=url,
    )  # fmt: skip


def _coverage(known: Inputs, day: dt.date, rules: coverage_policy.Coverage, cap: Decimal) -> Explanation:
    """In times the remaining target; where the target is met, what counts as the cap."""
    found = coverage.pipeline_to_target(known, day, rules.window, rules.index, cap)
    if not found.met:
        return found.coverage
    terms = (
        Term(_("target met, which counts as the cap"), cap, "%"),
        Term(_("coverage that makes 100 %"), rules.index, "×"),
    )
    return replace(
        found.coverage, formula="{0} ÷ 100 × {1}", terms=terms, result=cap * rules.index / 100, why_missing=None
    )


FROM_INPUTS: Mapping[str, FromInputs] = {
    "revenue": _revenue,
    "attainment": lambda known, first, last: plan.performance_to_plan(known, last),
    "growth": lambda known, first, last: plan.growth(known, last),
    "won_deals": _won_deals,
    "won_value": _won_value,
    "partner_led_share": lambda known, first, last: sales.partner_led(known, last),
    "tasks_done": lambda known, first, last: readiness.tasks(known, last),
}


def _from_inputs(sources: Sequence[Source], families: "Families", about: "Circumstances") -> list[tuple[Source, By]]:
    if not sources:
        return []
    rules, cap = coverage_policy.coverage_on(about.day), coverage_policy.composite_on(about.day).cap
    told = {**FROM_INPUTS, COVERAGE: lambda known, first, last: _coverage(known, last, rules, cap)}
    alone = {**quick.QUICK, COVERAGE: quick.pipeline_coverage(rules, cap)}
    spans = {source: windows.days(source.window, about.day, about.calendar) for source in sources}
    found: dict[Source, By] = {source: {} for source in sources}
    since = min(first or last for first, last in spans.values())
    for top, known in inputs.of_families(families, about.day, since=since, codes={each.metric for each in sources}):
        for source in sources:
            first, last = spans[source]
            span = first or dt.date.min, last
            # What was sold for money, also by partners whose plan counts deals.
            of = known.sold if source.metric == "revenue" else known.planned
            by_partner = found[source]
            if about.explain:
                by_partner[top] = told[source.metric](of, *span).figure
            else:
                by_partner[top] = alone[source.metric](of, *span)
    return list(found.items())


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
