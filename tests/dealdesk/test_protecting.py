"""While a registration is protected, and how that ends."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.permissions import Role
from dealdesk import actions, rounds
from dealdesk.models import Registration, Step
from dealdesk.refusals import Closed, NotAllowed
from pipeline.deals import actions as deals
from pipeline.models import StageChange
from prm.common.vendor import today
from tests.dealdesk.making import approved, fresh, kinds, ruled, seller, submitted
from tests.pipeline.conftest import stage

DAY = dt.timedelta(days=1)


def moved(acme, registration, days=0):
    """Its deal went on to the next stage so many days ago."""
    deals.move_deal(by=acme.users[Role.ADMIN], deal=registration.deal, to=stage("proof"))
    StageChange.everything.filter(deal=registration.deal, from_stage__isnull=False).update(on=today() - days * DAY)


# ── Renewal ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_renewed_it_is_protected_from_the_old_end_on(acme, told):
    made = approved(acme, days=5)
    moved(acme, made, days=30)
    done = actions.renew(by=seller(acme), registration=made)
    assert (done.expires_on, done.renewals) == (today() + 95 * DAY, 1)
    assert told[-1][0] == "renewed"
    with pytest.raises(Closed, match="as often as"), transaction.atomic():
        actions.renew(by=seller(acme), registration=made)


@pytest.mark.parametrize("days", [None, 31])
def test_without_progress_lately_it_is_not(acme, days):
    made = approved(acme, days=5)
    if days is not None:
        moved(acme, made, days=days)
    with pytest.raises(Closed, match="Nothing has moved"), transaction.atomic():
        actions.renew(by=seller(acme), registration=made)
    assert fresh(made).expires_on == today() + 5 * DAY


def test_an_accepted_proof_is_progress_and_an_offered_one_is_not(acme, told):
    made = approved(acme, days=5)
    actions.offer_proof(by=seller(acme), registration=made, text="Pilot runs since Monday")
    assert "Nothing has moved" in actions.why_not_renewed(made)
    actions.accept_proof(by=acme.users[Role.CAM], registration=made, reason="Seen it")
    assert actions.why_not_renewed(made) == ""
    assert actions.renew(by=acme.users[Role.CAM], registration=made).renewals == 1
    assert [moment for moment, _registration, _step in told][-3:] == ["proof", "proof_accepted", "renewed"]


def test_a_proof_is_accepted_by_the_vendor_and_offered_by_who_registers(acme):
    made = approved(acme)
    for by in (seller(acme), seller(acme, acme.partner_b), acme.cam_b, acme.users[Role.MARKETING]):
        with pytest.raises(NotAllowed), transaction.atomic():
            actions.accept_proof(by=by, registration=made, reason="Seen it")
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.offer_proof(by=acme.users_a[Role.PARTNER_MARKETER], registration=made, text="Pilot")
    with pytest.raises(ValidationError), transaction.atomic():
        actions.offer_proof(by=seller(acme), registration=made, text=" ")
    with pytest.raises(Closed), transaction.atomic():
        actions.offer_proof(by=seller(acme), registration=submitted(acme, domain="", customer_name="F"), text="Pilot")


@pytest.mark.parametrize("state", ["submitted", "expired"])
def test_only_what_is_protected_is_renewed(acme, state):
    made = submitted(acme) if state == "submitted" else approved(acme, days=-1)
    with pytest.raises(Closed, match="protected"), transaction.atomic():
        actions.renew(by=seller(acme), registration=made)


def test_the_policy_of_the_day_says_how_long_and_how_often(acme):
    ruled(protection_days=30, renewals=2)
    made = approved(acme)
    assert made.expires_on == today() + 30 * DAY
    moved(acme, made)
    for n in (1, 2):
        assert actions.renew(by=seller(acme), registration=made).expires_on == today() + 30 * (n + 1) * DAY
    assert "as often as" in actions.why_not_renewed(fresh(made))


# ── Reminders and the end ────────────────────────────────────────────────────────────────────────────────────────────


def test_reminded_fourteen_and_three_days_before_each_once(acme, told):
    made = approved(acme, days=20)
    told.clear()
    for n in range(21):
        for _twice in "ab":
            actions.remind(on=today() + n * DAY)
    assert [(moment, step.details["days"]) for moment, _registration, step in told] == [
        ("reminder", 14),
        ("reminder", 3),
    ]
    assert kinds(made)[-2:] == ["reminded", "reminded"]


def test_renewed_it_is_reminded_anew(acme, told):
    made = approved(acme, days=3)
    actions.remind(on=today())
    moved(acme, made)
    actions.renew(by=seller(acme), registration=made)
    told.clear()
    assert actions.remind(on=today() + 79 * DAY) == 1
    assert told[0][2].details == {"days": 14}


def test_a_deal_that_was_won_needs_no_reminder(acme):
    made = approved(acme, days=3)
    deals.move_deal(by=acme.users[Role.ADMIN], deal=made.deal, to=stage("won"))
    assert actions.remind(on=today()) == 0


def test_it_expires_after_its_last_day_once(acme, told):
    made = approved(acme, days=0)
    told.clear()
    assert actions.expire(on=today()) == 0
    assert actions.expire(on=today() + DAY) == 1
    assert actions.expire(on=today() + DAY) == 0
    assert (fresh(made).state, [moment for moment, _registration, _step in told]) == ("expired", ["expired"])
    assert fresh(made).deal is not None


def test_the_night_does_both(acme, told):
    over, soon = approved(acme, days=-1), approved(acme, customer_name="Fabrikam", domain="", days=2)
    rounds.every_night()
    assert (fresh(over).state, fresh(soon).reminded_days) == ("expired", 3)


def test_withdrawn_or_released_by_either_side_with_their_reasons(acme, operations, told):
    made = submitted(acme)
    with pytest.raises(ValidationError), transaction.atomic():
        actions.withdraw(by=seller(acme), registration=made, reason="")
    done = actions.withdraw(by=seller(acme), registration=made, reason="Lost interest")
    assert (done.state, done.reason, told[-1][0]) == ("withdrawn", "Lost interest", "withdrawn")
    held = approved(acme)
    done = actions.release(by=operations, registration=held)
    assert (done.state, done.deal, told[-1][0]) == ("released", held.deal, "released")
    for registration in (made, held):
        with pytest.raises(Closed), transaction.atomic():
            actions.withdraw(by=seller(acme), registration=registration, reason="Again")
    for by in (seller(acme, acme.partner_b), acme.cam_b, acme.users[Role.MARKETING]):
        with pytest.raises(NotAllowed), transaction.atomic():
            actions.release(by=by, registration=held)


# ── What waits too long ──────────────────────────────────────────────────────────────────────────────────────────────


def test_past_the_sla_it_is_escalated_once_and_the_partner_sees_nothing_of_it(acme, told):
    made = submitted(acme)
    told.clear()
    assert actions.escalate(at=made.decide_by) == 0
    late = made.decide_by + dt.timedelta(minutes=1)
    assert actions.escalate(at=late) == 1
    assert actions.escalate(at=late) == 0
    assert [moment for moment, _registration, _step in told] == ["escalated"]
    assert not Step.objects.visible_to(seller(acme)).filter(kind="escalated").exists()
    assert Step.objects.visible_to(acme.users[Role.CAM]).filter(kind="escalated").exists()


def test_the_policy_may_leave_a_day_between(acme):
    ruled(escalation_days=1)
    made = submitted(acme)
    assert actions.escalate(at=made.decide_by + dt.timedelta(hours=1)) == 0
    assert actions.escalate(at=made.decide_by + dt.timedelta(days=4)) == 1


def test_what_was_decided_is_not_escalated(acme, operations):
    made = submitted(acme)
    actions.reject(by=operations, registration=made, reason="No need")
    assert actions.escalate(at=timezone.now() + 30 * DAY) == 0


# ── The policy ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_policy_is_set_by_who_may_and_for_days_to_come(acme, operations):
    made = approved(acme)
    row = actions.set_policy(
        by=operations, starts_on=today(), policy={"protection_days": 30, "discounts": {"gold": "5"}}
    )
    assert row.data["protection_days"] == 30
    assert fresh(made).expires_on == made.expires_on
    for data, field in (({"protection_days": 0}, "protection_days"), ({"discounts": {"none": "5"}}, "discounts")):
        with pytest.raises(ValidationError) as error, transaction.atomic():
            actions.set_policy(by=operations, starts_on=today(), policy=data)
        assert field in error.value.message_dict
    with pytest.raises(NotAllowed):
        actions.set_policy(by=acme.users[Role.CHIEF], starts_on=today(), policy={})
    with pytest.raises(ValidationError):
        actions.set_policy(by=operations, starts_on=today() - DAY, policy={})


def test_each_vendor_has_its_own(acme, globex):
    made = submitted(acme)
    with globex:
        assert not Registration.everything.exists()
        assert submitted(globex).flag == "clear"
    acme.__enter__()
    assert list(Registration.everything.all()) == [made]
