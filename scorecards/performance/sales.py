"""Figures from deals and contacts. "12 months to D" are the days after the same day of the year before, up to and with D.

    average deal size  = Σ won ÷ number won                         12 months to D
    win rate           = won ÷ (won + lost) closed                  12 months to D, by number and by value
    sales cycle        = median days from creation, or registration where earlier, to won
    partner-led share  = won value of partner-led ÷ all won
    recency            = days since the last won deal; since the last touch or activity
    engagement depth   = contacts active in 90 days ÷ contacts known
    retention          = renewals won ÷ renewals due (expected to close in the 12 months to D)

Expired and withdrawn deals count neither way. Of a split deal the partner's part counts, and it is one deal.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _

from prm.common.explain import Explanation
from prm.common.fiscal import twelve_months_to
from scorecards.performance.coverage import total_of
from scorecards.performance.inputs import Deal, Inputs
from scorecards.performance.telling import PERCENT, Formula, day_name, missing, ratio, without_rate


def ended(inputs: Inputs, state: str, day: date) -> list[Deal]:
    """Deals that ended so in the 12 months to `day`."""
    first, last = twelve_months_to(day)
    return [deal for deal in inputs.deals if deal.ended(state, first, last)]


def _no_rate(deals: Sequence[Deal]) -> str | None:
    lacks = [deal.lack for deal in deals if deal.lack]
    return without_rate(lacks) if lacks else None


def _none_won() -> str:
    return _("No deal was won in the 12 months.")


def average_deal(inputs: Inputs, day: date) -> Explanation:
    title = _("Average deal size")
    won = ended(inputs, "won", day)
    if why := _no_rate(won):
        return missing(title, day, why, inputs.currency)
    url = inputs.link("won", *twelve_months_to(day))
    formula = Formula(inputs.currency)
    top = formula.put(_("won in 12 months"), total_of(won), url=url)
    below = formula.put(_("deals won"), len(won), "", url)
    formula.text = f"{top} ÷ {below}"
    return formula.told(title, day, ratio(total_of(won), len(won)), inputs.currency, why=_none_won(), url=url)


def win_rate(inputs: Inputs, day: date) -> Explanation:
    """By number."""
    won, lost = ended(inputs, "won", day), ended(inputs, "lost", day)
    return _rate(inputs, _("Win rate"), day, "", Fraction(len(won)), Fraction(len(lost)), any_closed=bool(won or lost))


def win_rate_value(inputs: Inputs, day: date) -> Explanation:
    title = _("Win rate by value")
    won, lost = ended(inputs, "won", day), ended(inputs, "lost", day)
    if why := _no_rate([*won, *lost]):
        return missing(title, day, why, PERCENT)
    return _rate(inputs, title, day, inputs.currency, total_of(won), total_of(lost), any_closed=bool(won or lost))


def _rate(
    inputs: Inputs, title: str, day: date, unit: str, won: Fraction, lost: Fraction, *, any_closed: bool
) -> Explanation:
    months = twelve_months_to(day)
    formula = Formula(unit)
    top = formula.put(_("won"), won, url=inputs.link("won", *months))
    formula.text = f"{top} ÷ ({top} + {formula.put(_('lost'), lost, url=inputs.link('lost', *months))}) × 100"
    value = ratio(won, won + lost)
    why = (
        _("The deals closed in the 12 months come to 0.") if any_closed
        else _("No deal was won or lost in the 12 months.")
    )  # fmt: skip
    return formula.told(
        title, day, None if value is None else value * 100, PERCENT, why=why, url=inputs.link("closed", *months)
    )


def sales_cycle(inputs: Inputs, day: date) -> Explanation:
    """The median: the middle one, or the mean of the two in the middle."""
    title, unit = _("Sales cycle"), _("days")
    url = inputs.link("won", *twelve_months_to(day))
    days = sorted(deal.cycle for deal in ended(inputs, "won", day))
    if not days:
        return missing(title, day, _none_won(), unit)
    count = len(days)
    middle = sorted({(count - 1) // 2, count // 2})
    formula = Formula(str(unit))
    places = [
        formula.put(
            _("days of deal %(n)s of %(all)s, the quickest first") % {"n": place + 1, "all": count},
            days[place],
            url=url,
        )
        for place in middle
    ]
    formula.text = f"({places[0]} + {places[1]}) ÷ 2" if len(places) == 2 else places[0]
    return formula.told(title, day, Fraction(sum(days[place] for place in middle), len(middle)), unit, url=url)


def partner_led(inputs: Inputs, day: date) -> Explanation:
    title = _("Partner-led share")
    won = ended(inputs, "won", day)
    if why := _no_rate(won):
        return missing(title, day, why, PERCENT)
    led = total_of([deal for deal in won if deal.partner_led])
    months = twelve_months_to(day)
    formula = Formula(inputs.currency)
    top = formula.put(_("won, led by the partner"), led, url=inputs.link("won_partner_led", *months))
    formula.text = f"{top} ÷ {formula.put(_('all won'), total_of(won), url=inputs.link('won', *months))} × 100"
    value = ratio(led, total_of(won))
    why = _("The deals won come to 0.") if won else _none_won()
    return formula.told(
        title, day, None if value is None else value * 100, PERCENT, why=why, url=inputs.link("won", *months)
    )


def last_won(inputs: Inputs, day: date) -> date | None:
    """The day of the last won deal up to `day`."""
    known = [deal.closed_on for deal in inputs.won if deal.closed_on and deal.closed_on <= day]
    return max([*known, *([inputs.last_won] if inputs.last_won else [])], default=None)


def recency_won(inputs: Inputs, day: date) -> Explanation:
    return _since(
        _("Days since the last won deal"), last_won(inputs, day), day, _("No deal was won yet."), inputs.link("won")
    )


def recency_touch(inputs: Inputs, day: date) -> Explanation:
    """Since the last touch or activity, whichever is later."""
    known = [each for each in (inputs.last_touch, inputs.last_activity) if each]
    return _since(
        _("Days since the last touch"), max(known, default=None), day, _("No touch or activity yet."),
        inputs.link("touches"),
    )  # fmt: skip


def _since(title: str, then: date | None, day: date, why: str, url: str | None) -> Explanation:
    if then is None:
        return missing(title, day, why, _("days"))
    formula = Formula(_("days"))
    both = {"first": day_name(then), "last": day_name(day)}
    formula.text = formula.put(_("days from %(first)s to %(last)s") % both, (day - then).days, url=url)
    formula.note(_("last on"), then, url)
    return formula.told(title, day, (day - then).days, _("days"), url=url)


def engagement(inputs: Inputs, day: date) -> Explanation:
    formula = Formula()
    url = inputs.link("contacts")
    top = formula.put(_("contacts active in 90 days"), inputs.contacts_active, url=url)
    formula.text = f"{top} ÷ {formula.put(_('contacts known'), inputs.contacts_known, url=url)} × 100"
    value = ratio(inputs.contacts_active, inputs.contacts_known)
    return formula.told(
        _("Engagement depth"), day, None if value is None else value * 100, PERCENT,
        why=_("No contact is known."), url=url,
    )  # fmt: skip


def retention(inputs: Inputs, day: date) -> Explanation:
    """By number of deals of kind renewal; one that is won by `day` is renewed, whenever it closed."""
    first, last = twelve_months_to(day)
    due = [
        deal for deal in inputs.deals if deal.renewal and deal.expected_close and first <= deal.expected_close <= last
    ]
    renewed = [deal for deal in due if deal.state == "won" and deal.closed_on and deal.closed_on <= day]
    url = inputs.link("renewals", first, last)
    formula = Formula()
    top = formula.put(_("renewed"), len(renewed), url=url)
    formula.text = f"{top} ÷ {formula.put(_('due for renewal in 12 months'), len(due), url=url)} × 100"
    value = ratio(len(renewed), len(due))
    return formula.told(
        _("Retention"), day, None if value is None else value * 100, PERCENT,
        why=_("Nothing was due for renewal in the 12 months."), url=url,
    )  # fmt: skip
