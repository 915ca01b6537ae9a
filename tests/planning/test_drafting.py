"""A plan's draft: who begins, changes, shares and discards it, and what becomes of two who change it at once."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.models import SignedLink
from accounts.permissions import Role
from pipeline.models import ProductLine
from planning import actions, queries, reading
from planning.actions import Changed, Closed, NotAllowed
from planning.document import Invalid
from planning.models import BusinessPlan
from prm.common.fiscal import Month
from prm.common.models import AuditEntry, OutgoingMail
from prm.common.vendor import today
from tests.planning.conftest import SELLER, begin, row, sign_both

Status = BusinessPlan.Status


def marks(plan, *names):
    return {name: mark for name, mark in reading.digests(plan).items() if name in names}


def this_month(shift=0):
    return Month(today().year, today().month).shift(shift).start


# ── Begin ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_begins_next_month_in_the_reporting_currency_and_is_the_only_one(acme, cam):
    plan = actions.start(partner=acme.partner_a, by=cam)
    assert (plan.number, plan.status, plan.shared, plan.revision) == (1, "draft", False, 0)
    assert (plan.first_month, plan.currency, plan.scenario) == (this_month(1), "USD", "base")
    assert [line.name for line in reading.read(plan).assumptions.lines] == ["Subscriptions", "Licences and projects"]
    again = actions.start(partner=acme.partner_a, by=acme.users[Role.OPERATIONS])
    assert again.pk == plan.pk
    assert queries.open_draft(cam, acme.partner_a) == plan
    assert queries.in_force(cam, acme.partner_a) is None


@pytest.mark.parametrize("role", [Role.CHIEF, Role.MARKETING])
def test_who_builds_no_plans_starts_none(acme, role):
    with pytest.raises(NotAllowed):
        actions.start(partner=acme.partner_a, by=acme.users[role])


def test_nobody_starts_one_of_a_partner_out_of_reach(acme, cam, executive):
    for by in (acme.cam_b, acme.users_b[Role.PARTNER_EXECUTIVE], acme.users_a[Role.PARTNER_SELLER]):
        with pytest.raises(NotAllowed):
            actions.start(partner=acme.partner_a, by=by)
    assert not BusinessPlan.everything.exists()


def test_the_partner_starts_a_shared_one_but_not_beside_the_vendors(acme, cam, executive):
    own = actions.start(partner=acme.partner_a, by=executive)
    assert own.shared
    assert queries.plans(cam).get() == own
    actions.discard(plan=own, by=executive)
    theirs = actions.start(partner=acme.partner_a, by=cam)
    assert theirs.number == 2
    with pytest.raises(Closed, match="Ask to have it shared"):
        actions.start(partner=acme.partner_a, by=executive)
    actions.share(plan=theirs, by=cam, with_partner=True)
    assert actions.start(partner=acme.partner_a, by=executive) == theirs


# ── Who sees it ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_the_vendors_until_it_is_shared(acme, globex, draft, cam, executive):
    def seen():
        people = {
            "cam": cam, "cam_b": acme.cam_b, "chief": acme.users[Role.CHIEF], "marketing": acme.users[Role.MARKETING],
            "own": executive, "seller": acme.users_a[Role.PARTNER_SELLER], "other": acme.users_b[Role.PARTNER_EXECUTIVE],
        }  # fmt: skip
        return {name for name, user in people.items() if queries.plans(user).exists()}

    assert seen() == {"cam", "chief"}
    actions.share(plan=draft, by=cam, with_partner=True)
    assert seen() == {"cam", "chief", "own", "seller"}
    assert queries.may_edit(executive, draft)
    assert not queries.may_edit(acme.users_a[Role.PARTNER_SELLER], draft)
    assert not queries.may_edit(acme.users[Role.CHIEF], draft)
    actions.share(plan=draft, by=cam, with_partner=False)
    assert seen() == {"cam", "chief"}
    with globex:
        assert not BusinessPlan.everything.exists()
    acme.__enter__()


def test_a_distributor_sees_what_is_shared_with_it_once_it_is_in_force(acme, cam):
    from tests.world import make_user

    distributor = acme.partner_b
    seller = make_user(acme, "depot", Role.DISTRIBUTOR, partner=distributor)
    acme.partner_a.distributor = distributor
    acme.partner_a.save()
    plan = begin(acme.partner_a, cam)
    actions.share(plan=plan, by=cam, with_distributor=True)
    assert not queries.plans(seller).exists()
    sign_both(acme, plan)
    assert queries.plans(seller).get() == plan
    actions.share(plan=plan, by=cam, with_distributor=False)
    assert not queries.plans(seller).exists()


def test_only_the_vendor_shares_and_not_back_from_who_was_asked_to_sign(acme, draft, cam, executive):
    actions.share(plan=draft, by=cam, with_partner=True)
    with pytest.raises(NotAllowed):
        actions.share(plan=draft, by=executive, with_partner=False)
    with pytest.raises(NotAllowed):
        actions.share(plan=draft, by=acme.cam_b, with_partner=False)
    sign_both(acme, draft, sides=())
    with pytest.raises(ValidationError, match="asked to sign"):
        actions.share(plan=draft, by=cam, with_partner=False)


def test_what_the_partner_began_is_not_hidden_from_it(acme, cam, executive):
    plan = actions.start(partner=acme.partner_a, by=executive)
    with pytest.raises(ValidationError, match="The partner began this plan"):
        actions.share(plan=plan, by=cam, with_partner=False)
    actions.share(plan=plan, by=cam, with_distributor=True)
    assert queries.plans(executive).get() == plan


# ── Change ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_change_is_kept_counted_and_told_of(acme, draft, cam):
    before = draft.revision
    saved = actions.save(plan=draft, by=cam, parts={"lines": [row(margin="22.5")]}, base=marks(draft, "lines"))
    assert saved.revision == before + 1
    assert reading.document_of(saved)["lines"][0]["margin"] == "22.5"
    entry = AuditEntry.objects.filter(verb="plan.changed").latest("pk")
    assert entry.changes == {"lines.a.margin": ["20", "22.5"]}
    assert entry.actor == cam


def test_the_same_again_or_written_otherwise_is_no_change(acme, draft, cam):
    before = draft.revision
    parts = {"lines": [row(margin="20.0")], "sellers": [SELLER], "terms": "1"}
    saved = actions.save(plan=draft, by=cam, parts=parts, currency="USD", first_month=draft.first_month)
    assert saved.revision == before
    assert reading.document_of(saved)["lines"][0]["margin"] == "20"


def test_two_who_change_different_parts_both_keep_theirs(acme, draft, cam):
    base = reading.digests(draft)
    untouched = reading.document_of(draft)
    mine = {**untouched, "lines": [row(margin="25")]}
    theirs = {**untouched, "sellers": [row(SELLER, count="4")]}
    actions.save(plan=draft, by=cam, parts=mine, base=base)
    saved = actions.save(plan=draft, by=acme.users[Role.OPERATIONS], parts=theirs, base=base)
    document = reading.document_of(saved)
    assert (document["lines"][0]["margin"], document["sellers"][0]["count"]) == ("25", "4")


def test_two_who_change_the_same_part_the_second_is_told_and_nothing_is_lost(acme, draft, cam):
    base = marks(draft, "lines", "terms")
    actions.save(plan=draft, by=cam, parts={"lines": [row(margin="25")]}, base=base)
    with pytest.raises(Changed) as told:
        actions.save(
            plan=draft, by=acme.users[Role.OPERATIONS], parts={"lines": [row(margin="30")], "terms": 2}, base=base
        )
    assert told.value.parts == ["lines"]
    assert told.value.theirs["lines"][0]["margin"] == "25"
    kept = reading.document_of(queries.plans(cam).get())
    assert (kept["lines"][0]["margin"], kept["terms"]) == ("25", 1)


def test_a_field_changed_by_another_is_told_of_too(acme, draft, cam):
    base = marks(draft, "scenario")
    actions.save(plan=draft, by=cam, scenario="bleak", base=base)
    with pytest.raises(Changed) as told:
        actions.save(plan=draft, by=cam, scenario="stretch", base=base)
    assert told.value.theirs == {"scenario": "bleak"}


def test_an_old_revision_is_refused_whatever_it_changes(acme, draft, cam):
    actions.save(plan=draft, by=cam, parts={"terms": 3})
    with pytest.raises(Changed):
        actions.save(plan=draft, by=cam, parts={"lines": [row(margin="30")]}, revision=draft.revision)


def test_what_is_wrong_is_told_by_place_and_nothing_is_kept(acme, draft, cam):
    lines = [row(margin="300"), row(key="b", name="", product=999_999, deals={"kind": "ramp", "first": "-1"})]
    with pytest.raises(Invalid) as wrong:
        actions.save(plan=draft, by=cam, parts={"lines": lines, "terms": 2}, currency="XXX", scenario="rosy")
    assert set(wrong.value.errors) == {
        "lines.0.margin", "lines.1.name", "lines.1.deals.first", "currency", "scenario",
    }  # fmt: skip
    with pytest.raises(Invalid) as wrong:
        actions.save(plan=draft, by=cam, parts={"lines": [row(product=999_999)], "prices": []})
    assert set(wrong.value.errors) == {"lines.0.product", "prices"}
    assert queries.plans(cam).get().revision == draft.revision


def test_a_product_line_that_has_gone_since_does_not_bar_the_rest(acme, draft, cam):
    product = ProductLine.objects.create(key="servers", name="Servers")
    plan = actions.save(plan=draft, by=cam, parts={"lines": [row(product=product.pk)]})
    product.delete()
    saved = actions.save(plan=plan, by=cam, parts={"lines": [row(product=reading.document_of(plan)["lines"][0]["product"], margin="30")]})  # fmt: skip
    assert reading.document_of(saved)["lines"][0]["margin"] == "30"


@pytest.mark.parametrize("months", [-12, 0, 24])
def test_a_plan_begins_within_a_year_back_and_two_ahead(acme, draft, cam, months):
    assert actions.save(plan=draft, by=cam, first_month=this_month(months)).first_month == this_month(months)


@pytest.mark.parametrize("months", [-13, 25])
def test_no_plan_begins_before_or_after_that(acme, draft, cam, months):
    with pytest.raises(Invalid) as wrong:
        actions.save(plan=draft, by=cam, first_month=this_month(months))
    assert set(wrong.value.errors) == {"first_month"}


def test_a_first_month_that_time_has_passed_by_stays_until_it_is_changed(acme, draft, cam):
    BusinessPlan.everything.filter(pk=draft.pk).update(first_month=dt.date(2020, 1, 1))
    draft.refresh_from_db()
    saved = actions.save(plan=draft, by=cam, first_month=draft.first_month, parts={"terms": 2})
    assert saved.first_month == dt.date(2020, 1, 1)


def test_who_may_not_change_it_cannot(acme, draft, cam, executive):
    for by in (acme.users[Role.CHIEF], acme.cam_b, executive, acme.users_b[Role.PARTNER_EXECUTIVE]):
        with pytest.raises(NotAllowed):
            actions.save(plan=draft, by=by, parts={"terms": 2})
    actions.share(plan=draft, by=cam, with_partner=True)
    assert actions.save(plan=draft, by=executive, parts={"terms": 2}).updated_by == executive


def test_what_is_signed_or_discarded_is_not_changed(acme, draft, cam, signed_plan):
    actions.discard(plan=draft, by=cam)
    with pytest.raises(Closed):
        actions.save(plan=draft, by=cam, parts={"terms": 2})
    plan = signed_plan()
    with pytest.raises(Closed, match="new version"):
        actions.save(plan=plan, by=cam, parts={"terms": 2})
    with pytest.raises(Closed):
        actions.discard(plan=plan, by=cam)
    plan.refresh_from_db()
    assert plan.status == Status.COMMITTED


# ── Discard ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_discarded_draft_is_gone_with_its_links(acme, draft, cam, executive):
    sign_both(acme, draft, sides=("partner",))
    with pytest.raises(NotAllowed, match="began this plan"):
        actions.discard(plan=draft, by=executive)
    actions.discard(plan=draft, by=cam)
    assert not queries.plans(cam).exists()
    assert not SignedLink.objects.filter(target_id=str(draft.pk), closed_at=None).exists()
    assert "no longer holds" in OutgoingMail.objects.filter(to=executive.email).latest("pk").subject
    assert actions.start(partner=acme.partner_a, by=cam).number == 2
