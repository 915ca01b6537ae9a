"""The computed metrics as numbers alone, for many partners at once: by the same rules as the explained figures, without the
explanations, which take a hundred times as long. A test holds both equal."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from prm.common.explain import Figure
from prm.common.fiscal import same_day_year_before
from scorecards.performance import coverage, plan
from scorecards.performance.inputs import Deal, Inputs, Lack
from scorecards.performance.policies import Coverage
from scorecards.performance.telling import exact, ratio, without_rate

Quick = Callable[[Inputs, dt.date, dt.date], Figure]


def _told(value: Fraction | int | None, why: Callable[[], str]) -> Figure:
    return Figure(reason=why()) if value is None else Figure(exact(value))


def _lacking(lacks: Sequence[Lack]) -> Figure | None:
    return Figure(reason=without_rate(lacks)) if lacks else None


def revenue(known: Inputs, first: dt.date, last: dt.date) -> Figure:
    return _lacking(known.lacking(first, last)) or Figure(exact(plan.actual(known, first, last)))


def attainment(known: Inputs, first: dt.date, last: dt.date) -> Figure:
    start = known.calendar.year_of(last).start
    due = plan.target(known, known.plan, start, last)
    if refused := _lacking([*known.lacking(start, last), *due.lacks]):
        return refused
    share = ratio(plan.actual(known, start, last), due.total)
    return _told(
        None if share is None else share * 100,
        lambda: _("The target of these days is 0.") if due.exists else _("No target for these months."),
    )


def growth(known: Inputs, first: dt.date, last: dt.date) -> Figure:
    start = known.calendar.year_of(last).start
    start_before, last_before = same_day_year_before(start), same_day_year_before(last)
    if refused := _lacking([*known.lacking(start_before, last_before), *known.lacking(start, last)]):
        return refused
    now, before = plan.actual(known, start, last), plan.actual(known, start_before, last_before)
    return _told(
        (now / before - 1) * 100 if before > 0 else None,
        lambda: _("Nothing was sold in the same days a year before."),
    )


def won(known: Inputs, first: dt.date, last: dt.date) -> list[Deal]:
    return [deal for deal in known.deals if deal.ended("won", first, last)]


def won_deals(known: Inputs, first: dt.date, last: dt.date) -> Figure:
    return Figure(Decimal(len(won(known, first, last))))


def won_value(known: Inputs, first: dt.date, last: dt.date) -> Figure:
    deals = won(known, first, last)
    return _lacking([deal.lack for deal in deals if deal.lack]) or Figure(exact(coverage.total_of(deals)))


def partner_led_share(known: Inputs, first: dt.date, last: dt.date) -> Figure:
    deals = won(known, first, last)
    if refused := _lacking([deal.lack for deal in deals if deal.lack]):
        return refused
    share = ratio(coverage.total_of([deal for deal in deals if deal.partner_led]), coverage.total_of(deals))
    return _told(
        None if share is None else share * 100,
        lambda: _("The deals won come to 0.") if deals else _("No deal was won in the 12 months."),
    )


def tasks_done(known: Inputs, first: dt.date, last: dt.date) -> Figure:
    share = ratio(sum(task.done(last) for task in known.tasks), len(known.tasks))
    return _told(None if share is None else share * 100, lambda: _("No task is required."))


def pipeline_coverage(rules: Coverage, cap: Decimal) -> Quick:
    """By the vendor's rules: the window, the coverage that makes 100 %, what counts where the target is met."""

    def found(known: Inputs, first: dt.date, last: dt.date) -> Figure:
        if rules.window is not coverage.Window.REST:
            told = coverage.pipeline_to_target(known, last, rules.window, rules.index, cap)
            return Figure(cap * rules.index / 100) if told.met else told.coverage.figure
        year = known.calendar.year_of(last)
        due = plan.target(known, known.plan, year.start, year.end)
        if not due.exists:
            return Figure(reason=_("No target for this fiscal year."))
        if refused := _lacking([*known.lacking(year.start, last), *due.lacks]):
            return refused
        remaining = max(Fraction(0), due.total - plan.actual(known, year.start, last))
        if not remaining:
            return Figure(cap * rules.index / 100) if due.total > 0 else Figure(reason=_("The target is 0."))
        ahead = [
            deal for deal in known.deals
            if deal.counts and deal.is_open(last) and deal.expected_close and last <= deal.expected_close <= year.end
        ]  # fmt: skip
        lacks = [deal.lack for deal in ahead if deal.lack]
        return _lacking(lacks) or Figure(exact(coverage.total_of(ahead) / remaining))

    return found


QUICK: Mapping[str, Quick] = {
    "revenue": revenue,
    "attainment": attainment,
    "growth": growth,
    "won_deals": won_deals,
    "won_value": won_value,
    "partner_led_share": partner_led_share,
    "tasks_done": tasks_done,
}
