"""What can be done to a registration in which state; everything else is refused and changes nothing."""

import datetime as dt

import pytest
from django.db import transaction

from accounts.permissions import Role
from dealdesk import actions
from dealdesk.models import Registration
from dealdesk.refusals import Closed
from prm.common.vendor import today
from tests.dealdesk.making import approved, drafted, fresh, kinds, seller, submitted

DRAFT, SUBMITTED, RETURNED, APPROVED, REJECTED, EXPIRED, RELEASED, WITHDRAWN = Registration.State
# Action → {state in which it can be done: state it leads to}.
WAYS = {
    "save": {DRAFT: DRAFT, RETURNED: RETURNED},
    "discard": {DRAFT: None},
    "submit": {DRAFT: SUBMITTED, RETURNED: SUBMITTED, SUBMITTED: SUBMITTED},
    "approve": {SUBMITTED: APPROVED},
    "give_back": {SUBMITTED: RETURNED},
    "reject": {SUBMITTED: REJECTED},
    "withdraw": {SUBMITTED: WITHDRAWN, RETURNED: WITHDRAWN, APPROVED: WITHDRAWN},
    "release": {APPROVED: RELEASED},
    "offer_proof": {APPROVED: APPROVED},
    "accept_proof": {APPROVED: APPROVED},
    "renew": {APPROVED: APPROVED},
}


def in_state(world, state):
    operations = world.users[Role.OPERATIONS]
    if state == DRAFT:
        # The vendor's own, so that both sides reach it.
        return drafted(world, by=world.users[Role.CAM])
    if state in (APPROVED, EXPIRED, RELEASED):
        made = approved(world)
        if state == EXPIRED:
            actions.expire(on=made.expires_on + dt.timedelta(days=1))
        elif state == RELEASED:
            actions.release(by=operations, registration=made)
        else:
            actions.accept_proof(by=operations, registration=made, reason="Seen it")
        return fresh(made)
    made = submitted(world)
    if state == RETURNED:
        actions.give_back(by=operations, registration=made, reason="Where?")
    elif state == REJECTED:
        actions.reject(by=operations, registration=made, reason="No need")
    elif state == WITHDRAWN:
        actions.withdraw(by=seller(world), registration=made, reason="Stopped")
    return fresh(made)


def do(world, name, made):
    operations, own = world.users[Role.OPERATIONS], seller(world)
    calls = {
        "save": lambda: actions.save_draft(by=own, partner=made.partner, registration=made, values={"need": "More"}),
        "discard": lambda: actions.discard(by=own, registration=made),
        "submit": lambda: actions.submit(by=own, registration=made),
        "approve": lambda: actions.approve(by=operations, registration=made, reason="Fits"),
        "give_back": lambda: actions.give_back(by=operations, registration=made, reason="Where?"),
        "reject": lambda: actions.reject(by=operations, registration=made, reason="No need"),
        "withdraw": lambda: actions.withdraw(by=own, registration=made, reason="Stopped"),
        "release": lambda: actions.release(by=own, registration=made, reason="Stopped"),
        "offer_proof": lambda: actions.offer_proof(by=own, registration=made, text="Pilot"),
        "accept_proof": lambda: actions.accept_proof(by=operations, registration=made, reason="Seen it"),
        "renew": lambda: actions.renew(by=own, registration=made),
    }
    return calls[name]()


@pytest.mark.parametrize("state", list(Registration.State))
def test_what_can_be_done_in_a_state(acme, told, state):
    made = in_state(acme, state)
    before = kinds(made)
    for name, ways in WAYS.items():
        with transaction.atomic():
            point = transaction.savepoint()
            if state in ways:
                do(acme, name, made)
                left = Registration.everything.filter(pk=made.pk).first()
                assert (left and left.state) == ways[state], name
            else:
                with pytest.raises(Closed):
                    do(acme, name, made)
                assert (fresh(made).state, kinds(made)) == (state, before), name
            transaction.savepoint_rollback(point)


def test_a_step_is_written_for_each_way_and_none_is_lost(acme, told):
    operations, own = acme.users[Role.OPERATIONS], seller(acme)
    made = submitted(acme)
    actions.give_back(by=operations, registration=made, reason="Where?")
    actions.submit(by=own, registration=made)
    actions.approve(by=operations, registration=made, reason="Fits")
    actions.offer_proof(by=own, registration=made, text="Pilot")
    actions.accept_proof(by=operations, registration=made, reason="Seen it")
    actions.renew(by=own, registration=made)
    actions.remind(on=fresh(made).expires_on - dt.timedelta(days=3))
    actions.expire(on=fresh(made).expires_on + dt.timedelta(days=1))
    assert kinds(made) == [
        "submitted", "returned", "resubmitted", "approved", "proof", "accepted", "renewed", "reminded", "expired"
    ]  # fmt: skip
    assert fresh(made).expires_on == today() + dt.timedelta(days=180)
