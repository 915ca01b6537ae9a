"""What stands on the first eleven slides: each figure is the one the tool's own page shows; nothing internal, nobody else's."""

import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.permissions import Role
from partners import actions as partner_actions
from partners.models import Action, Certificate, Certification, Contact, Partner, PartnerType
from partners.visibility import partner_side
from pipeline.models import Customer, Deal, DealShare, DealStage, SalesResult, StageChange
from prm.common.vendor import today
from prm.documents.slides import Points, Tone
from qbr import content
from qbr.content import KEYS, Choices
from qbr.models import Commitment, Qbr
from scorecards import actions as scorecards
from scorecards import goal_lines
from scorecards.models import Assessment, Goal
from scorecards.performance_page.addresses import PORTAL
from scorecards.performance_page.page import Page
from scorecards.summary import Summary
from tests.guards.furnish import BLIND, INTERNAL, furnish, furnish_vendor, mark
from tests.qbr.reading import chart, read, rows, table, texts, this_quarter, tiles
from tests.scorecards.conftest import EXAMPLE, example, filled
from tests.scorecards.test_performance_page import aim, sell, strike

pytestmark = pytest.mark.django_db
OWN = ("title", "agenda", "glance", "summary", "commitments", "performance", "pipeline", "deals", "level", "capabilities", "capability_goals")  # fmt: skip


@pytest.fixture
def cam(acme: Any) -> Any:
    return acme.users[Role.CAM]


@pytest.fixture
def partner(acme: Any) -> Partner:
    """Sold 250.50 today and 100 in the quarter before, against targets of 100 a month."""
    found: Partner = acme.partner_a
    aim(found, "100")
    sell(found, "250.50")
    sell(found, "100", this_quarter().start - dt.timedelta(days=5))
    return found


@pytest.fixture
def internal_version(acme: Any) -> Any:
    return scorecards.publish(by=None, key="capability", content=example(internal=True))


def close(partner: Partner, name: str, outcome: str, amount: str, on: dt.date, reason: str = "") -> Deal:
    deal = strike(partner, name, amount)
    Deal.everything.filter(pk=deal.pk).update(
        stage=DealStage.objects.filter(outcome=outcome).first(), closed_on=on, stage_since=on, lost_reason=reason,
        created_on=on - dt.timedelta(days=30),
    )  # fmt: skip
    return deal


# ── The deck ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_slides_come_in_the_default_order_each_with_its_date(partner, cam):
    found = content.read(partner, this_quarter(), eyes=cam)
    keys = [slide.key for slide in found]
    assert [key for key in keys if key in OWN] == list(OWN)
    assert keys == [key for key in KEYS if key in keys]
    days = {slide.key: slide.as_of for slide in found}
    assert set(days.values()) == {today()}


def test_of_a_quarter_that_is_over_its_slides_are_as_of_its_last_day(partner, cam):
    before = this_quarter().previous
    found = read(partner, cam, before)
    for key in ("commitments", "performance", "deals"):
        assert found[key].as_of == before.end, key
    for key in ("glance", "pipeline", "level", "capabilities"):
        assert found[key].as_of == today(), key


def test_people_order_switch_and_edit(partner, cam):
    chosen = Choices(
        order=("deals", "title", "nonsense"), off=frozenset({"title"}), commentary={"deals": ("Our own words.",)}
    )
    slides = content.read(partner, this_quarter(), eyes=cam, chosen=chosen)
    assert [slide.key for slide in slides[:3]] == ["deals", "title", "agenda"]
    assert slides[0].commentary == ("Our own words.",)
    assert "Our own words." not in texts(content.propose(partner, this_quarter(), eyes=cam, chosen=chosen))
    standing = [slide.key for slide in content.standing(slides, chosen)]
    assert "title" not in standing
    assert "deals" not in standing  # nothing to show
    assert "deals" in [slide.key for slide in content.standing(slides, Choices(on=frozenset({"deals"})))]


def test_the_agenda_names_what_goes_into_the_file(partner, cam):
    found = read(partner, cam, chosen=Choices(off=frozenset({"performance"})))
    (points,) = [block for block in found["agenda"].blocks if isinstance(block, Points)]
    named = [point.text for point in points.points]
    assert "Pipeline to target" in named
    assert "Performance to plan" not in named  # switched off
    assert "Deals" not in named  # nothing to show
    assert "Agenda" not in named


def test_a_partner_of_whom_nothing_is_known_has_reasons_in_place_of_figures(acme, cam):
    found = read(acme.partner_a, cam)
    for key in ("commitments", "performance", "pipeline", "deals", "capabilities", "capability_goals"):
        assert found[key].missing, key
        assert not found[key].blocks, key
    assert tiles(found["glance"])["Valid certifications"] == "0"


# ── Figures are the pages' ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("back", [0, 1])
def test_performance_is_what_the_scorecard_of_that_day_says(acme, partner, cam, back):
    quarter = this_quarter().shift(-back)
    day = min(quarter.end, today())
    slide = read(partner, cam, quarter)["performance"]
    page = Page(acme.users_a[Role.PARTNER_EXECUTIVE], partner, day, PORTAL)
    cells = {cell.key: cell for cell in page.card.quarters[0].cells}
    drawn = chart(slide)
    actual, target = drawn.series
    quarters = page.year.quarters
    assert drawn.categories == tuple(each.label for each in quarters)
    assert actual.values == tuple(cells[each.key].actual for each in quarters)
    assert target.values == tuple(cells[each.key].full_target for each in quarters)
    assert target.line
    shown = {row.key: {cell.column.key: cell for cell in row.cells} for row in page.rows}
    plan = shown["performance_to_plan"]
    first = rows(table(slide))[0]
    assert first[1:3] == [plan[quarter.key].actual, plan[quarter.key].target]
    assert first[3] == f"{plan[quarter.key].shown}%"
    year = page.told.explain("actual")
    assert f"USD {year.result:,.2f} of " in slide.commentary[1]
    assert [row[0] for row in rows(table(slide))] == [row.name for row in page.rows[:8]]


def test_a_sentence_about_the_quarter_states_its_actual_and_its_share(partner, cam):
    before = this_quarter().previous
    if before.year != this_quarter().year:
        aim(partner, "0", "deals")  # the year before has no targets
    said = read(partner, cam, this_quarter())["performance"].commentary
    assert said[0].startswith(f"{this_quarter().label} came to USD 250.50")


def test_where_deals_are_counted_sentences_speak_of_deals(acme, cam):
    partner = acme.partner_a
    PartnerType.objects.filter(pk=partner.partner_type_id).update(transacts=False)
    aim(partner, "1", "deals")
    for n in range(2):
        close(partner, f"Brought {n}", "won", "900", today())
    found = read(partner, cam)
    assert found["performance"].commentary[0].startswith(f"{this_quarter().label} came to 2 deals, ")
    assert chart(found["performance"]).title == "Actual and target by quarter, deals"
    drawn = dict(zip(chart(found["performance"]).categories, chart(found["performance"]).series[0].values, strict=True))
    assert drawn[this_quarter().label] == 2


def test_more_deals_goals_and_people_ask_the_database_no_more_often(partner, cam):
    def ask(n: int) -> int:
        for place in range(n):
            close(partner, f"Won {n} {place}", "won", "10", this_quarter().start)
            strike(partner, f"Open {n} {place}", "10")
            Contact.everything.create(partner=partner, name=f"Person {n} {place}")
            partner_actions.add_action(by=cam, partner=partner, title=f"Do {n} {place}", owner=cam, shared=True)
        with CaptureQueriesContext(connection) as asked:
            read(Partner.everything.select_related("tier", "stage", "cam", "cover").get(pk=partner.pk), cam)
        return len(asked)

    ask(2)  # what is kept a minute is kept from here on
    assert ask(1) >= ask(6)


def test_the_pipeline_is_what_the_scorecard_and_the_board_say(acme, partner, cam):
    strike(partner, "Near", "1000", 5)
    strike(partner, "Late", "70", -3)
    strike(partner, "Far", "500", 800)
    slide = read(partner, cam)["pipeline"]
    page = Page(acme.users_a[Role.PARTNER_EXECUTIVE], partner, today(), PORTAL)
    window = page.told.pipeline()
    shown = tiles(slide)
    assert shown["Open pipeline"] == f"USD {window.pipeline.result:,.2f}"
    assert shown["Overdue pipeline"] == "USD 70.00"
    assert shown["Remaining target"] == f"USD {window.remaining.result:,.2f}"
    assert sum(value for value in chart(slide).series[0].values if value) == window.pipeline.result
    assert rows(table(slide)) == [["Proposal", "3", "1,570.00"], ["All open deals", "3", "1,570.00"]]
    copy = read(partner, cam, vendor_copy=True)["pipeline"]  # how likely deals are is the vendor's own view
    assert rows(table(copy))[-1] == ["All open deals", "3", "1,570.00", "942.00"]


def test_deals_of_the_quarter_and_no_others(acme, partner, cam):
    quarter = this_quarter()
    close(partner, "Won now", "won", "900", quarter.start)
    close(partner, "Won before", "won", "800", quarter.start - dt.timedelta(days=1))
    close(partner, "Lost now", "lost", "300", quarter.start, "Price")
    strike(partner, "Still open", "40")
    close(acme.partner_b, "Theirs", "won", "5000", quarter.start)
    slide = read(partner, cam)["deals"]
    assert rows(table(slide, 0)) == [["Won now", "–", "USD 900.00", date(quarter.start)]]
    assert table(slide, 0).title == "Won: 1 deal, USD 900.00"
    assert rows(table(slide, 1)) == [["Lost now", "–", "USD 300.00", "Price"]]
    assert rows(table(slide, 2))[0][0::2] == ["Still open", "USD 40.00"]
    assert slide.commentary == ("1 deal was won, USD 900.00.", "1 deal was lost, USD 300.00.")
    assert "Theirs" not in " ".join(texts([slide]))


def test_of_a_past_quarter_a_deal_is_open_that_was_won_since_in_the_stage_it_had(partner, cam):
    before = this_quarter().previous
    deal = close(partner, "Won since", "won", "900", this_quarter().start)
    Deal.everything.filter(pk=deal.pk).update(created_on=before.start)
    stage = DealStage.objects.get(key="qualified")
    StageChange.everything.create(deal=deal, to_stage=stage, on=before.start)
    StageChange.everything.create(
        deal=deal, from_stage=stage, to_stage=DealStage.objects.filter(outcome="won").first(), on=this_quarter().start
    )
    slide = read(partner, cam, before)["deals"]
    assert not rows(table(slide, 0))
    assert rows(table(slide, 2))[0][:3] == ["Won since", str(stage), "USD 900.00"]


def test_chosen_deals_take_the_place_of_the_largest(partner, cam):
    made = [close(partner, f"Deal {n}", "won", str(n), this_quarter().start) for n in range(1, 7)]
    slide = read(partner, cam)["deals"]
    assert [row[0] for row in rows(table(slide, 0))] == ["Deal 6", "Deal 5", "Deal 4", "Deal 3"]
    assert table(slide, 0).title == "Won: 6 deals, USD 21.00 (4 of them here)"
    slide = read(partner, cam, chosen=Choices(deals=frozenset({made[0].pk})))["deals"]
    assert [row[0] for row in rows(table(slide, 0))] == ["Deal 1"]


def test_capabilities_are_what_the_summary_says(acme, partner, cam, internal_version):
    seller = acme.users_a[Role.PARTNER_SELLER]
    for answers in (EXAMPLE, EXAMPLE | {"a2q1": "o50"}):
        filled(partner, internal_version, seller, answers)
        filled(partner, internal_version, cam, answers | {"t1q1": "o100"})
        Assessment.everything.filter(period__gt="2020Q1").update(period="2020Q1")
    slide = read(partner, cam)["capabilities"]
    latest = Assessment.everything.filter(status__in=Assessment.COUNTED).order_by("-finished_at").first()
    summary = Summary(seller, latest)
    scores = [D(category["display"]) for category in summary.payload["categories"]]
    series = {each.name: each.values for each in chart(slide).series}
    assert chart(slide).categories == ("Category A", "Category B")
    assert list(series["Score"]) == scores
    assert series["Best practice"] == tuple(bar.best for bar in summary.bars.bars)
    assert "Last time" in series
    overall = rows(table(slide))[-1]
    assert overall[1] == str(summary.overall[0])
    assert overall[4] == str(summary.overall[0] - summary.change)
    assert "Secret" not in " ".join(texts([slide]))


def test_a_view_that_only_one_side_may_see_yet_is_on_no_deck(acme, partner, cam, internal_version):
    seller = acme.users_a[Role.PARTNER_SELLER]
    filled(partner, internal_version, seller, EXAMPLE | {"a2q1": "o100"})
    for builder in (cam, acme.users[Role.ADMIN]):
        assert read(partner, builder)["capabilities"].missing
    filled(partner, internal_version, cam, EXAMPLE | {"t1q1": "o100"})
    assert not read(partner, cam)["capabilities"].missing


@pytest.mark.parametrize("side", ["partner", "vendor"])
def test_a_later_view_of_one_side_moves_neither_score_nor_goal(acme, partner, cam, internal_version, side):
    seller = acme.users_a[Role.PARTNER_SELLER]
    trusted = EXAMPLE | {"t1q1": "o100"}
    filled(partner, internal_version, seller, EXAMPLE)
    filled(partner, internal_version, cam, trusted)
    Assessment.everything.update(period="2020Q1")
    now = timezone.now()
    Goal.everything.create(
        partner=partner, questionnaire=internal_version.questionnaire, topic_key="a2", topic_name="Topic a2",
        score_from=D(0), score_to=D(50), by_on=today(), proposed_at=now, agreed_by_vendor_at=now, agreed_by_partner_at=now,
    )  # fmt: skip
    before = read(partner, cam)
    if side == "partner":
        filled(partner, internal_version, seller, EXAMPLE | {"a2q1": "o50"})
    else:
        filled(partner, internal_version, cam, trusted | {"a2q1": "o50"})
    after = read(partner, cam)
    for key in ("summary", "capabilities", "capability_goals"):
        assert after[key] == before[key], key
    assert rows(table(after["capability_goals"]))[0][3:5] == ["25", "50%"]


def test_the_vendor_copy_is_read_with_its_builders_eyes(acme, partner, cam, internal_version):
    filled(partner, internal_version, cam, EXAMPLE | {"t1q1": "o100"})
    assert read(partner, cam)["capabilities"].missing  # the partner's view isn't in
    slide = read(partner, cam, vendor_copy=True)["capabilities"]
    assert "Secret trust (internal)" in chart(slide).categories


def test_goals_say_where_they_stand(acme, partner, cam):
    furnish_vendor(acme)
    furnish(acme, partner, acme.users_a)
    Action.everything.filter(partner=partner, shared=False).update(title="Between us")
    slide = read(partner, cam)["capability_goals"]
    lines = goal_lines.lines(acme.users_a[Role.PARTNER_CHAMPION], partner, also=cam)
    agreed = [line for line in lines if line.goal.is_agreed]
    assert [row[0] for row in rows(table(slide))] == [line.goal.topic_name for line in agreed]
    plan = " ".join(cell for row in rows(table(slide, 1)) for cell in row)
    assert plan
    assert "Between us" not in plan
    assert "Between us" in " ".join(texts([read(partner, cam, vendor_copy=True)["capability_goals"]]))


# ── Commitments ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_commitments_are_those_of_the_last_review_that_was_held_as_they_stood(acme, partner, cam):
    before, quarter = this_quarter().shift(-2), this_quarter().previous
    held = Qbr.everything.create(
        partner=partner,
        quarter=before.key,
        starts_on=before.start,
        ends_on=before.end,
        state="held",
        held_on=before.end,
    )
    Qbr.everything.create(partner=partner, quarter=quarter.key, starts_on=quarter.start, ends_on=quarter.end)
    moments = {"In time": quarter.start, "Too late": quarter.end + dt.timedelta(days=3), "Never": None}
    for place, (text, closed) in enumerate(moments.items()):
        action = partner_actions.add_action(
            by=cam, partner=partner, title=text, owner=cam, due_on=quarter.start, shared=True
        )
        if closed:
            at = timezone.make_aware(dt.datetime.combine(closed, dt.time(12)))
            Action.everything.filter(pk=action.pk).update(status="done", closed_at=at)
        Commitment.everything.create(
            qbr=held, position=place, side="vendor", owner=cam, text=text, due_on=quarter.start, action=action
        )
    slide = read(partner, cam, quarter)["commitments"]
    assert [(row[0], row[-1]) for row in rows(table(slide))] == [
        ("In time", "Done"),
        ("Too late", "Late"),
        ("Never", "Late"),
    ]
    assert slide.commentary == ("Commitments done: 1 of 3.", "2 commitments are open after the day they were due.")
    now = read(partner, cam, this_quarter())["commitments"]
    assert [row[-1] for row in rows(table(now))] == [
        "Done",
        "Done" if moments["Too late"] <= today() else "Late",
        "Late",
    ]


# ── The partner at a glance, the summary ─────────────────────────────────────────────────────────────────────────────


def test_people_of_both_sides_and_valid_certifications(acme, partner, cam):
    Contact.everything.create(partner=partner, name="Ada", title="Head of sales", is_primary=True)
    certificate = Certificate.objects.create(key="pro", name="Professional")
    for days in (20, 400, -1):
        Certification.everything.create(
            partner=partner, certificate=certificate, earned_on=today() - dt.timedelta(days=500 - days),
            expires_on=today() + dt.timedelta(days=days),
        )  # fmt: skip
    slide = read(partner, cam)["glance"]
    people = rows(table(slide))
    assert ["Vendor", cam.display_name, "Account manager"] in people
    assert ["Partner", "Ada", "Head of sales"] in people
    assert tiles(slide)["Valid certifications"] == "2"
    assert rows(table(slide, 1)) == [["Professional", "2", date(today() + dt.timedelta(days=20))]]


def test_the_summary_has_a_line_for_each_area_and_proposes_wins_and_concerns(partner, cam):
    close(partner, "Big one", "won", "900", this_quarter().start)
    slide = read(partner, cam)["summary"]
    areas = {row[0].text: row for row in table(slide).rows}
    page = Page(cam, partner, today(), PORTAL, shared=True)
    told = page.told.explain("performance_to_plan")
    tone = {"green": Tone.GOOD, "amber": Tone.WATCH, "red": Tone.BAD}[page.told.rag(told)]
    assert areas["Performance to plan"][1].tone is tone
    assert areas["Performance to plan"][2].text == f"{page.dials[0].chart.value}%"
    wins, concerns = [block for block in slide.blocks if isinstance(block, Points)]
    assert "Won: Big one, USD 900.00." in [point.text for point in wins.points]
    assert len(wins.points) <= 3
    assert len(concerns.points) <= 3


def test_the_summary_says_which_figures_are_of_which_day(partner, cam):
    before = this_quarter().previous
    assert read(partner, cam, before)["summary"].commentary[-1] == (
        f"Figures of the quarter are as of {date(before.end)}, the others as of {date(today())}."
    )
    now = read(partner, cam, this_quarter())["summary"]
    assert "Figures of the quarter" not in " ".join(now.commentary)


def test_chosen_wins_take_the_place_of_those_proposed(partner, cam):
    slide = read(partner, cam, chosen=Choices(wins=("We opened in Ulm.",), concerns=()))["summary"]
    wins, concerns = [block for block in slide.blocks if isinstance(block, Points)]
    assert [point.text for point in wins.points] == ["We opened in Ulm."]
    assert not concerns.points


# ── Who reads ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_partners_side_as_such_sees_its_partner_and_nobody_elses(acme, globex):
    eyes = partner_side(acme.partner_a)
    assert eyes.is_partner_side
    assert list(Partner.objects.visible_to(eyes)) == [acme.partner_a]
    champion = acme.users_a[Role.PARTNER_CHAMPION]
    for model in (Deal, SalesResult, Customer, Contact, Action):
        seen = set(model.objects.visible_to(eyes).values_list("pk", flat=True))
        assert seen == set(model.objects.visible_to(champion).values_list("pk", flat=True))


def test_nothing_internal_blind_or_of_another_partner_is_on_a_deck(acme):
    furnish_vendor(acme)
    for partner, team in ((acme.partner_a, acme.users_a), (acme.partner_b, acme.users_b)):
        furnish(acme, partner, team)
    deal = Deal.everything.filter(partner=acme.partner_b, stage__outcome="open").first()
    DealShare.everything.filter(deal=deal).update(percent=60)
    DealShare.everything.create(deal=deal, partner=acme.partner_a, percent=40)
    mark(acme, ("A", acme.partner_a, acme.users_a), ("B", acme.partner_b, acme.users_b))
    for row in Commitment.everything.all():  # agreed with the partner, and so for its deck before the review is shared
        Commitment.everything.filter(pk=row.pk).update(text=row.text.replace(INTERNAL, ""))
    partner = Partner.everything.get(pk=acme.partner_a.pk)
    found = {}
    for role in (Role.CAM, Role.ADMIN):
        for quarter in (this_quarter(), this_quarter().previous):
            slides = read(partner, acme.users[role], quarter)
            said = "\n".join(texts(slides.values()))
            for word in (INTERNAL, BLIND, "GLOBEX"):
                assert word not in said, (role, word, said[max(0, said.find(word) - 200) : said.find(word) + 80])
            others = said.replace(deal_name(deal), "")
            assert "ACME-B" not in others, (
                role,
                others[max(0, others.find("ACME-B") - 200) : others.find("ACME-B") + 80],
            )
            found[role, quarter.key] = said
    assert "ACME-A" in found[Role.CAM, this_quarter().key]
    copy = read(partner, acme.users[Role.ADMIN], vendor_copy=True)
    assert INTERNAL in "\n".join(texts(copy.values()))  # what is looked for above is there to be found
    # The eyes are the partner's: who builds changes nothing.
    assert found[Role.CAM, this_quarter().key] == found[Role.ADMIN, this_quarter().key]
    # Nothing was passed over for want of data.
    assert not [
        slide.key for slide in read(partner, acme.users[Role.CAM]).values() if slide.missing and slide.key in OWN
    ]


def deal_name(deal: Deal) -> str:
    """Shared deals are the one thing of another partner's that a partner sees: their name."""
    deal.refresh_from_db()
    return deal.name


def date(day: dt.date) -> str:
    from django.utils.formats import date_format

    return date_format(day, "DATE_FORMAT")
