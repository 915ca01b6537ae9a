"""Many at the same moment, and a worker that dies in between: the ledger is right, and so are the mails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from decimal import Decimal

import pytest
from django.db import connection

from accounts.permissions import Role
from mdf import actions
from mdf.actions import Closed, NotEnough
from mdf.models import Account, Claim, Entry, Request
from mdf.queries.funds import adds_up
from prm.common import mail
from prm.common.models import OutgoingMail
from prm.common.vendor import today
from tests.common.test_worker import with_path
from tests.database import ROOT
from tests.mdf import letter
from tests.mdf.asking import approved, cam, claimed, fresh, lines, submitted
from tests.mdf.funding import figures, make_fund, unallocated
from tests.together import at_once
from tests.world import World

State = Request.State


def spent(account: Account) -> Decimal:
    account.refresh_from_db()
    return account.spent


def test_32_approvals_and_claims_at_once_never_overdraw(committed):
    fund = make_fund(committed, budget="10000")
    all_of_the_cam = {"steps": [{"level": "cam", "above": "0"}]}  # what is under fire here is the money
    actions.set_rules(by=committed.users[Role.ADMIN], starts_on=today(), rules=all_of_the_cam)
    granted = lines(approved(committed, fund, *["250"] * 8))
    claims = [claimed(committed, line, "300") for line in granted for _twice in range(2)]  # 150 each, of 250
    waiting = [submitted(committed, fund, "1000", partner=committed.partner_b) for _n in range(16)]
    found = at_once(
        committed,
        *(lambda request=request: actions.approve(by=committed.cam_b, request=request) for request in waiting),
        *(lambda claim=claim: actions.decide_claim(by=cam(committed), claim=claim) for claim in claims),
    )
    approvals, settled = found[:16], found[16:]
    lost = [one for one in approvals if not isinstance(one, Request)]
    assert len(lost) == 8  # 10,000 less what the lines hold leaves 8,000
    assert all(isinstance(one, NotEnough) for one in lost), lost
    assert {one.left.amount for one in lost} == {Decimal(0)}
    assert all(isinstance(one, Claim) for one in settled), settled
    assert sorted(one.approved for one in settled) == [Decimal(100)] * 8 + [Decimal(150)] * 8
    assert figures(unallocated(fund)) == ("0", "8000", "2000", "0")
    assert adds_up(fund)
    entries = Entry.objects.unscoped("the test's")
    assert (entries.filter(kind="reserve").count(), entries.filter(kind="spend").count()) == (16, 16)


def test_one_step_decided_by_two_at_once_is_decided_once(committed):
    fund = make_fund(committed)
    request = submitted(committed, fund, "1000")
    stand_in = committed.cam_b
    actions.delegate(by=cam(committed), person=cam(committed), delegate=stand_in)
    found = at_once(
        committed,
        lambda: actions.approve(by=cam(committed), request=request),
        lambda: actions.reject(by=stand_in, request=request, reason="No"),
    )
    assert sorted(type(one).__name__ for one in found) in (["Closed", "Request"], ["NotAllowed", "Request"])
    state = fresh(request).state
    assert figures(unallocated(fund))[1] == ("1000" if state == State.APPROVED else "0")


def test_approving_twice_at_once_spends_once(committed):
    fund = make_fund(committed)
    claim = claimed(committed, lines(approved(committed, fund, "1000"))[0], "400")
    found = at_once(committed, *[lambda: actions.decide_claim(by=cam(committed), claim=claim)] * 4)
    assert sum(isinstance(one, Claim) for one in found) == 1
    assert sum(isinstance(one, Closed) for one in found) == 3
    assert spent(unallocated(fund)) == 200


# ── A worker that dies ───────────────────────────────────────────────────────────────────────────────────────────────

DIES = """
import os, signal, sys
import django
django.setup()
from django.db import connection
from prm.tenancy.models import Vendor
connection.set_tenant(Vendor.objects.get(schema_name=sys.argv[1]))
from accounts.models import User
from mdf import actions, telling
from mdf.models import Entry, Request
from prm.common import mail
import tests.mdf.letter

def die(*args, **kwargs):
    assert Entry.objects.unscoped("the test's").filter(kind="reserve").count() == 1
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[4] == "between":
    telling._hearers["request.approved"].insert(0, die)  # the entry is written, the mail is not
else:
    mail._hurry = die  # both are committed, nothing was sent
actions.approve(by=User.objects.get(pk=sys.argv[2]), request=Request.everything.get(pk=sys.argv[3]))
"""


def killed(world: World, request: Request, when: str) -> None:
    """Approves in a process of its own that is killed on the way."""
    arguments = [world.vendor.schema_name, str(cam(world).pk), str(request.pk), when]
    address = with_path(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])
    done = subprocess.run(
        [sys.executable, "-c", DIES, *arguments], cwd=ROOT, env={**os.environ, "DATABASE_URL": address},
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def reserved() -> int:
    return Entry.objects.unscoped("the test's").filter(kind="reserve").count()


@pytest.mark.parametrize("when", ["between", "after"])
def test_a_worker_killed_between_entry_and_mail_leaves_both_right_in_the_end(committed, when, mailoutbox):
    fund = make_fund(committed)
    request = submitted(committed, fund, "1000")
    mail.deliver_waiting()
    killed(committed, request, when)
    if when == "between":
        assert (fresh(request).state, reserved(), waiting_mails()) == (State.SUBMITTED, 0, 0), "nothing has happened"
        actions.approve(by=cam(committed), request=request)
    else:
        assert (fresh(request).state, reserved(), waiting_mails()) == (State.APPROVED, 1, 1)
        with pytest.raises(Closed):
            actions.approve(by=cam(committed), request=request)
    for _round in range(2):
        mail.deliver_waiting()
    assert [message.to for message in mailoutbox].count([letter.TO]) == 1
    assert (reserved(), figures(unallocated(fund))) == (1, ("9000", "1000", "0", "0"))
    assert adds_up(fund)


def waiting_mails() -> int:
    return OutgoingMail.objects.filter(to=letter.TO, sent_at=None).count()
