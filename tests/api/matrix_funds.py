"""What the operations of funds stand for in the matrix."""

import itertools
from decimal import Decimal

from accounts.permissions import Role
from mdf import actions
from mdf.models import Account, Entry, Fund
from tests.mdf.funding import give, make_fund, unallocated

NUMBERS = itertools.count(1)


def _fund(world, partner, user):
    return {"fund_id": make_fund(world, name=f"Fund {next(NUMBERS)}").pk}


def _accruing(world, partner, user):
    name = f"Fund {next(NUMBERS)}"
    return {"fund_id": make_fund(world, name=name, kind=Fund.Kind.BOTH, accrual_rate=Decimal("0.02")).pk}


def _account(world, partner, user):
    return {"account_id": give(world, make_fund(world, name=f"Fund {next(NUMBERS)}"), "100", partner=partner).pk}


def _entry(world, partner, user):
    """One that moves the partner's account alone."""
    account = Account.everything.get(pk=_account(world, partner, user)["account_id"])
    entry = actions.reserve(
        account=account, amount=Decimal(10), hold=1_000_000 + next(NUMBERS), subject=account.fund, partner=partner,
        by=world.users[Role.MARKETING],
    )  # fmt: skip
    return {"entry_id": entry.pk}


def _transfer(world, partner):
    fund = Fund.objects.latest("id")
    target = give(world, fund, "100", partner=partner)
    assert Entry.everything.filter(fund=fund).exists()
    return {"source": unallocated(fund).pk, "target": target.pk, "amount": "10", "reason": "More is needed"}


def _new(world, partner):
    return {"name": f"Fund {next(NUMBERS)}", "period": "2026", "currency": "EUR", "budget": "100"}


def calls(call, body):
    """By operation; the arguments are the matrix's own helpers."""
    reason = body(reason="Typed wrong")
    return {
        "list_mdf_funds": call(),
        "create_mdf_fund": call(body=_new),
        "get_mdf_fund": call(_fund),
        "update_mdf_fund": call(_fund, body(claim_days=90)),
        "change_mdf_budget": call(_fund, body(amount="50", reason="More")),
        "list_mdf_accounts": call(_fund),
        "allocate_mdf": call(_fund, lambda world, partner: {"partner": partner.pk, "amount": "10"}),
        "transfer_mdf": call(_fund, _transfer),
        "list_mdf_ledger": call(_fund),
        "get_mdf_account": call(_account, owned=True),
        "get_mdf_entry": call(_entry, owned=True),
        "reverse_mdf_entry": call(_entry, reason, owned=True),
        "list_mdf_accruals": call(_accruing),
        "book_mdf_accruals": call(_accruing),
        "list_mdf_expiring": call(),
    }
