"""What became of the money: the table by fund, region, partner and tactic against a recomputation, the trail, how long things wait."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from accounts.permissions import Role
from marketing.models import Activity
from mdf import actions, overview
from mdf.models import Account, Claim, Line
from mdf.overview import FUND, PARTNER, REGION, TACTIC
from mdf.queries.funds import figures
from partners.models import Region
from prm.common.models import CurrencyRate
from prm.common.vendor import today
from tests.marketing.making import closed
from tests.mdf.asking import approved, cam, claimed, drafted, fresh, lines, marketer, pass_all, submitted, tactic
from tests.mdf.funding import give, make_fund, unallocated
from tests.mdf.test_request_pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def spent(acme):
    """Two funds and two partners: 10,000 of the first allocated to one of them; 6,000, 2,000 and 1,000 approved, 3,000 claimed of the first
    and 1,000 of that paid, 500 waiting."""
    first, second = make_fund(acme, budget="50000"), make_fund(acme, budget="20000", name="Launch fund")
    give(acme, first, "10000", partner=acme.partner_a)
    line = lines(approved(acme, first, "6000", of=tactic("fair")))[0]
    for amount in ("2000", "4000"):
        actions.decide_claim(by=cam(acme), claim=claimed(acme, line, amount))
    claim = Claim.everything.filter(line=line).order_by("pk").first()
    actions.pay_claim(by=acme.users[Role.MARKETING], claim=claim, reference="SEPA 1")
    claimed(acme, line, "1000")
    approved(acme, second, "2000", "1000", partner=acme.partner_b)
    submitted(acme, second, "700", partner=acme.partner_b)
    return first, second, line


def by(dimension, user):
    found = overview.overview(dimension, Line.objects.visible_to(user), Account.objects.visible_to(user))
    return found, {group.label or None: group.figures for group in found.groups}


def test_by_fund_the_sums_are_those_of_the_ledger(acme, spent):
    first, second, _line = spent
    found, rows = by(FUND, acme.users[Role.MARKETING])
    assert found.currency == "EUR"
    for fund in (first, second):
        ledger = figures([fund.pk])[fund.pk]
        row = rows[fund.name]
        assert (row.credited, row.allocated, row.available, row.reserved, row.spent) == (
            ledger.credited, ledger.allocated, ledger.available, ledger.reserved, ledger.spent,
        )  # fmt: skip
    row = rows[first.name]
    assert (row.asked, row.approved, row.reserved, row.spent, row.paid) == (6000, 6000, 3000, 3000, 1000)
    assert (row.allocated, row.used, row.use) == (10_000, 3000, Fraction(3, 10)), "what isn't allocated doesn't count"
    assert (rows[second.name].allocated, rows[second.name].use) == (0, None)
    assert (rows[second.name].asked, found.total.asked) == (3700, 9700)


def test_by_partner_what_is_its_own_and_what_it_asked_stand_beside_each_other(acme, spent):
    _found, rows = by(PARTNER, acme.users[Role.MARKETING])
    own, other = rows[acme.partner_a.name], rows[acme.partner_b.name]
    assert (own.allocated, own.available, own.spent, own.use) == (10_000, 4000, 3000, Fraction(3, 10))
    assert (other.allocated, other.reserved, other.use) == (None, 3000, None)
    assert (rows[None].credited, rows[None].use) == (60_000, None)  # what isn't one partner's


def test_what_is_paid_from_elsewhere_is_no_use_of_a_partners_own(acme, spent):
    first, _second, _line = spent
    plan = drafted(acme, "9000")
    request = actions.submit_plan(by=marketer(acme), plan=plan, fund=first, account=unallocated(first))
    request = pass_all(acme, request)
    claim = claimed(acme, lines(request)[0], "18000")
    for user in (cam(acme), acme.users[Role.MARKETING]):
        claim = actions.decide_claim(by=user, claim=claim)
    assert claim.approved == 9000
    _found, rows = by(PARTNER, acme.users[Role.MARKETING])
    own = rows[acme.partner_a.name]
    assert (own.spent, own.used, own.use) == (12_000, 3000, Fraction(3, 10))


def test_by_tactic_and_region(acme, spent):
    region = Region.objects.get_or_create(key="west", defaults={"name": "West"})[0]
    type(acme.partner_a).everything.filter(pk=acme.partner_a.pk).update(region=region)
    _found, tactics = by(TACTIC, acme.users[Role.MARKETING])
    assert (tactics["Fair"].spent, tactics["Quiz"].reserved, tactics["Fair"].allocated) == (3000, 3000, None)
    assert tactics["Fair"].claimed_share == Fraction(1, 2)
    _found, regions = by(REGION, acme.users[Role.MARKETING])
    assert (regions["West"].allocated, regions["West"].spent) == (10_000, 3000)


def test_who_sees_one_partner_has_sums_of_that_one(acme, spent):
    found, _rows = by(FUND, cam(acme))
    assert (found.total.asked, found.total.spent) == (6000, 3000)


def test_sums_in_two_currencies_are_put_into_the_reporting_one(acme, spent):
    make_fund(acme, budget="1000", name="Swiss fund", currency="CHF")
    found, _rows = by(FUND, acme.users[Role.MARKETING])
    assert found.currency != "EUR" or found.lack == "CHF"


def test_ages_count_from_the_day_of_submission(acme, spent):
    _first, _second, line = spent
    Claim.everything.filter(line=line, state="submitted").update(submitted_on=today() - dt.timedelta(days=8))
    found = overview.ages(Line.objects.visible_to(acme.users[Role.MARKETING]))
    assert [(age.requests, age.claims) for age in found] == [(1, 0), (0, 0), (0, 1), (0, 0), (0, 0)]


def test_days_from_claim_to_payment(acme, spent):
    _first, _second, _line = spent
    Claim.everything.filter(state="paid").update(submitted_on=today() - dt.timedelta(days=10))
    found = overview.payments(Line.objects.visible_to(acme.users[Role.MARKETING]), today() - dt.timedelta(days=365))
    assert (found.paid, found.median, found.most, found.waiting) == (1, Decimal(10), Decimal(10), 1)


def test_the_page_leads_from_a_row_to_its_lines(acme, client_for, spent):
    first, _second, line = spent
    client = client_for(acme.users[Role.MARKETING])
    page = client.get("/mdf/")
    assert page.status_code == 200
    assert f"/mdf/trail/?fund={first.pk}" in page.content.decode()
    for dimension in ("region", "partner", "tactic"):
        assert client.get(f"/mdf/?by={dimension}").status_code == 200
    assert acme.partner_b.name not in text(client.get(f"/mdf/?by=partner&partner={acme.partner_a.pk}"))
    trail = text(client.get(f"/mdf/trail/?fund={first.pk}"))
    assert (line.activity.title in trail, acme.partner_b.name in trail) == (True, False)
    assert client.get("/mdf/overview.xlsx").status_code == 200
    assert "6000" in client.get("/mdf/trail/export/csv/").content.decode()


def test_one_line_shows_all_that_moved_it(acme, client_for, spent):
    _first, _second, line = spent
    page = text(client_for(acme.users[Role.MARKETING]).get(f"/mdf/trail/{line.pk}/"))
    for word in ("Reserved", "Spent", "SEPA 1", "Growth fund"):
        assert word in page
    assert client_for(acme.cam_b).get(f"/mdf/trail/{line.pk}/").status_code == 404


def test_what_was_spent_from_a_fund_in_another_currency_is_told_in_the_plans_or_not_at_all(acme, client_for):
    CurrencyRate.objects.create(currency="EUR", on=today(), rate=Decimal("1.25"))
    line = lines(approved(acme, make_fund(acme, currency="USD"), "1000"))[0]
    actions.decide_claim(by=cam(acme), claim=claimed(acme, line, "400.10"))
    closed(acme, Activity.everything.get(pk=line.activity_id))
    client, address = client_for(acme.users[Role.MARKETING]), f"/mdf/trail/{line.pk}/"
    # Expected is what was approved; half of the 400.10 was paid, 250.06 USD.
    assert mdf_row(client.get(address)) == ("EUR 1,000.00", "EUR 200.05")
    CurrencyRate.objects.all().delete()
    page = client.get(address)
    assert mdf_row(page) == ("EUR 1,000.00", "–")
    assert "MDF was paid in a currency without a rate" in text(page)


def mdf_row(page) -> tuple[str, str]:
    """What was expected, and what came of it."""
    return next((expected, actual) for name, expected, actual in page.context["result"]["rows"] if name == "MDF")


def test_a_closed_request_holds_nothing_reserved(acme, spent):
    _first, _second, line = spent
    waiting = Claim.everything.get(line=line, state="submitted")
    actions.decide_claim(by=cam(acme), claim=waiting)
    actions.close(by=acme.users[Role.MARKETING], request=fresh(line.request), reason="Over")
    _found, rows = by(FUND, acme.users[Role.MARKETING])
    assert (rows["Growth fund"].reserved, rows["Growth fund"].spent) == (0, 3500)
