"""Pages of funds: what one can do there, by role, and what is refused stays typed."""

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from accounts.permissions import Role
from marketing.models import Tactic
from mdf import actions
from mdf.models import Account, Entry, Fund
from prm.common.vendor import fiscal_calendar, today
from tests.mdf.funding import figures, give, make_fund, unallocated


@pytest.fixture
def marketing(acme, client_for):
    return client_for(acme.users[Role.MARKETING])


def new_fund(**changes):
    values = {
        "name": "Launch", "period": fiscal_calendar().year_of(today()).key, "currency": "EUR", "budget": "25,000.50",
        "kind": "both", "share": "50", "accrual_rate": "2.5", "claim_days": "45",
    }  # fmt: skip
    return {**values, **changes}


def test_a_fund_is_made_with_percents_as_people_type_them(acme, marketing):
    tactic = Tactic.objects.order_by("id").first()
    answer = marketing.post(reverse("mdf:fund_new"), new_fund(tactics=[tactic.pk]))
    fund = Fund.objects.get()
    assert answer.url == reverse("mdf:fund", args=[fund.pk])
    assert (fund.share, fund.accrual_rate, fund.budget) == (Decimal("0.5"), Decimal("0.025"), Decimal("25000.50"))
    assert list(fund.tactics.all()) == [tactic]
    shown = marketing.get(answer.url).content.decode()
    assert "25,000.50" in shown
    assert "2.5%" in shown


@pytest.mark.parametrize(
    ("field", "value"), [("share", "101"), ("share", "-1"), ("accrual_rate", "120"), ("accrual_rate", ""), ("budget", "-5"), ("name", " "), ("expires_on", "2001-01-01")]
)  # fmt: skip
def test_what_a_fund_cannot_be_is_said_and_keeps_what_was_typed(acme, marketing, field, value):
    answer = marketing.post(reverse("mdf:fund_new"), new_fund(**{field: value}))
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert "25,000.50" in answer.content.decode() or field == "budget"
    assert not Fund.objects.exists()


def test_rules_are_shown_as_they_are_and_changed(acme, marketing):
    fund = make_fund(acme, share=Decimal("0.333333"))
    address = reverse("mdf:fund_edit", args=[fund.pk])
    form = marketing.get(address).context["form"]
    data = {name: form[name].value() for name in ("name", "kind", "claim_days")}
    data |= {"share": "40", "expires_on": form["expires_on"].value().isoformat(), "minimum_roi": "3"}
    assert marketing.post(address, data).status_code == 302
    fund.refresh_from_db()
    assert (fund.share, fund.minimum_roi, fund.accrual_rate) == (Decimal("0.4"), Decimal(3), None)


def test_money_is_allocated_moved_and_taken_back(acme, marketing):
    fund = make_fund(acme)
    answer = marketing.post(
        reverse("mdf:allocate", args=[fund.pk]), {"partner": acme.partner_a.name, "amount": "1000", "reason": "Launch"}
    )
    assert answer.status_code == 302
    account = Account.everything.get(fund=fund, partner=acme.partner_a)
    answer = marketing.post(
        reverse("mdf:transfer", args=[fund.pk]),
        {
            "source_partner": acme.partner_a.name,
            "target": unallocated(fund).pk,
            "amount": "250",
            "reason": "Not needed",
        },
    )
    assert answer.status_code == 302
    assert figures(account)[0] == "750"
    entry = Entry.everything.get(kind="transfer")
    page = marketing.get(reverse("mdf:entry", args=[entry.pk])).content.decode()
    assert "Not needed" in page
    assert marketing.post(reverse("mdf:reverse", args=[entry.pk]), {"reason": ""}).status_code == 422
    assert marketing.post(reverse("mdf:reverse", args=[entry.pk]), {"reason": "It is"}).status_code == 302
    assert figures(account)[0] == "1000"
    assert "reversed" in marketing.get(reverse("mdf:ledger", args=[fund.pk])).content.decode()
    again = marketing.post(reverse("mdf:reverse", args=[entry.pk]), {"reason": "It is"})
    assert "reversed already" in again.content.decode()


def test_who_takes_too_much_reads_what_is_left_at_the_amount(acme, marketing):
    fund = make_fund(acme, budget="100")
    answer = marketing.post(
        reverse("mdf:allocate", args=[fund.pk]), {"region": acme.partner_a.region_id, "amount": "100.01"}
    )
    assert answer.status_code == 422
    assert "EUR 100.00 is left" in answer.content.decode()
    answer = marketing.post(reverse("mdf:allocate", args=[fund.pk]), {"amount": "5"})
    assert "Choose one" in answer.content.decode()
    answer = marketing.post(reverse("mdf:fund_budget", args=[fund.pk]), {"amount": "-101", "reason": "cut"})
    assert "neither allocated nor used" in answer.content.decode()


def test_who_reads_cannot_change(acme, client_for):
    fund = make_fund(acme)
    cam = client_for(acme.users[Role.CAM])
    assert cam.get(reverse("mdf:fund", args=[fund.pk])).status_code == 200
    for name in ("fund_edit", "fund_budget", "allocate", "transfer"):
        assert cam.get(reverse(f"mdf:{name}", args=[fund.pk])).status_code == 403
    shown = cam.get(reverse("mdf:fund", args=[fund.pk])).content.decode()
    assert reverse("mdf:allocate", args=[fund.pk]) not in shown


def test_the_statement_is_the_ledger_in_every_file(acme, marketing):
    fund = make_fund(acme)
    account = give(acme, fund, "1000", partner=acme.partner_a)
    actions.reserve(account=account, amount=Decimal("400.25"), hold=1, subject=fund, partner=acme.partner_a, by=None)
    address = reverse("mdf:account_export", args=[account.pk, "xlsx"])
    sheet = openpyxl.load_workbook(io.BytesIO(marketing.get(address).content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[1] for row in rows[-2:]] == ["Reserved", "Allocation"]
    column = next(row for row in rows if row[0] == "When").index("Available after")
    assert [Decimal(str(row[column])) for row in rows[-2:]] == [Decimal("599.75"), Decimal(1000)]
    text = marketing.get(reverse("mdf:account_export", args=[account.pk, "csv"]) + "?kind=reserve").content.decode()
    assert "400.25" in text
    assert "Allocation" not in text
    assert marketing.get(reverse("mdf:account_export", args=[account.pk, "pdf"])).content.startswith(b"%PDF")


def test_a_partner_reads_its_own_money_and_nobody_elses(acme, client_for):
    fund = make_fund(acme)
    own = give(acme, fund, "1000", partner=acme.partner_a, reason="INTERNAL", expires_on=today() + dt.timedelta(days=9))
    other = give(acme, fund, "2000", partner=acme.partner_b)
    client = client_for(acme.users_a[Role.PARTNER_EXECUTIVE])
    page = client.get(reverse("mdf:portal_funds")).content.decode()
    assert "1,000.00" in page
    assert "2,000.00" not in page
    address = reverse("mdf:portal_account", args=[own.pk])
    shown = client.get(address).content.decode()
    files = [client.get(f"{address}export/{kind}/").content for kind in ("csv", "xlsx", "pdf")]
    assert "INTERNAL" not in shown
    assert b"INTERNAL" not in files[0]
    for page in (
        reverse("mdf:portal_account", args=[other.pk]),
        reverse("mdf:portal_account", args=[unallocated(fund).pk]),
    ):
        assert client.get(page).status_code == 404
    assert client.get(reverse("mdf:account", args=[own.pk])).status_code == 403


def test_accruals_say_how_they_came_about_and_are_booked_now(acme, marketing):
    fund = make_fund(acme, kind=Fund.Kind.BOTH, accrual_rate=Decimal("0.02"))
    address = reverse("mdf:accrue", args=[fund.pk])
    assert marketing.get(address).status_code == 405
    answer = marketing.post(address, follow=True)
    assert "Nothing has changed" in answer.content.decode()


def test_lists_of_a_fund_ask_as_much_for_three_as_for_one(acme, client_for):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    fund = make_fund(acme)
    account = give(acme, fund, "1000", partner=acme.partner_a)
    client = client_for(acme.users[Role.CAM])
    pages = [reverse("mdf:funds"), reverse("mdf:fund", args=[fund.pk]), reverse("mdf:ledger", args=[fund.pk])]

    def asked():
        found = []
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            found.append(len(queries))
        return found

    before = asked()
    for number in range(2):
        make_fund(acme, name=f"Fund {number}")
        give(acme, fund, "10", region=(acme.partner_a.region, acme.partner_b.region)[number])
        actions.reserve(
            account=account,
            amount=Decimal(1),
            hold=number,
            subject=fund,
            partner=acme.partner_a,
            by=acme.users[Role.CAM],
        )
    assert asked() == before
