"""Both sides sign a plan: who may, what a change in between does, what the second signature puts in force, and two at once."""

import datetime as dt
import hashlib
import json
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts import links
from accounts.models import SignedLink, User
from accounts.permissions import Role
from partners.models import Contact, Objective
from partners.objectives import actions as objectives
from pipeline import target_grid, targets
from pipeline.models import TargetMonth, TargetVersion
from planning import actions, queries, reading, signing
from planning.actions import Changed, Closed, NotAllowed, NotReady
from planning.actions import signing as committing
from planning.actions.signing import reasons_against
from planning.events import PlanCommitted
from planning.models import BusinessPlan, PlanMonth, PlanSignature
from prm.common import events
from prm.common.fiscal import Month
from prm.common.models import CurrencyRate, Notification, OutgoingMail, Policy
from prm.common.vendor import fiscal_calendar, today
from tests.planning.conftest import SELLER, begin, row, sign_both, signers
from tests.together import at_once

Status = BusinessPlan.Status


def asked(plan, cam, executive):
    actions.ask(plan=plan, by=cam, vendor_signer=cam, partner_signer=executive)
    plan.refresh_from_db()
    return signing.content_hash(plan)


def sign(plan, side, by, seen=None):
    return actions.sign(plan=plan, side=side, by=by, name=by.name, content_hash=seen or signing.content_hash(plan))


def statuses():
    return dict(BusinessPlan.everything.values_list("number", "status"))


# ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_asked_each_gets_a_link_of_their_own_and_the_partner_sees_the_plan(acme, draft, cam, executive):
    asked(draft, cam, executive)
    assert queries.plans(executive).get() == draft
    for user, purpose in ((cam, "planning.sign"), (executive, "planning.portal_sign")):
        mail = OutgoingMail.objects.get(to=user.email)
        assert acme.partner_a.name in mail.subject
        link = SignedLink.objects.get(user=user, purpose=purpose, target_id=str(draft.pk))
        assert links.token(link) in mail.text
        assert Notification.objects.filter(user=user, text__contains="asks you to sign").exists()
    assert {queries.asked(draft, side).user for side in ("vendor", "partner")} == {cam, executive}


def test_whoever_is_asked_must_be_one_to_sign(acme, draft, cam, executive):
    wrong = [
        {"vendor_signer": acme.cam_b},  # doesn't see the partner
        {"vendor_signer": acme.users[Role.CHIEF]},  # builds no plans
        {"vendor_signer": executive},
        {"partner_signer": acme.users_a[Role.PARTNER_SELLER]},
        {"partner_signer": acme.users_b[Role.PARTNER_EXECUTIVE]},
        {"partner_signer": cam},
    ]
    for changed in wrong:
        people = {"vendor_signer": cam, "partner_signer": executive, **changed}
        with pytest.raises(ValidationError) as told:
            actions.ask(plan=draft, by=cam, **people)
        assert set(told.value.message_dict) == set(changed)
    for by in (executive, acme.users[Role.CHIEF], acme.cam_b):
        with pytest.raises(NotAllowed):
            actions.ask(plan=draft, by=by, vendor_signer=cam, partner_signer=executive)
    assert not OutgoingMail.objects.exists()


def test_a_contact_is_invited_with_it(acme, draft, cam):
    contact = Contact.everything.create(partner=acme.partner_a, name="Ana Berg", email="Ana@northwind.example")
    actions.ask(plan=draft, by=cam, vendor_signer=cam, partner_signer=contact)
    user = User.objects.get(email="ana@northwind.example")
    assert user.roles == {Role.PARTNER_EXECUTIVE}
    assert queries.asked(draft, "partner").user == user
    draft.refresh_from_db()
    assert sign(draft, "partner", user).email == "ana@northwind.example"


def test_no_contact_of_another_partner_nor_without_address(acme, draft, cam):
    for contact in (
        Contact.everything.create(partner=acme.partner_b, name="Bo", email="bo@fabrikam.example"),
        Contact.everything.create(partner=acme.partner_a, name="Cy"),
        Contact.everything.create(partner=acme.partner_a, name="Di", email=acme.cam_b.email),
        Contact.everything.create(partner=acme.partner_a, name="Ed", email=acme.users_b[Role.PARTNER_EXECUTIVE].email),
    ):
        with pytest.raises(ValidationError):
            actions.ask(plan=draft, by=cam, vendor_signer=cam, partner_signer=contact)


def test_an_empty_plan_is_not_to_be_signed(acme, cam, executive):
    plan = begin(acme.partner_a, cam, lines=[])
    with pytest.raises(NotReady, match="Nothing is sold"):
        actions.ask(plan=plan, by=cam, vendor_signer=cam, partner_signer=executive)
    plan.refresh_from_db()
    assert not plan.shared


def test_a_currency_without_a_rate_is_told_before_anybody_is_asked(acme, draft, cam, executive):
    plan = actions.save(plan=draft, by=cam, currency="CHF")
    assert "CHF" in reasons_against(plan)[0]
    with pytest.raises(NotReady):
        actions.ask(plan=plan, by=cam, vendor_signer=cam, partner_signer=executive)
    CurrencyRate.objects.create(on="2020-01-01", currency="CHF", rate="1.1")
    assert reasons_against(plan) == []


def test_a_rate_lost_between_the_signatures_leaves_nothing_half_done(acme, draft, cam, executive):
    rate = CurrencyRate.objects.create(on="2020-01-01", currency="CHF", rate="1.1")
    plan = actions.save(plan=draft, by=cam, currency="CHF")
    seen = asked(plan, cam, executive)
    sign(plan, "vendor", cam, seen)
    rate.delete()
    with pytest.raises(NotReady):
        sign(plan, "partner", executive, seen)
    assert not TargetVersion.everything.exists()
    assert statuses() == {1: "draft"}
    assert PlanSignature.everything.count() == 1


# ── Signing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_who_was_asked_signs_and_only_for_their_side(acme, draft, cam, executive):
    with pytest.raises(Closed, match="Nobody has been asked"):
        sign(draft, "vendor", cam)
    asked(draft, cam, executive)
    for side, by in (
        ("vendor", acme.users[Role.OPERATIONS]), ("partner", cam), ("vendor", executive), ("vendor", acme.cam_b),
        ("partner", acme.users_a[Role.PARTNER_CHAMPION]), ("partner", acme.users_b[Role.PARTNER_EXECUTIVE]),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            sign(draft, side, by)
    assert not PlanSignature.everything.exists()


def test_who_lost_the_right_signs_no_more(acme, draft, cam, executive):
    asked(draft, cam, executive)
    executive.set_roles([Role.PARTNER_SELLER])
    with pytest.raises(NotAllowed):
        sign(draft, "partner", executive)


@pytest.mark.parametrize("name", ["", "   ", "x" * 151])
def test_a_signature_has_a_name(acme, draft, cam, executive, name):
    seen = asked(draft, cam, executive)
    with pytest.raises(ValidationError):
        actions.sign(plan=draft, side="vendor", by=cam, name=name, content_hash=seen)


def test_one_signature_is_not_enough(acme, draft, cam, executive):
    seen = asked(draft, cam, executive)
    signature = actions.sign(plan=draft, side="vendor", by=cam, name="  Cam   Acme ", content_hash=seen)
    assert (signature.name, signature.email, signature.content_hash) == ("Cam Acme", cam.email, seen)
    assert statuses() == {1: "draft"}
    assert not TargetVersion.everything.exists()
    assert Notification.objects.filter(user=executive, text__contains="Your signature puts it in force").exists()
    with pytest.raises(Closed, match="signed this plan already"):
        sign(draft, "vendor", cam)


def test_what_was_not_seen_is_not_signed(acme, draft, cam, executive):
    seen = asked(draft, cam, executive)
    actions.save(plan=draft, by=cam, parts={"terms": 2})
    with pytest.raises(Changed) as told:
        sign(draft, "partner", executive, seen)
    draft.refresh_from_db()
    assert told.value.theirs == {"content_hash": signing.content_hash(draft)}
    sign(draft, "partner", executive, told.value.theirs["content_hash"])


def test_a_change_makes_the_first_signature_void_and_tells_who_signed(acme, draft, cam, executive):
    seen = asked(draft, cam, executive)
    first = sign(draft, "partner", executive, seen)
    OutgoingMail.objects.all().delete()
    actions.save(plan=draft, by=cam, parts={"terms": 2})
    first.refresh_from_db()
    assert first.voided_at is not None
    assert first.void_reason == f"The plan was changed by {cam.display_name}."
    mail = OutgoingMail.objects.get()
    assert mail.to == executive.email
    assert first.void_reason in mail.text
    link = SignedLink.objects.filter(user=executive, purpose="planning.portal_sign").latest("created_at")
    assert links.token(link) in mail.text
    draft.refresh_from_db()
    sign(draft, "vendor", cam)
    assert statuses() == {1: "draft"}
    sign(draft, "partner", executive)
    assert statuses() == {1: "committed"}
    assert PlanSignature.everything.filter(voided_at=None).count() == 2


def test_sharing_and_no_change_leave_signatures_as_they_are(acme, draft, cam, executive):
    asked(draft, cam, executive)
    sign(draft, "partner", executive)
    actions.save(plan=draft, by=cam, parts={"lines": [row(margin="20.00")]}, scenario="base")
    actions.share(plan=draft, by=cam, with_distributor=True)
    assert PlanSignature.everything.get().voided_at is None


def test_an_objective_changed_in_between_makes_the_first_signature_void(acme, draft, cam, executive):
    year = fiscal_calendar().year_of(draft.first_month).year
    goal = Objective.everything.create(
        partner=acme.partner_a, fiscal_year=year, title="Twenty customers", yardstick="Customers", baseline=4, goal=20
    )
    seen = asked(draft, cam, executive)
    first = sign(draft, "vendor", cam, seen)
    goal.goal = 25
    goal.save()
    with pytest.raises(Changed):
        sign(draft, "partner", executive, seen)
    sign(draft, "partner", executive)
    first.refresh_from_db()
    assert first.voided_at is not None
    assert statuses() == {1: "draft"}
    sign(draft, "vendor", cam)
    draft.refresh_from_db()
    assert reading.objectives_of(draft) == [
        {"side": "partner", "fiscal_year": year, "title": "Twenty customers", "yardstick": "Customers", "unit": "", "from": "4.00", "to": "25.00"}
    ]  # fmt: skip
    goal.delete()
    assert signing.content_hash(draft) == draft.content_hash


def test_an_objective_changed_while_the_last_signature_is_put_in_force_is_not_frozen(
    acme, draft, cam, executive, monkeypatch
):
    year = fiscal_calendar().year_of(draft.first_month).year
    goal = Objective.everything.create(
        partner=acme.partner_a, fiscal_year=year, title="Twenty customers", yardstick="Customers", baseline=4, goal=20
    )
    seen = asked(draft, cam, executive)
    sign(draft, "vendor", cam, seen)
    supersede = committing._supersede

    def meanwhile(*args):
        Objective.everything.filter(pk=goal.pk).update(goal=25)
        supersede(*args)

    monkeypatch.setattr(committing, "_supersede", meanwhile)
    sign(draft, "partner", executive, seen)
    draft.refresh_from_db()
    assert [each["to"] for each in reading.objectives_of(draft)] == ["20.00"]
    assert signing.content_hash(draft) == draft.content_hash == seen


def test_objectives_set_on_their_own_page_make_it_void_at_once_and_tell(
    acme, draft, cam, executive, django_capture_on_commit_callbacks
):
    year = fiscal_calendar().year_of(draft.first_month).year
    asked(draft, cam, executive)
    first = sign(draft, "partner", executive)
    goal = {"side": "vendor", "title": "Thirty deals", "yardstick": "Deals"}
    other = begin(acme.partner_b, acme.cam_b)
    with django_capture_on_commit_callbacks(execute=True):
        objectives.add_objective(by=acme.cam_b, partner=acme.partner_b, fiscal_year=year, **goal)
        objectives.add_objective(by=cam, partner=acme.partner_a, fiscal_year=year - 1, **goal)
    first.refresh_from_db()
    assert (first.voided_at, queries.signatures(other)) == (None, {})
    with django_capture_on_commit_callbacks(execute=True):
        objectives.add_objective(by=cam, partner=acme.partner_a, fiscal_year=year, **goal)
    first.refresh_from_db()
    assert "objectives" in first.void_reason
    assert first.void_reason in OutgoingMail.objects.filter(to=executive.email).latest("pk").text
    assert statuses() == {1: "draft"}


def test_asking_somebody_else_makes_their_sides_signature_void(acme, draft, cam, executive):
    asked(draft, cam, executive)
    first = sign(draft, "partner", executive)
    champion = acme.users_a[Role.PARTNER_CHAMPION]
    actions.ask(plan=draft, by=cam, vendor_signer=cam, partner_signer=champion)
    first.refresh_from_db()
    assert champion.display_name in first.void_reason
    with pytest.raises(NotAllowed, match=champion.display_name):
        sign(draft, "partner", executive)
    sign(draft, "partner", champion)


def test_asked_again_who_signed_keeps_the_signature_and_gets_no_mail(acme, draft, cam, executive):
    asked(draft, cam, executive)
    sign(draft, "partner", executive)
    OutgoingMail.objects.all().delete()
    asked(draft, cam, executive)
    assert PlanSignature.everything.get().voided_at is None
    assert [mail.to for mail in OutgoingMail.objects.all()] == [cam.email]


# ── In force ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_hash_is_of_all_that_is_signed(acme, draft, cam, executive):
    """Computed here once more, from what the columns hold."""
    sign_both(acme, draft)
    content = dict(draft.content)
    whole = {
        "partner": acme.partner_a.pk, "version": 1, "first_month": f"{draft.first_month:%Y-%m}", "currency": "USD",
        "scenario": "base", "objectives": content.pop("objectives"), "document": content,
    }  # fmt: skip
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert draft.content_hash == hashlib.sha256(text.encode()).hexdigest()
    assert set(PlanSignature.everything.values_list("content_hash", flat=True)) == {draft.content_hash}


def test_signed_by_both_it_is_in_force_with_its_targets(
    acme, draft, cam, executive, django_capture_on_commit_callbacks, monkeypatch
):
    heard = []
    monkeypatch.setitem(events._handlers, PlanCommitted, [heard.append])
    with django_capture_on_commit_callbacks(execute=True):
        sign_both(acme, draft)
    assert (draft.status, draft.committed_on, draft.shared) == ("committed", today(), True)
    assert heard == [PlanCommitted(acme.partner_a.pk, draft.pk, today())]
    first = Month(draft.first_month.year, draft.first_month.month)
    in_force = target_grid.in_force(acme.partner_a, None)
    for metric, value, currency in ((targets.REVENUE, "1700.00", "USD"), (targets.DEALS, "2.13", "")):
        months = in_force[metric]
        assert sorted(months) == [first.shift(i) for i in range(36)]
        assert {(found.value, found.currency, found.version.source) for found in months.values()} == {
            (Decimal(value), currency, "commitment")
        }
    assert PlanMonth.everything.filter(plan=draft).count() == 36
    month = PlanMonth.everything.filter(plan=draft).first()
    assert (month.revenue, month.revenue_reporting, month.deals) == (Decimal(1700), Decimal(1700), Decimal("2.13"))
    mails = OutgoingMail.objects.filter(subject__contains="Signed by both sides")
    assert {mail.to for mail in mails} == {cam.email, executive.email}
    assert draft.content_hash in mails.first().text


def test_targets_follow_the_results_basis(acme, draft):
    Policy.objects.create(kind="actuals", starts_on="2020-01-01", data={"basis": "customer_price"})
    sign_both(acme, draft)
    assert set(PlanMonth.everything.values_list("revenue", flat=True)) == {Decimal(2125)}
    months = TargetMonth.everything.filter(version__metric="revenue")
    assert set(months.values_list("value", flat=True)) == {Decimal(2125)}


def test_targets_are_of_the_chosen_scenario_and_without_services(acme, cam, executive):
    services = {"attach": "100", "price": "5000", "margin": "50"}
    plan = begin(acme.partner_a, cam, lines=[row(services=services)])
    sign_both(acme, actions.save(plan=plan, by=cam, scenario="bleak"))
    months = PlanMonth.everything.order_by("month")
    # Bleak: begins two months later; 2.125 × 0.6 = 1.275 deals at 900 are 1,147.50, of it 19 % margin: 218.03 (218.025).
    assert [(row.revenue, row.deals) for row in months[:3]] == [
        (Decimal(0), Decimal(0)),
        (Decimal(0), Decimal(0)),
        (Decimal("929.47"), Decimal("1.28")),
    ]


def test_a_plan_in_another_currency_is_kept_in_both(acme, draft, cam):
    CurrencyRate.objects.create(on="2020-01-01", currency="EUR", rate="1.25")
    sign_both(acme, actions.save(plan=draft, by=cam, currency="EUR"))
    month = PlanMonth.everything.first()
    assert (month.revenue, month.revenue_reporting) == (Decimal(1700), Decimal(2125))
    assert set(TargetMonth.everything.filter(version__metric="revenue").values_list("currency", flat=True)) == {"EUR"}


def test_a_second_version_supersedes_the_first_and_history_stays(acme, cam, executive, signed_plan):
    first = signed_plan()
    second = actions.start(partner=acme.partner_a, by=cam)
    assert (second.number, second.follows, second.first_month) == (2, first, first.first_month)
    assert reading.document_of(second) == reading.document_of(first)
    later = Month(first.first_month.year, first.first_month.month).shift(3).start
    second = actions.save(plan=second, by=cam, parts={"lines": [row(margin="50")]}, first_month=later)
    assert statuses() == {1: "committed", 2: "draft"}
    sign_both(acme, second)
    assert statuses() == {1: "superseded", 2: "committed"}
    first.refresh_from_db()
    assert first.superseded_at is not None
    assert signing.content_hash(first) == first.content_hash
    assert list(queries.history(executive, acme.partner_a)) == [second, first]
    revenue = target_grid.in_force(acme.partner_a, "revenue")["revenue"]
    values = [found.value for found in revenue.values()]
    # Until the second one begins the first one holds: three months of 1,700.00, then 2,125.00 less half.
    assert values == [Decimal(1700)] * 3 + [Decimal("1062.50")] * 36


def test_once_in_force_nothing_is_signed_or_asked_again(acme, cam, executive, signed_plan):
    plan = signed_plan()
    with pytest.raises(Closed, match="Both sides"):
        sign(plan, "partner", executive)
    with pytest.raises(Closed):
        actions.ask(plan=plan, by=cam, vendor_signer=cam, partner_signer=executive)


def test_other_partners_and_vendors_have_no_part_in_it(acme, globex, signed_plan):
    plan = signed_plan()
    signed_plan(acme.partner_b)
    assert queries.plans(acme.users_b[Role.PARTNER_EXECUTIVE]).get().partner == acme.partner_b
    assert queries.plans(acme.users_a[Role.PARTNER_EXECUTIVE]).get() == plan
    assert PlanMonth.objects.visible_to(acme.cam_b).exclude(plan__partner=acme.partner_b).count() == 0
    with globex:
        assert not BusinessPlan.everything.exists()
        assert not TargetVersion.everything.exists()
    acme.__enter__()


# ── At once ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def refusals(outcomes):
    return [str(outcome) for outcome in outcomes if isinstance(outcome, Exception)]


def test_both_sides_sign_at_once_and_the_plan_is_committed_once(committed):
    world = committed
    cam, executive = signers(world, world.partner_a)
    plan = begin(world.partner_a, cam)
    seen = asked(plan, cam, executive)
    outcomes = at_once(world, lambda: sign(plan, "vendor", cam, seen), lambda: sign(plan, "partner", executive, seen))
    assert refusals(outcomes) == []
    assert statuses() == {1: "committed"}
    assert TargetVersion.everything.filter(source="commitment").count() == 2
    assert PlanMonth.everything.count() == 36


def test_the_last_signature_twice_at_once_one_wins_and_the_other_is_told(committed):
    world = committed
    cam, executive = signers(world, world.partner_a)
    plan = begin(world.partner_a, cam)
    seen = asked(plan, cam, executive)
    sign(plan, "vendor", cam, seen)
    outcomes = at_once(world, *[lambda: sign(plan, "partner", executive, seen)] * 2)
    assert refusals(outcomes) == ["Both sides have signed this plan already."]
    assert TargetVersion.everything.filter(source="commitment").count() == 2


def test_a_change_and_the_last_signature_at_once_never_commit_what_nobody_saw(committed):
    world = committed
    cam, executive = signers(world, world.partner_a)
    plan = begin(world.partner_a, cam)
    seen = asked(plan, cam, executive)
    sign(plan, "vendor", cam, seen)
    changed, signed_ = at_once(
        world,
        lambda: actions.save(plan=plan, by=cam, parts={"sellers": [row(SELLER, count="9")]}),
        lambda: sign(plan, "partner", executive, seen),
    )
    plan.refresh_from_db()
    if not isinstance(signed_, Exception):
        assert isinstance(changed, Closed)
        assert "signed by both sides" in str(changed)
        assert (plan.status, plan.content_hash) == ("committed", seen)
        assert reading.document_of(plan)["sellers"][0]["count"] == "1"
    else:
        assert not isinstance(changed, Exception)
        assert isinstance(signed_, Changed)
        assert "changed since you opened it" in str(signed_)
        assert plan.status == "draft"
        assert PlanSignature.everything.get().voided_at is not None


def test_two_who_begin_at_once_get_the_same_draft(committed):
    world = committed
    cam, other = world.partner_a.cam, world.users[Role.OPERATIONS]
    outcomes = at_once(world, *[lambda by=by: actions.start(partner=world.partner_a, by=by) for by in (cam, other)])
    assert refusals(outcomes) == []
    assert BusinessPlan.everything.count() == 1


def test_two_who_change_the_same_part_at_once_one_is_told(committed):
    world = committed
    plan = begin(world.partner_a, world.partner_a.cam)
    base = reading.digests(plan)
    people = (world.partner_a.cam, world.users[Role.OPERATIONS])
    outcomes = at_once(
        world,
        *[
            lambda by=by, margin=margin: actions.save(
                plan=plan, by=by, parts={"lines": [row(margin=margin)]}, base=base
            )
            for by, margin in zip(people, ("30", "31"), strict=True)
        ],
    )
    assert len(refusals(outcomes)) == 1


def test_a_day_long_gone_is_in_the_plan_as_it_was(acme, draft, cam):
    """A plan may begin up to a year back: its targets then fall on months that are over."""
    back = Month(today().year, today().month).shift(-12).start
    sign_both(acme, actions.save(plan=draft, by=cam, first_month=back))
    assert PlanMonth.everything.earliest("month").month == back
    assert isinstance(back, dt.date)
