"""Due items through the database: a simulated year, what closes them, what opens them again, who skips them."""

import datetime as dt
from random import Random

import pytest
from django.core.exceptions import ValidationError

from accounts.permissions import Role
from cadence import actions, queries
from cadence.models import DueItem
from cadence.schedule import Rule
from partners.models import LifeStage, ObjectiveProgress, Partner, Placement, Tier
from partners.objectives import actions as objectives
from prm.common import events
from prm.common.models import AuditEntry, Holiday, Policy, VendorSettings
from prm.common.vendor import fiscal_calendar, today
from scorecards.actions import Given, confirm, save_answer, start_assessment, submit
from scorecards.events import PerformanceReviewed
from scorecards.models import Assessment, PerformanceReview
from scorecards.queries import published

D = dt.date
ONE = dt.timedelta(days=1)
WORKED = ["onboard", "activate", "accelerate", "mature"]


def rule(task, every, tiers=None, stages=WORKED, offset=None):
    return {"task": task, "every": every, "tiers": tiers, "stages": stages, "offset": offset}


VERSIONS = {
    D(2026, 3, 15): [
        rule("performance_review", "month"),
        rule("capabilities", "quarter", ["gold", "platinum"], offset=-5),
        rule("capabilities", "half"),
    ],
    D(2026, 11, 10): [
        rule("performance_review", "month", ["none", "silver"], stages=None),
        rule("capabilities", "quarter", offset=3),
        rule("satisfaction", "year", ["platinum"]),
    ],
}
HOLIDAYS = {D(2026, 12, 31), D(2026, 9, 30), D(2027, 1, 1)}
MARCH, END_OF_MARCH = D(2026, 3, 1), D(2026, 3, 31)
FIRST, LAST = D(2026, 7, 1), D(2027, 7, 31)


# ── The oracle: by days and months alone, without the rules it checks ────────────────────────────────────────────────


def spans():
    """(every, key, first day, last day) of each period that touches the year; fiscal years start in July."""
    for month in range(12 * 2025, 12 * 2028):
        year, first = divmod(month, 12)
        start = D(year, first + 1, 1)
        fiscal, place = (year + 1 if first >= 6 else year), (first - 6) % 12
        for every, length, key in (
            ("month", 1, f"{year}-{first + 1:02}"),
            ("quarter", 3, f"{fiscal}Q{place // 3 + 1}"),
            ("half", 6, f"{fiscal}H{place // 6 + 1}"),
            ("year", 12, f"{fiscal}"),
        ):
            if place % length == 0:
                after = month + length
                yield every, key, start, D(after // 12, after % 12 + 1, 1) - ONE


def works(day):
    return day.weekday() < 5 and day not in HOLIDAYS


def due(start, end, offset):
    day = end
    while not works(day):
        day -= ONE
    for _step in range(abs(offset or 0)):
        day += ONE if offset > 0 else -ONE
        while not works(day):
            day += ONE if offset > 0 else -ONE
    return max(day, start)


def expected(histories, signed, until):
    """{(partner, task, period): due day} of all that should be there when the night of `until` is over."""
    found = {}
    for every, key, start, end in spans():
        version = max((day for day in VERSIONS if day <= start), default=None)
        if start > until or version is None:
            continue
        for pk, history in histories.items():
            if history[0][0] > end or (signed[pk] and signed[pk] > start):
                continue
            tier, stage = history[0][1:]
            for day, *place in history:
                if day <= start:
                    tier, stage = place
            decided = set()
            for each in VERSIONS[version]:
                fits = (each["tiers"] is None or (tier or "none") in each["tiers"]) and (
                    each["stages"] is None or stage in each["stages"]
                )
                if fits and each["task"] not in decided:
                    decided.add(each["task"])
                    if each["every"] == every:
                        found[pk, each["task"], key] = due(start, end, each["offset"])
    return found


@pytest.fixture
def four_hundred(acme):
    """Partners of all kinds: signed or not, entered before or during the year, moved up, down, lapsed and back."""
    VendorSettings.objects.filter(pk=1).update(fiscal_start_month=7)
    Policy.objects.filter(kind="cadence").delete()
    for starts_on, rules in VERSIONS.items():
        Policy.objects.create(kind="cadence", starts_on=starts_on, data={"rules": rules})
    for day in HOLIDAYS:
        Holiday.objects.create(on=day, name=str(day))
    Partner.everything.update(signed_on=D(2030, 1, 1))  # the fixture's own: no items of theirs this year
    random = Random(4)
    tiers = [None, *Tier.objects.all()]
    stages = list(LifeStage.objects.all())
    kind = acme.partner_a.partner_type
    partners = Partner.everything.bulk_create(
        Partner(
            name=f"Partner {n}", partner_type=kind, stage=stages[2], tier=None,
            signed_on=random.choice([None, D(2019, 5, 5), D(2026, 4, 1) + random.randrange(500) * ONE]),
        )
        for n in range(400)
    )  # fmt: skip
    histories = {}
    for partner in partners:
        days = {random.choice([D(2025, 1, 1), D(2026, 6, 1) + random.randrange(420) * ONE])}
        days |= {min(days) + random.randrange(1, 300) * ONE for _move in range(random.randrange(4))}
        rows = [(day, random.choice(tiers), random.choice(stages)) for day in sorted(days)]
        Placement.everything.bulk_create(
            Placement(partner=partner, starts_on=day, tier=tier, stage=stage) for day, tier, stage in rows
        )
        histories[partner.pk] = [(day, tier.key if tier else "", stage.key) for day, tier, stage in rows]
    return histories, {partner.pk: partner.signed_on for partner in partners}


def there():
    return {
        (pk, task, period): day
        for pk, task, period, day in DueItem.everything.values_list("partner_id", "task", "period", "due_on")
    }


RUNS = {
    "every tenth night, each twice": [FIRST + n * ONE for n in range(0, 395, 10) for _twice in range(2)] + [LAST],
    "late: on the last day of each month": [end for every, _k, _s, end in spans() if every == "month" and FIRST <= end <= LAST],
    "with gaps of weeks": [D(2026, 7, 2), D(2026, 8, 20), D(2026, 10, 1), D(2026, 12, 30), D(2027, 2, 3), D(2027, 7, 31)],
}  # fmt: skip


@pytest.mark.parametrize("nights", RUNS.values(), ids=RUNS)
def test_a_year_has_exactly_the_items_of_the_policy(four_hundred, nights):
    histories, signed = four_hundred
    before = set()
    for night in nights:
        actions.make_due(on=night)
        now = set(there())
        assert before <= now
        before = now
    wanted = expected(histories, signed, LAST)
    assert len(wanted) > 3000
    assert there() == wanted
    assert {every for _p, _t, key in wanted for every in "QH-" if every in key} == {"Q", "H", "-"}
    assert actions.make_due(on=LAST) == 0


def test_a_night_in_the_middle_has_what_is_due_by_then_and_nothing_ahead(four_hundred):
    histories, signed = four_hundred
    actions.make_due(on=D(2026, 9, 14))
    assert there() == expected(histories, signed, D(2026, 9, 14))


def test_both_of_two_nights_at_the_same_time_make_each_item_once(acme, monkeypatch):
    """The second has looked before the first has written."""
    from cadence.actions import making

    actions.make_due(on=today())
    first = there()
    assert first
    looked = making.DueItem.objects.unscoped("before the other wrote").none()
    monkeypatch.setattr(making.DueItem.objects, "unscoped", lambda why: looked)
    making._make(making._plan(today()), [acme.partner_a.pk, acme.partner_b.pk])
    monkeypatch.undo()
    assert there() == first


def test_an_old_vendor_gets_the_first_policy_for_this_month_on(acme):
    Policy.objects.filter(kind="cadence").delete()
    DueItem.everything.all().delete()
    Placement.everything.bulk_create(
        Placement(partner=partner, starts_on=D(2020, 1, 1), tier=partner.tier, stage=partner.stage)
        for partner in (acme.partner_a, acme.partner_b)
    )
    actions.make_due(on=D(2026, 11, 22))
    assert {key for _p, _t, key in there()} == {"2026-11"}
    assert Policy.objects.get(kind="cadence").starts_on == D(2026, 11, 1)


def test_a_new_vendor_starts_with_cadences_own_policy_and_partners_entered_today_are_due(acme):
    assert Policy.objects.get(kind="cadence").created_by is None
    actions.make_due(on=today())
    mine = DueItem.everything.filter(partner=acme.partner_a).values_list("task", flat=True)
    assert set(mine) == {
        "performance_review", "capabilities", "business_plan", "marketing_plan", "qbr", "objectives", "satisfaction",
    }  # fmt: skip


# ── What closes and opens ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


def item(partner, task="performance_review", *, starts=MARCH, ends=END_OF_MARCH, due_on=None, period="2026-03"):
    return DueItem.everything.create(
        partner=partner, task=task, period=period, starts_on=starts, ends_on=ends, due_on=due_on or ends
    )


def review(partner, day, by):
    return PerformanceReview.everything.create(partner=partner, on=day, by=by)


def scored(partner, by, mode="cam", kind="capability"):
    version = published(kind)[0]
    assessment = start_assessment(partner=partner, version=version, mode=mode, by=by)
    for question in version.content.questions():
        if question.key in assessment.applicable:
            given = Given(options=(question.options[0].key,)) if question.options else Given(value="5")
            save_answer(assessment=assessment, question_key=question.key, given=given, by=by)
    confirm(assessment=assessment, by=by)
    return submit(assessment=assessment, by=by)


def state(row):
    row.refresh_from_db()
    return row.state, row.done_on


def test_a_review_closes_its_item_and_those_missed_before_and_opens_them_when_it_is_taken_back(
    acme, cam, django_capture_on_commit_callbacks
):
    march = item(acme.partner_a)
    april = item(acme.partner_a, starts=D(2026, 4, 1), ends=D(2026, 4, 30), period="2026-04")
    may = item(acme.partner_a, starts=D(2026, 5, 1), ends=D(2026, 5, 31), period="2026-05")
    other = item(acme.partner_b)
    held = review(acme.partner_a, D(2026, 4, 3), cam)
    with django_capture_on_commit_callbacks(execute=True):
        events.send(PerformanceReviewed(acme.partner_a.pk, held.on))
    assert [state(row) for row in (march, april, may, other)] == [
        ("done", D(2026, 4, 3)),  # late
        ("done", D(2026, 4, 3)),
        ("open", None),
        ("open", None),
    ]
    assert march.by == cam
    # An earlier one that was written down later is what counts.
    review(acme.partner_a, D(2026, 3, 30), None)
    actions.settle()
    assert state(march) == ("done", D(2026, 3, 30))
    PerformanceReview.everything.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        events.send(PerformanceReviewed(acme.partner_a.pk, held.on, undone=True))
    assert [state(row) for row in (march, april)] == [("open", None)] * 2
    assert march.by is None


def test_what_was_held_before_the_item_was_made_closes_it(acme, cam):
    review(acme.partner_a, today().replace(day=1), cam)
    actions.make_due(on=today())
    made = DueItem.everything.get(partner=acme.partner_a, task="performance_review")
    assert (made.state, made.done_on, made.by) == ("done", today().replace(day=1), cam)
    assert DueItem.everything.get(partner=acme.partner_b, task="performance_review").state == "open"


@pytest.mark.parametrize("mode", ["cam", "self"])
def test_a_submitted_scorecard_closes_capabilities_whichever_side_it_is_of(
    acme, cam, mode, django_capture_on_commit_callbacks
):
    actions.make_due(on=today())
    mine = DueItem.everything.get(partner=acme.partner_a, task="capabilities")
    with django_capture_on_commit_callbacks(execute=True):
        scored(acme.partner_a, cam if mode == "cam" else acme.users_a[Role.PARTNER_CHAMPION], mode)
    assert state(mine) == ("done", today())
    assert DueItem.everything.get(partner=acme.partner_a, task="satisfaction").state == "open"
    Assessment.everything.filter(partner=acme.partner_a).delete()
    actions.make_due(on=today())
    assert state(mine) == ("open", None)


def test_a_draft_closes_nothing_and_the_agreed_one_is_no_second_conversation(acme, cam):
    version = published()[0]
    start_assessment(partner=acme.partner_a, version=version, mode="cam", by=cam)
    actions.make_due(on=today())
    mine = DueItem.everything.get(partner=acme.partner_a, task="capabilities")
    assert mine.state == "open"
    done = scored(acme.partner_b, acme.cam_b)
    Assessment.everything.filter(pk=done.pk).update(finished_on=mine.starts_on - ONE, mode="joint", status="agreed")
    scored(acme.partner_b, acme.cam_b)
    earlier = Assessment.everything.latest("pk")
    Assessment.everything.filter(pk=earlier.pk).update(
        finished_on=mine.starts_on - 2 * ONE, status="superseded", superseded_by=done
    )
    Assessment.everything.filter(pk=done.pk).update(finished_on=today())
    actions.settle()
    assert DueItem.everything.get(partner=acme.partner_b, task="capabilities").state == "open"


@pytest.mark.parametrize("side", ["partner", "vendor"])
def test_progress_of_an_objective_closes_the_talk_about_them(acme, cam, side, django_capture_on_commit_callbacks):
    """Whichever side's it is and whoever enters it; a correction later on doesn't make it later, taken back it is open again."""
    actions.make_due(on=today())
    mine = DueItem.everything.get(partner=acme.partner_a, task="objectives")
    year = fiscal_calendar().year_of(today())
    by = acme.users_a[Role.PARTNER_CHAMPION] if side == "partner" else cam
    row = objectives.add_objective(
        by=by, partner=acme.partner_a, side=side, fiscal_year=year.year, title="Win", yardstick="Deals"
    )
    assert state(mine) == ("open", None)

    def enter(value):
        with django_capture_on_commit_callbacks(execute=True):
            objectives.enter_progress(
                by=by, partner=acme.partner_a, fiscal_year=year.year, quarter=1, changes={row.pk: {"value": value}}
            )

    enter(40)
    assert state(mine) == ("done", today())
    assert mine.by == by
    ObjectiveProgress.everything.update(on=mine.starts_on)
    enter(50)
    assert state(mine) == ("done", mine.starts_on)
    assert DueItem.everything.get(partner=acme.partner_b, task="objectives").state == "open"
    enter(None)
    assert state(mine) == ("open", None)


def test_what_the_partner_says_closes_satisfaction_and_its_cam_hears_nothing_of_it(
    acme, cam, django_capture_on_commit_callbacks
):
    actions.make_due(on=today())
    with django_capture_on_commit_callbacks(execute=True):
        scored(acme.partner_a, acme.users_a[Role.PARTNER_CHAMPION], "self", "satisfaction")
    asked = DueItem.everything.get(partner=acme.partner_a, task="satisfaction")
    assert asked.state == "done"
    assert asked in queries.items(acme.users[Role.CHIEF])
    assert asked not in queries.items(cam)
    assert not queries.items(acme.users_a[Role.PARTNER_EXECUTIVE]).exists()
    cam.groups.add(*acme.users[Role.OPERATIONS].groups.all())
    both = type(cam).objects.get(pk=cam.pk)  # operations as well, but never about the own partner
    seen = set(queries.items(both).filter(task="satisfaction").values_list("partner", flat=True))
    assert seen == {acme.partner_b.pk}


def test_a_skipped_item_has_its_reason_and_stays_skipped_until_it_is_opened_again(acme, cam):
    march = item(acme.partner_a)
    mine = DueItem.objects.visible_to(cam)
    with pytest.raises(ValidationError, match="Say why"):
        actions.skip(by=cam, items=mine, reason=" ")
    assert actions.skip(by=cam, items=mine, reason="They are on holiday") == 1
    assert actions.skip(by=cam, items=mine, reason="again") == 0
    march.refresh_from_db()
    assert (march.state, march.skip_reason, march.by) == ("skipped", "They are on holiday", cam)
    review(acme.partner_a, D(2026, 3, 5), cam)
    actions.settle()
    assert state(march) == ("skipped", None)
    assert actions.reopen(by=cam, items=mine) == 1
    assert state(march) == ("done", D(2026, 3, 5))
    logged = AuditEntry.objects.filter(target_type="cadence.DueItem").order_by("pk")
    assert [(e.verb, e.partner_id, e.target_name) for e in logged] == [
        ("due.skipped", acme.partner_a.pk, "Performance review 2026-03"),
        ("due.reopened", acme.partner_a.pk, "Performance review 2026-03"),
    ]


def test_skipping_satisfaction_stays_out_of_the_history_the_cam_reads(acme):
    item(acme.partner_a, "satisfaction")
    operations = acme.users[Role.OPERATIONS]
    assert actions.skip(by=operations, items=DueItem.objects.visible_to(operations), reason="Asked in March") == 1
    assert AuditEntry.objects.get(verb="due.skipped").partner_id is None


# ── How it stands ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_completion_counts_this_quarter_and_late_ones_of_before_by_cam(acme, cam):
    day = D(2026, 11, 22)
    october = {"starts": D(2026, 10, 1), "ends": D(2026, 10, 30), "period": "2026-10"}
    november = {"starts": D(2026, 11, 1), "ends": D(2026, 11, 30), "period": "2026-11"}
    item(acme.partner_a, starts=D(2026, 6, 1), ends=D(2026, 6, 30), period="2026-06")
    item(acme.partner_a, **october)
    item(acme.partner_a, **november)
    for n, (held, ends) in enumerate([(D(2026, 10, 30), D(2026, 10, 30)), (D(2026, 11, 5), D(2026, 10, 30))]):
        done = item(acme.partner_a, "capabilities", starts=D(2026, 10, 1), ends=ends, period=f"2026Q{n}")
        DueItem.everything.filter(pk=done.pk).update(state="done", done_on=held)
    item(acme.partner_b, **october)
    Partner.everything.filter(pk=acme.partner_b.pk).update(cam=None)
    found = queries.held(cam, queries.own_partners(cam), day)
    quarter = found.quarter
    assert (quarter.on_time, quarter.after, quarter.waiting, quarter.late) == (1, 1, 1, 1)
    assert (quarter.percent, found.overdue) == (50, 2)
    rows = queries.held_by_cam(acme.users[Role.CHIEF], day)
    assert [(row.cam, row.held.overdue, row.held.quarter.percent) for row in rows] == [(cam, 2, 50), (None, 1, 0)]
    assert [row.partner for row in queries.unassigned(acme.users[Role.CHIEF], at_most=5)] == [acme.partner_b]


# ── The policy ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_version_is_set_for_a_day_to_come_and_replaced_there(acme):
    admin = acme.users[Role.ADMIN]
    rules = [Rule("capabilities", "half", frozenset({"gold"}), None, -5)]
    with pytest.raises(ValidationError, match="tomorrow or a later day"):
        actions.set_policy(by=admin, starts_on=today(), rules=rules)
    with pytest.raises(ValidationError, match="Rule 1: There is no tool for this task yet"):
        actions.set_policy(by=admin, starts_on=today() + ONE, rules=[Rule("lunch", "half")])
    first = actions.set_policy(by=admin, starts_on=today() + ONE, rules=rules)
    again = actions.set_policy(by=admin, starts_on=today() + ONE, rules=[])
    assert again == first
    first.refresh_from_db()
    assert first.data == {"rules": []}
    assert AuditEntry.objects.filter(verb="cadence.set").count() == 2
