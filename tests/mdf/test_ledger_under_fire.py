"""32 people at one fund at the same moment, and a ledger driven at random: never negative, always adding up."""

from collections import defaultdict
from decimal import Decimal
from functools import partial

from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.permissions import Role
from mdf import actions
from mdf.models import Account, Entry, Lot
from mdf.queries import funds as queries
from mdf.refusals import NotEnough
from tests.mdf.funding import give, make_fund, unallocated
from tests.together import at_once

WAYS = 32


def test_at_one_moment_nobody_overdraws_and_losers_are_told_what_was_left(committed):
    fund = make_fund(committed, budget="1000")
    account = give(committed, fund, "1000", partner=committed.partner_a)
    by = committed.users[Role.MARKETING]

    def approve(line):
        return actions.reserve(
            account=account, amount=Decimal(100), hold=line, subject=fund, partner=committed.partner_a, by=by
        )

    given = at_once(committed, *(partial(approve, line) for line in range(1, WAYS + 1)))
    refused = [answer for answer in given if isinstance(answer, NotEnough)]
    entries = [answer for answer in given if isinstance(answer, Entry)]
    assert (len(entries), len(refused)) == (10, WAYS - 10)
    assert {answer.left.amount for answer in refused} == {Decimal(0)}
    assert queries.adds_up(fund)

    # Now claims, releases, transfers, allocations and reversals of the same money, all at once.
    def claim(line):
        return actions.spend(hold=line, amount=Decimal(60), subject=fund, by=by)

    lines = [entry.hold for entry in entries]
    calls = [partial(claim, line) for line in lines for _twice in range(2)]  # two for each line: one is too much
    calls += [partial(actions.release, hold=line, amount=Decimal(40), subject=fund, by=by) for line in lines[:6]]
    calls += [partial(actions.reverse, by=by, entry=entry, reason="wrong") for entry in entries[6:]]
    calls += [
        partial(actions.transfer, by=by, source=account, target=unallocated(fund), amount=Decimal(30), reason="x")
    ]
    calls += [partial(give, committed, fund, "20", partner=committed.partner_b)]
    assert len(calls) == WAYS
    given = at_once(committed, *calls)
    assert not [answer for answer in given if isinstance(answer, Exception) and not isinstance(answer, NotEnough)]
    spent = Entry.everything.filter(fund=fund, kind="spend")
    assert len(set(spent.values_list("hold", flat=True))) == spent.count()
    assert queries.adds_up(fund)
    assert not [row for row in Account.everything.filter(fund=fund) if min(row.available, row.reserved) < 0]


def test_an_account_that_several_make_at_once_is_one(committed):
    fund = make_fund(committed, budget="1000")
    calls = [partial(give, committed, fund, "100", partner=committed.partner_b) for _way in range(6)]
    given = at_once(committed, *calls)  # the account is made by one of them
    assert len({answer.pk for answer in given}) == 1
    assert Account.everything.get(fund=fund, partner=committed.partner_b).available == 600
    assert queries.adds_up(fund)


def left_where_refused(call):
    """What was left, where it was refused; None where it was done."""
    try:
        call()
    except NotEnough as error:
        return error.left.amount
    return None


AMOUNTS = st.decimals("0.01", "600", places=2)


class Life(RuleBasedStateMachine):
    """Anything that can happen to a fund, beside what a plain sum of it says."""

    world = None

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        world = self.world
        self.by = world.users[Role.MARKETING]
        self.fund = make_fund(world, budget="1000", name="Life")
        self.accounts = [
            unallocated(self.fund),
            give(world, self.fund, "200", partner=world.partner_a),
            give(world, self.fund, "100", region=world.partner_b.region),
        ]
        self.model = {
            self.accounts[0].pk: [700, 0, 0],
            self.accounts[1].pk: [200, 0, 0],
            self.accounts[2].pk: [100, 0, 0],
        }
        self.model = {pk: [Decimal(value) for value in row] for pk, row in self.model.items()}
        self.held = defaultdict(Decimal)  # by line; the account of line n is n % 3
        self.lines = 0

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    def _row(self, line):
        return self.model[self.accounts[line % 3].pk]

    @rule(account=st.integers(0, 2), amount=AMOUNTS)
    def reserve(self, account, amount) -> None:
        line = self.lines * 3 + account
        self.lines += 1
        row = self._row(line)
        left = left_where_refused(
            lambda: actions.reserve(
                account=self.accounts[account], amount=amount, hold=line, subject=self.fund,
                partner=self.world.partner_a, by=self.by,
            )
        )  # fmt: skip
        assert left == (row[0] if amount > row[0] else None)
        if left is not None:
            return
        row[0] -= amount
        row[1] += amount
        self.held[line] += amount

    @precondition(lambda self: self.held)
    @rule(pick=st.integers(0, 100), amount=AMOUNTS, kind=st.sampled_from(["spend", "release"]))
    def use(self, pick, amount, kind) -> None:
        line = sorted(self.held)[pick % len(self.held)]
        row = self._row(line)
        left = left_where_refused(
            lambda: getattr(actions, kind)(hold=line, amount=amount, subject=self.fund, by=self.by)
        )
        assert left == (self.held[line] if amount > self.held[line] else None)
        if left is not None:
            return
        self.held[line] -= amount
        row[1] -= amount
        row[2 if kind == "spend" else 0] += amount

    @rule(source=st.integers(0, 2), step=st.integers(1, 2), amount=AMOUNTS)
    def transfer(self, source, step, amount) -> None:
        here, there = self.accounts[source], self.accounts[(source + step) % 3]
        left = left_where_refused(
            lambda: actions.transfer(by=self.by, source=here, target=there, amount=amount, reason="x")
        )
        there_was = self.model[here.pk][0]
        assert left == (there_was if amount > there_was else None)
        if left is not None:
            return
        self.model[here.pk][0] -= amount
        self.model[there.pk][0] += amount

    @precondition(lambda self: self.held)
    @rule(pick=st.integers(0, 100))
    def reverse_the_last_of_a_line(self, pick) -> None:
        line = sorted(self.held)[pick % len(self.held)]
        entry = Entry.everything.filter(hold=line, reversal=None).exclude(kind="reverse").latest("id")
        row = self._row(line)
        sign = {"reserve": (1, -1, 0), "release": (-1, 1, 0), "spend": (0, 1, -1)}[entry.kind]
        left = left_where_refused(lambda: actions.reverse(by=self.by, entry=entry, reason="x"))
        assert left == (row[0] if entry.kind == "release" and row[0] < entry.amount else None)
        if left is not None:
            return
        for place, way in enumerate(sign):
            row[place] += way * entry.amount
        self.held[line] += sign[1] * entry.amount
        if not Entry.everything.filter(hold=line, reversal=None).exclude(kind="reverse").exists():
            del self.held[line]

    @invariant()
    def accounts_are_what_the_sums_say(self) -> None:
        for account in Account.everything.filter(fund=self.fund):
            assert [account.available, account.reserved, account.spent] == self.model[account.pk]
        assert sum(sum(row) for row in self.model.values()) == 1000
        for line, amount in self.held.items():
            assert actions.held(line) == amount

    @invariant()
    def the_ledger_and_the_lots_give_the_accounts(self) -> None:
        assert queries.adds_up(self.fund)
        for account in self.accounts:
            lots = Lot.everything.filter(account=account).values_list("available", flat=True)
            assert sum(lots) == self.model[account.pk][0]


def test_whatever_happens_to_a_fund_it_adds_up(acme):
    Life.world = acme
    run_state_machine_as_test(Life, settings=settings(max_examples=12, stateful_step_count=15, deadline=None))
