"""The rules of commentary: worked examples, and what holds for all figures: a sentence states its figure, or isn't there."""

from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from prm.documents.slides import Tone
from qbr import commentary
from qbr.commentary import Aimed, Closed, Coverage, Figure, Finding, Kept, Plan, Scored, Standing


def usd(value: object) -> Figure:
    amount = D(str(value))
    return Figure(amount, f"USD {amount:,.2f}")


def test_a_quarter_behind_plan_says_by_how_much():
    quarter = Plan("FY26 Q2", usd(80), usd(100), usd(20), 80, "80%")
    year = Plan("FY26", usd(190), usd(200), usd(10), 95, "95%")
    assert commentary.plan(quarter, year, Figure(D("12.5"), "13%")) == (
        "FY26 Q2 came to USD 80.00, 80% of plan: USD 20.00 behind.",
        "The fiscal year stands at USD 190.00 of USD 200.00 (95%).",
        "The year to date is 13% above the same days a year before.",
    )


def test_a_quarter_ahead_of_plan_and_a_year_below_the_one_before():
    quarter = Plan("FY26 Q2", usd(120), usd(100), usd(20), 120, "120%")
    assert commentary.plan(quarter, Plan("FY26"), Figure(D(-5), "5%")) == (
        "FY26 Q2 came to USD 120.00, 120% of plan: USD 20.00 ahead.",
        "The year to date is 5% below the same days a year before.",
    )


def test_a_quarter_that_meets_its_plan_exactly_is_neither_ahead_nor_behind():
    assert commentary.against_plan(Plan("FY26 Q2", usd(100), usd(100), usd(0), 100, "100%")) == (
        "FY26 Q2 came to USD 100.00, exactly the plan."
    )


def test_a_quarter_without_a_target_says_so():
    assert commentary.against_plan(Plan("FY26 Q2", usd(80))) == (
        "FY26 Q2 came to USD 80.00; there is no target to hold it against."
    )


def test_coverage_below_the_wanted_says_what_would_cover_it():
    said = commentary.coverage(
        Coverage(usd(150), usd(100), Figure(D("1.5"), "1.5×"), Figure(D(3), "3×"), usd(150), usd(0), "31 December 2026")
    )
    assert said == (
        "USD 150.00 of open pipeline is only 1.5× the remaining target of USD 100.00; 3× is wanted.",
        "USD 150.00 more that closes by 31 December 2026 would cover it.",
    )


def test_coverage_once_the_target_is_met():
    said = commentary.coverage(Coverage(usd(50), usd(0), None, Figure(D(3), "3×"), None, usd(7), "–", met=True))
    assert said == (
        "The year's target is met; USD 50.00 of open pipeline comes on top.",
        "USD 7.00 stands in deals that should have closed by now: new dates, or close them.",
    )


def test_deals_closed_in_a_quarter():
    said = commentary.closed(Closed(2, "USD 30.00", 3, "USD 9.00", "Ulm", "USD 20.00", [("Price", 2), ("Timing", 1)]))
    assert said == (
        "2 deals were won, USD 30.00 in all.",
        "The largest is Ulm at USD 20.00.",
        "3 deals were lost, USD 9.00 in all.",
        "The main reason: Price (2 deals).",
    )


def test_deals_whose_amounts_cannot_be_added_up_are_counted():
    assert commentary.closed(Closed(2, "", 1, "")) == ("2 deals were won.", "1 deal was lost.")


def test_where_a_partner_stands_in_the_program():
    assert commentary.standing(Standing("Gold", "Platinum", 4, 6, "Certified engineers: 2 more")) == (
        "Requirements of Platinum met: 4 of 6.",
        "The shortest way there starts with Certified engineers: 2 more.",
    )
    assert commentary.standing(Standing("Platinum", "", 6, 6)) == ("Platinum is the highest tier, and it is met.",)


def test_capabilities_name_what_moved_and_what_is_furthest_behind():
    overall = Scored("Overall", 61, 57)
    sales = Scored("Sales", 70, 60, D(80))
    technical = Scored("Technical", 40, 44, D(90))
    assert commentary.capability(overall, [sales, technical], ("Services", "35")) == (
        "The overall score is 61, up 4 since last time.",
        "Sales rose most, by 10 to 70.",
        "Technical, at 40, is furthest from best practice.",
        "The topic with most to gain is Services: 35 below its target.",
    )


def test_what_was_kept_of_the_last_review():
    assert commentary.kept(Kept(3, 1, late=1)) == (
        "Commitments done: 1 of 3.",
        "1 commitment is open after the day it was due.",
    )
    assert commentary.kept(Kept(0, 0)) == ()


def test_goals_and_actions():
    assert commentary.aimed(Aimed(goals=2, reached=1, open=3, late=2, done=1)) == (
        "Goals reached: 1 of 2.",
        "1 action was done in the quarter.",
        "Actions open: 3, of them late: 2.",
    )
    assert commentary.aimed(Aimed(0, 0, 0, 0, 0)) == ()


def test_areas_with_a_status_are_counted_and_the_others_left_out():
    tones = [Tone.GOOD, Tone.GOOD, Tone.WATCH, Tone.BAD, Tone.NONE]
    assert commentary.overall(tones) == ("Of 4 areas: on track 2, to watch 1, at risk 1.",)
    assert commentary.overall([Tone.NONE]) == ()


amounts = st.decimals(min_value=0, max_value=10**15, places=2).map(usd)
maybe = st.none() | amounts


@given(actual=maybe, target=maybe, percent=st.none() | st.integers(0, 999))
def test_no_sentence_about_a_plan_without_its_figures(actual, target, percent):
    gap = None if actual is None or target is None else usd(abs(actual.value - target.value))
    said = commentary.plan(Plan("FY26 Q2", actual, target, gap, percent, f"{percent}%"), Plan("FY26"))
    if actual is None:
        assert said == ()
    else:
        assert actual.text in said[0]
        assert not (target is None and "of plan" in said[0])
        if gap is not None and percent is not None and gap.value:
            assert gap.text in said[0]
            assert ("ahead" in said[0]) == (actual.value > target.value)


@given(pipeline=maybe, remaining=maybe, times=st.none() | st.decimals(0, 99, places=1), short=maybe, overdue=maybe, met=st.booleans())  # fmt: skip
def test_every_sentence_about_the_pipeline_states_an_amount_that_was_given(
    pipeline, remaining, times, short, overdue, met
):
    of = Coverage(
        pipeline, remaining, None if times is None else Figure(times, f"{times}×"), Figure(D(3), "3×"), short, overdue,
        "1 May", met,
    )  # fmt: skip
    given_texts = [figure.text for figure in (pipeline, short, overdue) if figure is not None]
    said = commentary.coverage(of)
    assert len(said) <= commentary.AT_MOST
    for sentence in said:
        assert any(text in sentence for text in given_texts)


@given(st.lists(st.builds(Finding, st.sampled_from("abcdef"), st.sampled_from(["", "x", "y"]), st.integers(0, 100))))
def test_the_heaviest_findings_come_first_and_each_once(told):
    picked = commentary.pick(told)
    assert len(picked) <= 3
    assert [each.weight for each in picked] == sorted((each.weight for each in picked), reverse=True)
    assert len({each.key for each in picked}) == len(picked)
    assert all(each.text for each in picked)
    left = [each for each in told if each.text and each.key not in {one.key for one in picked}]
    if left:
        assert len(picked) == 3
        assert max(each.weight for each in left) <= picked[-1].weight
