"""The roll-up of marketing: MGOs needed, planned and delivered, and what came of it, down to the partners."""

import io
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from leads.models import Lead
from marketing.actions import attributing
from marketing.actions.worksheet import save_worksheet
from marketing.models import How
from marketing.program.document import Sheet, Way
from marketing.rollup.figures import Sums, added
from marketing.rollup.page import RollupPage, RollupPartners
from marketing.rollup.reading import needs
from partners import facts
from partners.models import Fact
from prm.common.vendor import fiscal_calendar, today
from tests.marketing.approved import activity, lead, plan, verified


@pytest.fixture
def year(acme):
    return fiscal_calendar().year_of(today())


@pytest.fixture
def filled(acme, year):
    """A: one running activity of 48 MGOs that brought one; one verified with 90,000 for 8,000. B: nothing. 101 MGOs are needed."""
    running = activity(plan(acme.partner_a))
    verified(
        activity(plan(acme.partner_a), kind="event", reach=None, starts_on=today().replace(day=1), ends_on=today())
    )
    came = lead("Contoso", acme.partner_a, state=Lead.State.QUALIFIED, qualified_at=timezone.now())
    attributing.touch(activity=running, how=How.CODE, lead=came)
    sheet = Sheet(revenue=Decimal(1010), base={"win": Decimal(1), "deal": Decimal(10)})
    save_worksheet(by=acme.users[Role.MARKETING], period=year.key, sheet=sheet)
    facts.refresh()


def groups(user, query=""):
    page = RollupPage(user, QueryDict(query))
    return {page.name(group): sums for group, sums in page.groups}


def test_needed_planned_and_delivered_by_region(acme, filled):
    found = groups(acme.users[Role.MARKETING])
    west, east = found["West"], found["East"]
    # 101 by name: Fabrikam (east) 51, Northwind (west) 50
    assert (west.needed, east.needed) == (50, 51)
    assert (west.planned, west.delivered, west.planning) == (48, 1, 1)
    assert west.of_needed(west.planned).value == 96
    assert west.roi.value == Decimal("10.25")
    assert west.budget == 18_000
    assert str(east.roi.reason) == "No activity that ended in the period is verified."


def test_the_groups_add_up_to_the_facts(acme, filled, year):
    """The oracle: every fact of the year, added by hand."""
    total = RollupPage(acme.users[Role.MARKETING], QueryDict("by=tier")).total
    rows = Fact.everything.filter(month__range=(year.start, year.end))

    def added_up(metric):
        return sum((row.value for row in rows if row.metric == f"marketing.{metric}"), Decimal(0))

    assert total.planned == added_up("mgo.planned")
    assert total.budget == added_up("budget")
    assert total.revenue == added_up("revenue")
    assert total.cost == added_up("cost")


def test_a_quarter_without_a_worksheet_has_its_part_of_the_year(acme, filled, year):
    by_quarter = [sum((needs(quarter) or {}).values()) for quarter in year.quarters]
    assert by_quarter == [26, 25, 25, 25]
    assert needs(year.next) is None
    own = Sheet(revenue=Decimal(70), base={"win": Decimal(1), "deal": Decimal(10)}, way=Way.EQUAL)
    save_worksheet(by=acme.users[Role.MARKETING], period=year.quarters[1].key, sheet=own)
    assert sum((needs(year.quarters[1]) or {}).values()) == 7


def test_without_a_worksheet_the_need_is_unknown(acme):
    sums = Sums(partners=1)
    assert sums.needed_figure.value is None
    assert added([sums, Sums(partners=2, needed=3)]).needed == 3
    total = RollupPage(acme.users[Role.MARKETING], QueryDict()).total
    assert str(total.of_needed(Decimal(1)).reason) == "No program worksheet is kept for the period."


def test_an_amount_without_a_rate_is_said_not_left_out(acme, year):
    activity(plan(acme.partner_a, currency="JPY"))
    facts.refresh()
    total = RollupPage(acme.users[Role.MARKETING], QueryDict()).total
    assert str(total.amount(total.budget).reason) == "There is no rate for JPY."


def test_a_row_leads_to_its_partners_with_their_own_figures(acme, client_for, filled):
    user = acme.users[Role.MARKETING]
    page = RollupPage(user, QueryDict())
    west = next(group for group, _sums in page.groups if page.name(group) == "West")
    listed = client_for(user).get(page.group_url(west)).content.decode()
    assert "Northwind" in listed
    assert "Fabrikam" not in listed
    assert "48.0" in listed


def test_the_files(acme, client_for, filled):
    client = client_for(acme.users[Role.MARKETING])
    for name, row in (("rollup_xlsx", "West"), ("rollup_partners_xlsx", acme.partner_a.name)):
        response = client.get(reverse(f"marketing:{name}"))
        content = b"".join(response) if response.streaming else response.content
        rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
        assert any(row in each and 48 in each for each in rows), name


def test_a_cam_sees_its_own_partners(acme, client_for, filled):
    found = RollupPartners(acme.cam_b, QueryDict())
    assert [name for _pk, name in found.page.object_list] == [acme.partner_b.name]
    assert client_for(acme.users_a[Role.PARTNER_MARKETER]).get(reverse("marketing:rollup")).status_code == 403


def test_who_sees_no_roll_ups_is_offered_no_others(acme, client_for):
    page = client_for(acme.users[Role.MARKETING]).get(reverse("marketing:rollup")).content.decode()
    assert reverse("scorecards:rollup") not in page
    page = client_for(acme.users[Role.CHIEF]).get(reverse("marketing:rollup")).content.decode()
    assert reverse("scorecards:rollup") in page


def test_planned_mgos_are_spread_over_the_months_they_touch_exactly(acme):
    """48 MGOs over three months are 16 each; a budget of 9,000 is 3,000."""
    of = plan(acme.partner_a)
    activity(of)
    facts.refresh()
    rows = Fact.everything.filter(partner=acme.partner_a, metric__in=["marketing.mgo.planned", "marketing.budget"])
    assert sorted({(row.metric, Fraction(row.value)) for row in rows}) == [
        ("marketing.budget", 3000), ("marketing.mgo.planned", 16),
    ]  # fmt: skip
    assert rows.count() == 6
