"""A plan's draft: what it starts from, who works on it, what may be typed."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from accounts.permissions import Role
from marketing import actions, prefill, queries, reading
from marketing.models import RATES, Activity, MarketingPlan, Play, Tactic
from partners.models import Partner
from pipeline.deals import actions as deals
from pipeline.models import DealStage, ProductLine
from prm.common.models import AuditEntry, CurrencyRate
from prm.common.vendor import fiscal_calendar, today
from tests.marketing.making import added, approved, closed, fresh, marketer, parts, started, submitted, tactic, verified


def test_a_vendor_starts_with_a_tactic_of_each_kind_and_plays_of_them(acme):
    assert sorted(Tactic.objects.values_list("kind", flat=True)) == sorted(Tactic.Kind.values)
    assert all(row.proofs and row.cost and row.reach for row in Tactic.objects.all())
    assert "webinar-nurture-telemarketing" in Play.objects.values_list("key", flat=True)
    assert Play.objects.count() >= 3


def test_a_plan_starts_from_a_play_filled_in(acme):
    play = Play.objects.get(key="webinar-nurture-telemarketing")
    plan = started(acme, play=play)
    quarter = fiscal_calendar().quarter_of(today())
    assert (plan.starts_on, plan.ends_on, plan.currency, plan.shared) == (quarter.start, quarter.end, "USD", True)
    rows = parts(plan)
    assert [row.tactic.key for row in rows] == ["webinar", "email", "telemarketing"]
    webinar = rows[0]
    assert webinar.starts_on == quarter.start + dt.timedelta(days=21) == webinar.ends_on
    assert (webinar.reach, webinar.response, webinar.cycle_days) == (4000, Decimal("0.03"), 90)
    assert webinar.sources["response"] == {"from": "tactic"}
    assert webinar.sources["cycle_days"] == {"from": "default"}
    # What the lines say that MDF pays is what is asked.
    assert (reading.cost(webinar), webinar.mdf_asked) == (6000, 3500)
    assert actions.not_ready(plan) == []


def test_a_plan_for_two_quarters_ends_with_the_second(acme):
    now = fiscal_calendar().quarter_of(today())
    plan = started(acme, quarters=2, quarter=now.next.key)
    assert (plan.starts_on, plan.ends_on) == (now.next.start, now.shift(2).end)
    assert "–" in plan.title


@pytest.mark.parametrize(
    ("field", "given"),
    [("quarter", {"quarter": "soon"}), ("quarter", {"quarter": "2026"}), ("quarter", {"quarter": "2090Q1"}),
     ("quarters", {"quarters": 3}), ("currency", {"currency": "XXZ"})],
)  # fmt: skip
def test_a_plan_starts_in_a_near_quarter_and_a_currency(acme, field, given):
    with pytest.raises(ValidationError) as refused:
        started(acme, **given)
    assert set(refused.value.message_dict) == {field}


def test_a_copy_moves_to_the_new_days_and_keeps_what_was_typed(acme):
    by = marketer(acme)
    old = started(acme)
    first = added(
        old, by=by, starts_on=old.starts_on + dt.timedelta(days=10), ends_on=old.starts_on + dt.timedelta(days=12)
    )
    actions.save(plan=old, by=by, fields={"message": "Now", "revenue_goal": "5000"})
    quarter = fiscal_calendar().quarter_of(today()).next
    plan = actions.start(partner=acme.partner_a, by=by, quarter=quarter.key, copy_of=fresh(old))
    (copy,) = parts(plan)
    assert (copy.starts_on, copy.ends_on) == (
        quarter.start + dt.timedelta(days=10),
        quarter.start + dt.timedelta(days=12),
    )
    assert reading.outcome(copy).revenue == reading.outcome(first).revenue
    assert (plan.message, plan.revenue_goal, copy.code == first.code) == ("Now", 5000, False)
    assert copy.sources["response"]["from"] == "typed"


def test_nobody_starts_for_a_partner_out_of_reach(acme):
    for by in (acme.users[Role.CAM], marketer(acme), acme.users[Role.CHIEF], acme.users_b[Role.PARTNER_SELLER]):
        with pytest.raises(actions.NotAllowed):
            started(acme, acme.partner_b, by=by)
    theirs = started(acme, acme.partner_b)
    with pytest.raises(actions.NotAllowed):
        started(acme, copy_of=theirs)


def test_what_the_vendor_begins_the_partner_sees_once_shared(acme):
    cam, theirs = acme.users[Role.CAM], marketer(acme)
    plan = started(acme, by=cam)
    assert not MarketingPlan.objects.visible_to(theirs).exists()
    with pytest.raises(actions.NotAllowed):
        actions.save(plan=plan, by=theirs, fields={"title": "Mine"})
    actions.share(plan=plan, by=cam)
    assert MarketingPlan.objects.visible_to(theirs).get() == plan
    assert not MarketingPlan.objects.visible_to(acme.cam_b).exists()
    assert MarketingPlan.objects.visible_to(acme.users[Role.MARKETING]).count() == 1
    assert not Activity.objects.visible_to(marketer(acme, acme.partner_b)).exists()


def test_the_internal_note_is_the_vendors(acme):
    plan = started(acme)
    actions.save(plan=plan, by=acme.users[Role.CAM], fields={"vendor_note": "Weak"})
    with pytest.raises(ValidationError) as refused:
        actions.save(plan=plan, by=marketer(acme), fields={"vendor_note": "?"})
    assert set(refused.value.message_dict) == {"vendor_note"}
    assert fresh(plan).vendor_note == "Weak"


def test_who_types_into_the_same_thing_at_once_is_told(acme):
    plan = started(acme)
    cam, theirs = acme.users[Role.CAM], marketer(acme)
    actions.save(plan=plan, by=cam, fields={"message": "One"}, revision=0)
    with pytest.raises(actions.Changed) as told:
        actions.save(plan=plan, by=theirs, fields={"message": "Two"}, revision=0)
    assert (told.value.current["message"], told.value.current["revision"]) == ("One", 1)
    activity = added(plan, by=theirs)
    actions.change_activity(activity=activity, by=cam, fields={"reach": 5}, revision=0)
    with pytest.raises(actions.Changed):
        actions.change_activity(activity=activity, by=theirs, fields={"reach": 6}, revision=0)
    # Another activity isn't touched by it, and what is written as it was is no change.
    actions.change_activity(activity=added(plan, by=theirs), by=theirs, fields={"reach": 6}, revision=0)
    same = actions.change_activity(activity=activity, by=theirs, fields={"reach": 5, "response": "0.020"}, revision=1)
    assert same.revision == 1


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        ("response", {"response": "1.01"}), ("win", {"win": "-0.1"}), ("margin", {"margin": "30"}), ("sal", {"sal": "x"}),
        ("reach", {"reach": "1.5"}), ("reach", {"reach": -1}), ("deal_size", {"deal_size": "-1"}),
        ("deal_size", {"deal_size": "0.001"}), ("mdf_asked", {"mdf_asked": "NaN"}), ("cycle_days", {"cycle_days": ""}),
        ("cycle_days", {"cycle_days": 4000}), ("starts_on", {"starts_on": "2020-01-01"}), ("starts_on", {"starts_on": "soon"}),
        ("owner", {"owner": 0}), ("product_lines", {"product_lines": ["none"]}), ("tactic", {"tactic": "none"}), ("title", {"title": " "}),
        ("budget.0.amount", {"budget": [{"what": "A", "amount": "-1"}]}),
        ("budget.1.what", {"budget": [{"what": "A", "amount": "1"}, {"what": "", "amount": "1"}]}),
        ("budget.0.payer", {"budget": [{"what": "A", "amount": "1", "payer": "me"}]}),
        ("assets.0.url", {"assets": [{"url": "javascript:alert(1)"}]}), ("assets.0.url", {"assets": [{"url": "http://a.example"}]}),
        ("assets.0.url", {"assets": [{"url": "https://user@a.example"}]}), ("colour", {"colour": "red"}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_its_place(acme, place, fields):
    plan = started(acme)
    activity = added(plan, by=marketer(acme))
    with pytest.raises(ValidationError) as refused:
        actions.change_activity(activity=activity, by=marketer(acme), fields={"title": "New", **fields})
    assert set(refused.value.message_dict) == {place}
    assert fresh(activity).title != "New"


def test_the_last_day_is_not_before_the_first(acme):
    plan = started(acme)
    activity = added(plan, by=marketer(acme))
    with pytest.raises(ValidationError) as refused:
        actions.change_activity(
            activity=activity, by=marketer(acme), fields={"starts_on": plan.ends_on, "ends_on": plan.starts_on}
        )
    assert set(refused.value.message_dict) == {"ends_on"}


def test_mdf_follows_its_lines_until_it_is_typed(acme):
    by, plan = marketer(acme), started(acme)
    lines = [{"what": "Agency", "amount": "100", "payer": "mdf"}, {"what": "Hall", "amount": "50", "payer": "other"}]
    activity = added(plan, by=by, budget=lines)
    assert activity.mdf_asked == 100
    lines[0]["amount"] = "120"
    activity = actions.change_activity(activity=activity, by=by, fields={"budget": lines})
    assert (activity.mdf_asked, reading.cost(fresh(activity))) == (120, 170)
    activity = actions.change_activity(activity=activity, by=by, fields={"mdf_asked": "80"})
    activity = actions.change_activity(activity=activity, by=by, fields={"budget": lines[:1]})
    assert activity.mdf_asked == 80


def test_who_last_changed_an_amount_is_kept(acme):
    cam, theirs, plan = acme.users[Role.CAM], marketer(acme), started(acme)
    activity = added(plan, by=theirs)
    actions.change_activity(activity=activity, by=cam, fields={"title": "Better", "reach": 10})
    assert (fresh(activity).amounts_by, fresh(plan).amounts_by, fresh(plan).updated_by) == (theirs, theirs, cam)
    actions.change_activity(activity=activity, by=cam, fields={"mdf_asked": "10"})
    assert (fresh(activity).amounts_by, fresh(plan).amounts_by) == (cam, cam)
    note = AuditEntry.objects.filter(verb="marketing_activity.changed").latest("id")
    assert note.changes == {"mdf_asked": ["0", "10"]}


def test_deal_size_and_cycle_come_from_the_partners_own_deals(acme):
    won = DealStage.objects.get(key="won")
    CurrencyRate.objects.create(currency="EUR", on=dt.date(2020, 1, 1), rate=Decimal("1.25"))
    for amount, currency, took in ((1000, "USD", 10), (4000, "EUR", 50), (9000, "USD", 40)):
        _won(acme, acme.partner_a, amount, currency, took, won)
    plan = started(acme, currency="EUR")
    activity = actions.add_activity(plan=plan, by=marketer(acme), tactic=tactic())
    # The middle one: 4,000 EUR = 5,000 USD.
    assert (activity.deal_size, activity.cycle_days) == (4000, 40)
    assert activity.sources["deal_size"] == {"from": "partner", "count": 3}
    # Of the type five partners must stand behind it.
    assert prefill.of_partner(acme.partner_b, "USD").sources["cycle_days"] == {"from": "default"}
    for n in range(4):
        other = Partner.objects.create(
            name=f"Other {n}", partner_type=acme.partner_a.partner_type, stage=acme.partner_a.stage
        )
        _won(acme, other, 7000, "USD", 70, won)
    ground = prefill.of_partner(acme.partner_b, "USD")
    assert (ground.values["deal_size"], ground.values["cycle_days"]) == (7000, 70)
    assert ground.sources["deal_size"] == {"from": "type", "count": 7}


def _won(acme, partner, amount, currency, took, stage):
    day = today()
    return deals.add_deal(
        by=acme.users[Role.ADMIN], partner=partner, name="Won", amount=Decimal(amount), currency=currency, stage=stage,
        created_on=day - dt.timedelta(days=took), closed_on=day,
    )  # fmt: skip


def test_rates_of_five_verified_activities_are_accepted_exactly(acme):
    by = marketer(acme)
    for plan in (approved(acme, activities=3), approved(acme, acme.partner_b, activities=2)):
        for activity in parts(plan):
            assert queries.history([activity.tactic_id]).get(activity.tactic_id, {}) == {}
            verified(acme, activity, reach=30, inquiries=7, mqls=6, sals=5, mgos=4, wins=1)
    closed(acme, parts(approved(acme, activities=1))[0], reach=1000, inquiries=1000)  # isn't verified
    draft = started(acme)
    activity = added(draft, by=by)
    with pytest.raises(ValidationError):
        actions.accept_history(activity=added(draft, by=by, key="email"), by=by)
    activity = actions.accept_history(activity=activity, by=by, rates=["response", "win"])
    assert activity.response == Decimal("0.233333333333")
    assert activity.sources["response"] == {
        "from": "history", "in": "150", "out": "35", "count": 5, "low": "0.233333333333", "high": "0.233333333333",
    }  # fmt: skip
    assert activity.mql == Decimal("0.4")  # as typed
    # 20,000 × 7/30 exactly, where twelve decimals would lose it.
    assert reading.outcome(fresh(activity)).stages["inquiries"].value == Fraction(14_000, 3)
    typed = actions.change_activity(activity=activity, by=by, fields={"response": "0.1"})
    assert typed.sources["response"] == {"from": "typed"}


def test_another_tactic_brings_its_own_rates_and_what_was_typed_stays(acme):
    by, plan = marketer(acme), started(acme)
    activity = actions.add_activity(plan=plan, by=by, tactic=tactic("email"), fields={"win": "0.31"})
    Tactic.objects.filter(key="event").update(sal=None)
    event = tactic("event")
    changed = actions.change_activity(activity=activity, by=by, fields={"tactic": "event", "mql": "0.11"})
    assert (changed.response, changed.reach, changed.sal) == (event.response, event.reach, None)
    assert (changed.mql, changed.win) == (Decimal("0.11"), Decimal("0.31"))
    assert changed.sources["response"] == {"from": "tactic"}
    assert (changed.sources["mql"], changed.sources["win"], "sal" in changed.sources) == (
        {"from": "typed"}, {"from": "typed"}, False,
    )  # fmt: skip
    back = actions.change_activity(activity=changed, by=by, fields={"tactic": "email"})
    assert (back.response, back.sal) == (tactic("email").response, tactic("email").sal)


def test_rates_of_history_are_of_one_tactic(acme):
    by, plan = marketer(acme), started(acme)
    activity = added(plan, by=by)
    Activity.everything.filter(pk=activity.pk).update(
        sources={**activity.sources, "response": {"from": "history", "in": "3", "out": "1", "count": 5}}
    )
    changed = actions.change_activity(activity=fresh(activity), by=by, fields={"tactic": "event"})
    assert (reading.rate(changed, "response"), changed.sources["response"]) == (
        Fraction(tactic("event").response), {"from": "tactic"},
    )  # fmt: skip


def test_a_budget_without_a_rate_is_not_taken_over_for_nothing(acme):
    by = marketer(acme)
    play = Play.objects.get(key="webinar-nurture-telemarketing")
    first = started(acme)
    added(first, by=by)
    for given in ({"play": play}, {"copy_of": first}):
        with pytest.raises(ValidationError) as refused:
            started(acme, currency="CHF", **given)
        assert today().isoformat() in str(refused.value.message_dict["currency"])
        assert "CHF" in str(refused.value.message_dict["currency"])
    assert MarketingPlan.everything.count() == 1


def test_a_first_day_no_calendar_goes_on_from_is_refused(acme):
    with pytest.raises(ValidationError) as refused:
        actions.add_activity(
            plan=started(acme), by=marketer(acme), tactic=tactic(), fields={"starts_on": dt.date(9999, 12, 31)}
        )
    assert set(refused.value.message_dict) == {"starts_on"}


def test_a_second_click_makes_no_second_one(acme):
    by, soon = marketer(acme), dt.timedelta(minutes=1)
    first = started(acme, once_in=soon)
    assert started(acme, once_in=soon) == first
    assert started(acme, once_in=soon, quarters=2) != first
    one = actions.add_activity(plan=first, by=by, tactic=tactic(), once_in=soon)
    assert actions.add_activity(plan=first, by=by, tactic=tactic(), once_in=soon) == one
    actions.change_activity(activity=one, by=by, fields={"title": "The first"})
    assert actions.add_activity(plan=first, by=by, tactic=tactic(), once_in=soon) != one


def test_order_and_removal(acme):
    by, plan = marketer(acme), started(acme)
    one, two, three = (added(plan, by=by, title=title) for title in "ABC")
    actions.reorder(plan=plan, by=by, order=[three.pk, one.pk, two.pk])
    assert [row.title for row in parts(plan)] == ["C", "A", "B"]
    with pytest.raises(ValidationError):
        actions.reorder(plan=plan, by=by, order=[one.pk, two.pk])
    actions.remove_activity(activity=one, by=by)
    assert [row.title for row in parts(plan)] == ["C", "B"]
    assert added(plan, by=by).position == 3


def test_a_draft_is_thrown_away_by_its_side_and_a_submitted_plan_by_nobody(acme):
    cam, theirs = acme.users[Role.CAM], marketer(acme)
    ours = actions.share(plan=started(acme, by=cam), by=cam)
    with pytest.raises(actions.NotAllowed):
        actions.discard(plan=ours, by=theirs)
    actions.discard(plan=ours, by=cam)
    sent = actions.recall(plan=submitted(acme), by=theirs)
    with pytest.raises(actions.Closed):
        actions.discard(plan=sent, by=theirs)
    assert list(MarketingPlan.everything.values_list("pk", flat=True)) == [sent.pk]


def test_product_lines_and_owner(acme):
    line = ProductLine.objects.create(key="servers", name="Servers")
    by, plan = marketer(acme), started(acme)
    actions.save(plan=plan, by=by, fields={"product_lines": ["servers"]})
    assert list(plan.product_lines.all()) == [line]
    activity = added(plan, by=by, product_lines=["servers"], owner=acme.users_a[Role.PARTNER_SELLER].pk)
    assert list(activity.product_lines.all()) == [line]
    actions.change_activity(activity=activity, by=by, fields={"owner": acme.users[Role.CAM].pk})
    for stranger in (acme.cam_b, marketer(acme, acme.partner_b), acme.users[Role.CHIEF]):
        with pytest.raises(ValidationError):
            actions.change_activity(activity=activity, by=by, fields={"owner": stranger.pk})


def test_a_tactic_that_is_not_in_use_is_kept_and_not_chosen(acme):
    by, plan = marketer(acme), started(acme)
    activity = added(plan, by=by)
    actions.save_tactic(by=acme.users[Role.MARKETING], tactic=tactic(), fields={"active": False, "response": "0.5"})
    with pytest.raises(ValidationError):
        added(plan, by=by)
    kept = actions.change_activity(activity=activity, by=by, fields={"tactic": "webinar", "title": "Still"})
    assert (kept.title, kept.response) == ("Still", Decimal("0.02"))


@pytest.mark.parametrize("name", RATES)
def test_the_database_refuses_rates_out_of_range(acme, name):
    from django.db import IntegrityError, transaction

    activity = added(started(acme), by=marketer(acme))
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.everything.filter(pk=activity.pk).update(**{name: Decimal("1.01")})
