"""Whatever people do with requests and claims, in whatever order: the fund holds what the lines say, and no more is paid than was approved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.permissions import Role
from mdf import actions
from mdf.actions import Closed, NotEnough, Verdict
from mdf.models import Claim, Entry, Line, Request
from mdf.queries.funds import adds_up
from mdf.steps import Decision, Outcome
from prm.common.vendor import today
from tests.mdf.asking import cam, claimed, fresh, lines, marketer, submitted
from tests.mdf.funding import make_fund, unallocated

BUDGET = Decimal(6000)
MONEY = st.integers(1, 400_000).map(lambda cents: Decimal(cents) / 100)


def _lives(world: Any) -> type[RuleBasedStateMachine]:
    class Lives(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.example = transaction.atomic()
            self.example.__enter__()
            self.fund = make_fund(world, budget=str(BUDGET))
            one_step = {"steps": [{"level": "cam", "above": "0"}]}
            actions.set_rules(by=world.users[Role.ADMIN], starts_on=today(), rules=one_step)

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

        def some(self, model: Any, pick: int, *states: str) -> Any:
            rows = list(model.everything.filter(state__in=states).order_by("pk"))
            return rows[pick % len(rows)] if rows else None

        @rule(amounts=st.lists(MONEY, min_size=1, max_size=2))
        def ask(self, amounts: list[Decimal]) -> None:
            submitted(world, self.fund, *map(str, amounts), cost="1000000")

        @rule(pick=st.integers(0, 99), share=st.integers(0, 10))
        def grant(self, pick: int, share: int) -> None:
            """All of it (10), a part of each line, or nothing (0)."""
            request = self.some(Request, pick, "submitted")
            if request is None:
                return
            verdicts = {}
            for line in lines(request):
                amount = (line.asked * share / 10).quantize(Decimal("0.01"))
                word = Decision.AS_ASKED if share == 10 else Decision.CHANGED if amount else Decision.DENIED
                verdicts[line.pk] = Verdict(word, amount if word is Decision.CHANGED else None, "So")
            left = unallocated(self.fund).available
            told = None
            try:
                with transaction.atomic():
                    done = actions.decide(by=cam(world), request=request, verdicts=verdicts)
            except NotEnough as refused:
                told = refused.left.amount
            if told is None:
                assert (done.approved or 0) <= left
            else:
                assert told == left < request.asked

        @rule(pick=st.integers(0, 99), amount=MONEY)
        def claim(self, pick: int, amount: Decimal) -> None:
            rows = list(Line.everything.filter(request__state="approved", approved__gt=0).order_by("pk"))
            if rows:
                claimed(world, rows[pick % len(rows)], str(amount))

        @rule(
            pick=st.integers(0, 99),
            outcome=st.sampled_from([Outcome.APPROVED] * 4 + [Outcome.RETURNED, Outcome.REJECTED]),
        )
        def settle(self, pick: int, outcome: Outcome) -> None:
            claim = self.some(Claim, pick, "submitted")
            if claim is None:
                return
            left = fresh(claim.line).left
            try:
                with transaction.atomic():
                    done = actions.decide_claim(by=cam(world), claim=claim, outcome=outcome, reason="So")
            except ValidationError:
                assert left < Decimal("0.01") or claim.claimed < Decimal("0.01")
            else:
                assert (done.approved or 0) <= left

        @precondition(lambda self: Claim.everything.filter(state="approved").exists())
        @rule(pick=st.integers(0, 99), pay=st.booleans())
        def pay_or_take_back(self, pick: int, pay: bool) -> None:
            claim = self.some(Claim, pick, "approved")
            if pay:
                actions.pay_claim(by=world.users[Role.MARKETING], claim=claim, reference="SEPA")
                return
            entries = Entry.objects.unscoped("the test's").filter(kind="spend", subject_id=claim.pk, reversal=None)
            over = fresh(claim.request).state == "closed"
            actions.reverse(by=world.users[Role.MARKETING], entry=entries.get(), reason="A mistake")
            back = fresh(claim)
            assert back.state == ("rejected" if over else "returned")
            if not over:
                actions.submit_claim(by=marketer(world), claim=back)

        @rule(pick=st.integers(0, 99))
        def close(self, pick: int) -> None:
            request = self.some(Request, pick, "approved")
            if request is None:
                return
            try:
                with transaction.atomic():
                    actions.close(by=cam(world), request=request, reason="Over")
            except Closed:
                assert Claim.everything.filter(request=request, state="submitted").exists()

        @invariant()
        def the_fund_holds_what_the_lines_say(self) -> None:
            account = unallocated(self.fund)
            open_lines = Line.everything.filter(request__state="approved", approved__gt=0)
            reserved = sum((line.left for line in open_lines), Decimal(0))
            spent = Claim.everything.filter(state__in=Claim.GRANTED).aggregate(n=Sum("approved"))["n"] or Decimal(0)
            assert (account.reserved, account.spent, account.available) == (reserved, spent, BUDGET - reserved - spent)
            assert adds_up(self.fund)
            for line in Line.everything.filter(approved__gt=0):
                granted = Claim.everything.filter(line=line, state__in=Claim.GRANTED).aggregate(n=Sum("approved"))["n"]
                assert line.claimed == (granted or 0) <= line.approved
                assert actions.held(line.pk) == (line.left if fresh(line.request).state == "approved" else 0)

    return Lives


def test_the_lives_of_requests_and_claims(acme):
    run_state_machine_as_test(
        _lives(acme),
        settings=settings(
            max_examples=6,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
