"""Decisions: what they make, who takes them, and what is kept of an override."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.permissions import Role
from dealdesk import actions, queries
from dealdesk.models import Registration, Step
from dealdesk.refusals import Closed, InConflict, NotAllowed
from pipeline.deals import queries as deals
from pipeline.models import Deal
from prm.common.models import AuditEntry
from prm.common.vendor import today
from prm.webhooks.models import Delivery, Endpoint
from tests.dealdesk.making import approved, drafted, fresh, kinds, line, ruled, seller, submitted
from tests.pipeline.conftest import deal_for  # noqa: F401  a fixture


def refused(field, call, *args, **kwargs):
    with pytest.raises(ValidationError) as error, transaction.atomic():
        call(*args, **kwargs)
    assert field in error.value.message_dict, error.value


def test_approved_it_is_protected_and_has_its_deal(acme, operations, told):
    made = submitted(acme, product_lines=[line(), line("storage")])
    done = actions.approve(by=operations, registration=made, reason=" Fits  well ")
    assert (done.state, done.reason, done.decided_by) == ("approved", "Fits well", operations)
    assert (done.protected_from, (done.expires_on - today()).days) == (today(), 90)
    deal = done.deal
    assert (deal.partner, deal.customer.name, deal.amount, deal.currency) == (
        acme.partner_a,
        "Contoso GmbH",
        25000,
        "USD",
    )
    assert (deal.stage.key, deal.registered_on, deal.expected_close) == ("qualified", today(), made.expected_close)
    assert (deal.customer.domain, deal.customer.country) == ("contoso.de", "DE")
    assert deal.name == "Contoso GmbH: Servers, Storage"
    assert deals.share_map(deal) == {acme.partner_a.pk: Decimal(100)}
    assert [moment for moment, _registration, _step in told] == ["checked", "approved"]
    step = made.steps.get(kind="approved")
    assert (step.reason, step.is_override, step.details["deal"]) == ("Fits well", False, deal.pk)
    assert AuditEntry.objects.filter(verb="registration.approved", actor=operations).count() == 1


def test_the_chief_approves_without_writing_deals_otherwise(acme):
    done = actions.approve(by=acme.users[Role.CHIEF], registration=submitted(acme), reason="Fits")
    assert done.deal.created_by == acme.users[Role.CHIEF]


def test_approving_makes_one_deal_however_often_it_is_pressed(acme, operations):
    made = submitted(acme)
    actions.approve(by=operations, registration=made, reason="Fits")
    with pytest.raises(Closed), transaction.atomic():
        actions.approve(by=operations, registration=made, reason="Fits")
    assert Deal.everything.count() == 1


def test_the_partners_own_open_deal_is_linked_instead(acme, operations, deal_for):  # noqa: F811
    deal = deal_for(acme.partner_a)
    done = actions.approve(by=operations, registration=submitted(acme), reason="Fits", deal=deal)
    assert (done.deal, Deal.everything.count()) == (deal, 1)
    deal.refresh_from_db()
    assert deal.registered_on == today()
    again = submitted(acme, customer_name="Fabrikam", domain="")
    refused("deal", actions.approve, by=operations, registration=again, reason="Fits", deal=deal)


def test_no_other_deal_is_linked(acme, operations, deal_for):  # noqa: F811
    made = submitted(acme)
    for deal in (deal_for(acme.partner_b), deal_for(acme.partner_a, stage="won")):
        refused("deal", actions.approve, by=operations, registration=made, reason="Fits", deal=deal)


def test_a_second_partner_gets_its_share(acme, operations):
    ruled(second_share="12.5")
    for given, share in ((None, Decimal("12.5")), (Decimal(30), Decimal(30))):
        made = submitted(acme, customer_name=f"Customer {share}", domain="")
        done = actions.approve(
            by=operations, registration=made, reason="Both", second_partner=acme.partner_b, second_share=given
        )
        assert deals.share_map(done.deal) == {acme.partner_a.pk: 100 - share, acme.partner_b.pk: share}


def test_a_second_partner_may_be_one_the_decider_does_not_see(acme):
    chief = acme.users[Role.CHIEF]
    chief.region_limits.create(region=acme.partner_a.region)
    made = submitted(acme)
    done = actions.approve(by=chief, registration=made, reason="Both", second_partner=acme.partner_b)
    assert set(deals.share_map(done.deal)) == {acme.partner_a.pk, acme.partner_b.pk}


@pytest.mark.parametrize("share", [Decimal(0), Decimal(100), Decimal("1.234")])
def test_a_share_that_can_not_be(acme, operations, share):
    made = submitted(acme)
    with_b = {"second_partner": acme.partner_b, "second_share": share}
    refused("second_share", actions.approve, by=operations, registration=made, reason="Both", **with_b)
    with_a = {"second_partner": acme.partner_a}
    refused("second_partner", actions.approve, by=operations, registration=made, reason="Both", **with_a)


def test_the_tier_brings_its_discount(acme, operations):
    ruled(discounts={"gold": "7.5"})
    assert actions.approve(by=operations, registration=submitted(acme), reason="Fits").discount == Decimal("7.5")


# ── Conflicts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_over_something_that_comes_before_it_takes_an_override_which_everybody_sees(acme, operations, told):
    first, second = submitted(acme), submitted(acme, acme.partner_b)
    with pytest.raises(InConflict), transaction.atomic():
        actions.approve(by=operations, registration=second, reason="Closer to the customer")
    assert not Deal.everything.exists()
    done = actions.approve(by=operations, registration=second, reason="Closer to the customer", override=True)
    assert done.state == "approved"
    own = Step.objects.visible_to(seller(acme, acme.partner_b)).get(kind="approved")
    assert (own.is_override, own.reason) == (True, "Closer to the customer")
    passed_over = Step.objects.visible_to(seller(acme)).get(kind="overruled")
    assert (passed_over.registration, passed_over.is_override, passed_over.reason, passed_over.by) == (
        first,
        True,
        "",
        None,
    )
    assert [(moment, registration) for moment, registration, _step in told][-1] == ("overruled", first)


def test_the_first_one_is_approved_without_an_override(acme, operations):
    first = submitted(acme)
    submitted(acme, acme.partner_b)
    done = actions.approve(by=operations, registration=first, reason="First", override=True)
    assert not done.steps.filter(is_override=True).exists()


def test_what_came_since_it_was_checked_counts(acme, operations):
    made = submitted(acme, acme.partner_b, check=False)
    other = drafted(acme)
    Registration.everything.filter(pk=other.pk).update(state="submitted", submitted_at=made.created_at)
    with pytest.raises(InConflict):
        actions.approve(by=operations, registration=made, reason="Fits")
    assert [one.what for one in queries.candidates(made, operations)] == [other.reference]


def test_what_is_only_possible_holds_nothing_up(acme, operations):
    submitted(acme)
    made = submitted(acme, acme.partner_b, domain="contoso-gruppe.de")
    done = actions.approve(by=operations, registration=made, reason="Another one")
    assert not done.steps.get(kind="approved").is_override


# ── Returned, rejected ───────────────────────────────────────────────────────────────────────────────────────────────


def test_returned_it_can_be_completed(acme, operations, told):
    done = actions.give_back(by=operations, registration=submitted(acme), reason="Which site?")
    assert (done.state, done.is_editable, done.reason) == ("returned", True, "Which site?")
    assert done.place_until > timezone.now()
    assert told[-1][0] == "returned"


def test_rejected_is_the_end(acme, operations):
    done = actions.reject(by=operations, registration=submitted(acme), reason="No need")
    assert (done.state, kinds(done)) == ("rejected", ["submitted", "rejected"])
    with pytest.raises(Closed), transaction.atomic():
        actions.submit(by=seller(acme), registration=done)


@pytest.mark.parametrize("decide", [actions.approve, actions.give_back, actions.reject])
def test_every_decision_has_a_reason_and_one_who_may_decide(acme, operations, decide):
    made = submitted(acme)
    for reason in ("", "  ", "x" * 501):
        refused("reason", decide, by=operations, registration=made, reason=reason)
    for by in (acme.users[Role.CAM], acme.cam_b, seller(acme), acme.users[Role.MARKETING]):
        with pytest.raises(NotAllowed), transaction.atomic():
            decide(by=by, registration=made, reason="Fits")
    for closed in (drafted(acme, by=operations), approved(acme, customer_name="Fabrikam", domain="")):
        with pytest.raises(Closed), transaction.atomic():
            decide(by=operations, registration=closed, reason="Fits")


@pytest.mark.parametrize("field", ["cam", "cover"])
def test_who_looks_after_one_side_does_not_decide(acme, operations, field):
    submitted(acme)
    made = submitted(acme, acme.partner_b)
    assert queries.may_decide(operations, made)
    setattr(acme.partner_a, field, operations)
    acme.partner_a.save()
    assert not queries.may_decide(operations, made)
    assert operations not in queries.deciders(made)
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.approve(by=operations, registration=made, reason="Fits", override=True)


@pytest.mark.parametrize("first_asks", [True, False])
def test_who_looks_after_whoever_comes_behind_does_not_decide_either(acme, operations, first_asks):
    """Turning the first one down is what the one behind it gains by."""
    made = submitted(acme)
    submitted(acme, acme.partner_b, check=first_asks)
    assert queries.may_decide(operations, made)
    acme.partner_b.cam = operations
    acme.partner_b.save()
    assert queries.may_decide(operations, made) is not first_asks  # what isn't checked yet, nobody knows
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.approve(by=operations, registration=made, reason="Fits")
    assert fresh(made).state == "submitted"


def test_a_chief_decides_in_the_own_regions(acme):
    chief = acme.users[Role.CHIEF]
    chief.region_limits.create(region=acme.partner_b.region)
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.reject(by=chief, registration=submitted(acme), reason="No need")


def test_other_systems_are_told(acme, operations):
    endpoint = Endpoint.objects.create(
        name="CRM",
        url="https://crm.example/hook",
        secret="whsec_MTIz",
        kinds=["registration.submitted", "registration.approved"],
    )
    done = actions.approve(by=operations, registration=submitted(acme), reason="Fits")
    sent = Delivery.objects.filter(endpoint=endpoint).order_by("pk")
    assert [each.kind for each in sent] == ["registration.submitted", "registration.approved"]
    assert f'"reference": "{done.reference}"' in sent[1].body
    assert '"product_lines": ["servers"]' in sent[1].body
