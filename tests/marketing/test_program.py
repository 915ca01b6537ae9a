"""The program worksheet: kept, prefilled, shared out, and what stands against it."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from leads.models import Lead
from marketing.actions import attributing
from marketing.actions.worksheet import Outdated, save_worksheet
from marketing.models import How, Tactic, Worksheet
from marketing.program import reading
from marketing.program.document import Case, Sheet, Way, read, write
from marketing.program.page import ProgramPage
from marketing.worksheet import Stage, backward
from partners import facts
from partners.models import Fact, Partner, Tier
from pipeline.facts import LACK, TARGET
from prm.common.vendor import fiscal_calendar, today
from tests.marketing.approved import activity, lead, plan

BASE = {"response": "2", "mql": "10", "sal": "80", "sql": "40", "win": "10", "deal": "100000"}


@pytest.fixture
def year(acme):
    return fiscal_calendar().year_of(today())


@pytest.fixture
def sheet():
    return Sheet(
        revenue=Decimal(10_000_000),
        base={name: Decimal(value) / (1 if name == "deal" else 100) for name, value in BASE.items()},
    )


def posted(year, **more):
    values = {f"base_{name}": value for name, value in BASE.items()}
    return {"revenue": "10000000", "way": "equal", "revision": "0", **values, **more}


def url(year) -> str:
    return f"{reverse('marketing:worksheet')}?period={year.key}"


def test_a_sheet_reads_as_it_was_written(sheet):
    whole = Sheet(
        revenue=Decimal("1.5"), base=sheet.base, factors=(("Taking part", Decimal("0.85")),),
        own={Case.BLEAK: {"win": Decimal("0.05"), "deal": None}}, way=Way.TIER, weights={"gold": 3},
    )  # fmt: skip
    assert read(write(whole)) == whole


def test_the_other_columns_follow_the_base_until_they_have_a_number_of_their_own(sheet):
    own = Sheet(base=sheet.base, own={Case.BLEAK: {"win": Decimal("0.03"), "sql": None}})
    bleak = own.column(Case.BLEAK)
    assert (bleak.win, bleak.sql, bleak.deal) == (Decimal("0.03"), None, 80_000)
    assert own.column(Case.STRETCH).sal == Decimal("0.96")


def test_what_is_typed_is_kept_and_what_it_needs_is_shown(acme, client_for, year):
    client = client_for(acme.users[Role.MARKETING])
    response = client.post(url(year), posted(year, factor_0_name="Taking part", factor_0_share="85"))
    assert response.status_code == 302
    kept, row = reading.worksheet(year)
    assert row.updated_by == acme.users[Role.MARKETING]
    assert backward(Fraction(kept.revenue), kept.column(Case.BASE)).get(Stage.MGO) == 1177  # 1,000 ÷ 0.85 = 1,176.47…
    page = client.get(url(year)).content.decode()
    for number in ("1,177", "1,000", "2,943"):
        assert number in page
    # Bleak: 10,000,000 ÷ 80,000 = 125; ÷ 0.08 = 1,562.5 → 1,563; ÷ 0.68 = 2,298.5… → 2,299
    assert "2,299" in page


def test_a_number_that_is_emptied_follows_again(acme, client_for, year):
    client = client_for(acme.users[Role.MARKETING])
    client.post(url(year), posted(year, bleak_win="3"))
    assert reading.worksheet(year)[0].own == {Case.BLEAK: {"win": Decimal("0.03")}}
    client.post(url(year), posted(year, bleak_win="", revision="1"))
    assert reading.worksheet(year)[0].own == {}


def test_by_script_the_answer_holds_the_result_and_what_follows(acme, client_for, year):
    client = client_for(acme.users[Role.MARKETING])
    response = client.post(url(year), posted(year), headers={"HX-Request": "true"})
    text = response.content.decode()
    assert response.status_code == 200
    assert 'id="worksheet-live"' in text
    assert 'id="id_revision"' in text
    assert 'value="1"' in text
    assert 'name="bleak_win" value="8"' in text


def test_what_cannot_be_is_refused_at_its_field_and_kept(acme, client_for, year):
    client = client_for(acme.users[Role.MARKETING])
    response = client.post(url(year), posted(year, base_win="101", base_sql="-1"))
    assert response.status_code == 422
    text = response.content.decode()
    assert 'value="101"' in text
    assert not Worksheet.objects.exists()
    again = client.post(url(year), posted(year, base_win="101"), headers={"HX-Request": "true"})
    assert again.status_code == 422


def test_of_two_who_change_it_at_once_the_second_is_told(acme, client_for, year, sheet):
    save_worksheet(by=acme.users[Role.OPERATIONS], period=year.key, sheet=sheet, revision=0)
    with pytest.raises(Outdated):
        save_worksheet(by=acme.users[Role.MARKETING], period=year.key, sheet=Sheet(), revision=0)
    response = client_for(acme.users[Role.MARKETING]).post(url(year), posted(year, base_win="11"))
    assert response.status_code == 422
    assert reading.worksheet(year)[0].base["win"] == Decimal("0.1")


def test_who_may_read_and_who_may_write(acme, client_for, year, sheet):
    for role in (Role.CAM, Role.CHIEF):
        client = client_for(acme.users[role])
        assert client.get(url(year)).status_code == 200
        assert client.post(url(year), posted(year)).status_code == 403
        with pytest.raises(PermissionDenied):
            save_worksheet(by=acme.users[role], period=year.key, sheet=sheet)
    assert client_for(acme.users_a[Role.PARTNER_MARKETER]).get(url(year)).status_code == 403


@pytest.mark.parametrize(
    "wrong", [{"base": {"win": Decimal("1.01")}}, {"revenue": Decimal(-1)}, {"weights": {"gold": -1}}]
)
def test_a_sheet_that_cannot_be_is_refused(acme, year, wrong):
    with pytest.raises(ValidationError):
        save_worksheet(by=acme.users[Role.OPERATIONS], period=year.key, sheet=Sheet(**wrong))


def test_it_begins_with_the_middle_of_the_tactics(acme, year):
    Tactic.objects.all().update(active=False)
    for rate in ("0.01", "0.02", "0.04"):
        Tactic.objects.create(key=f"at_{rate[-1]}", name=rate, kind="other", response=Decimal(rate))
    begun = reading.prefilled(year)
    assert begun.base["response"] == Decimal("0.02")
    assert begun.base["win"] is None
    assert begun.weights["gold"] > begun.weights["silver"] > 0


def names_and_mgos(sheet, mgos, span):
    return [(share.name.split()[0], share.mgos) for share in reading.shares(sheet, mgos, span)]


def test_partners_share_by_largest_remainder_in_the_order_of_their_names(acme, year):
    """Fabrikam stands before Northwind."""
    assert names_and_mgos(Sheet(), 5, year) == [("Fabrikam", 3), ("Northwind", 2)]
    Partner.everything.filter(pk=acme.partner_a.pk).update(tier=Tier.objects.get(key="silver"))
    by_tier = Sheet(way=Way.TIER, weights={"gold": 3, "silver": 1})
    assert names_and_mgos(by_tier, 10, year) == [
        ("Fabrikam", 8),
        ("Northwind", 2),
    ]  # 7.5 and 2.5: the tie goes to the first
    assert reading.shares(Sheet(way=Way.TIER), 10, year) is None
    assert reading.shares(Sheet(way=Way.TARGET), 10, year) is None


def test_a_cam_reads_only_the_shares_of_its_own_partners(acme, client_for, year, sheet):
    save_worksheet(by=acme.users[Role.OPERATIONS], period=year.key, sheet=sheet)
    page = client_for(acme.users[Role.CAM]).get(url(year)).content.decode()
    assert "Northwind" in page
    assert "Fabrikam" not in page


def test_planned_and_delivered_stand_against_it(acme, year):
    """48 MGOs over a quarter of three months; one lead of the activity qualified."""
    webinar = activity(plan(acme.partner_a))
    now = timezone.now()
    came = lead("Contoso", acme.partner_a, state=Lead.State.QUALIFIED, qualified_at=now)
    attributing.touch(activity=webinar, how=How.CODE, lead=came)
    facts.refresh()
    ops = acme.users[Role.OPERATIONS]
    assert reading.against(ops, year) == reading.Against(Decimal(48), 1)
    quarter = fiscal_calendar().quarter_of(today())
    assert reading.against(ops, quarter).planned == 48
    assert reading.against(acme.cam_b, year) == reading.Against(Decimal(0), 0)


def test_months_come_to_the_whole_of_what_is_planned(acme, client_for, year, sheet):
    """1,000 × .05 × .5 × .5 × .5 = 6.25 MGOs over three months: three parts rounded one by one would come to 6.249999, shown as 6.2."""
    rates = {name: Decimal("0.5") for name in ("mql", "sal", "sql")}
    activity(plan(acme.partner_a), reach=1000, response=Decimal("0.05"), **rates)
    facts.refresh()
    assert reading.against(acme.users[Role.OPERATIONS], year).planned == Decimal("6.25")
    save_worksheet(by=acme.users[Role.OPERATIONS], period=year.key, sheet=sheet)
    page = client_for(acme.users[Role.MARKETING]).get(url(year)).content.decode()
    assert "6.3" in page
    assert "6.2<" not in page


def test_activities_of_the_same_months_come_to_their_whole(acme, year):
    """Three of 25 ÷ 12 MGOs: 6.25 together, which no rounding of each gives."""
    of = plan(acme.partner_a)
    history = {name: {"from": "history", "in": "12", "out": "5"} for name in ("mql",)}
    for _n in range(3):
        activity(
            of,
            reach=5,
            response=Decimal(1),
            mql=Decimal("0.416666666667"),
            sal=Decimal(1),
            sql=Decimal(1),
            sources=history,
        )
    facts.refresh()
    assert reading.against(acme.users[Role.OPERATIONS], year).planned == Decimal("6.25")


def test_forward_from_a_reach(acme, client_for, year):
    """20,000 × 2 % × 40 % × 60 % × 50 % × 25 % = 12 wins of 18,000.50."""
    base = {"response": "0.02", "mql": "0.4", "sal": "0.6", "sql": "0.5", "win": "0.25", "deal": "18000.50"}
    sheet = Sheet(base={name: Decimal(value) for name, value in base.items()})
    save_worksheet(by=acme.users[Role.OPERATIONS], period=year.key, sheet=sheet)
    client = client_for(acme.users[Role.CAM])
    page = client.get(f"{url(year)}&stage=reach&count=20000").content.decode()
    for text in ("400.0", "160.0", "96.0", "48.0", "12.0", "216,006.00"):
        assert text in page
    assert "400.0" not in client.get(f"{url(year)}&stage=mgo&count=48").content.decode()
    assert "216,006.00" in client.get(f"{url(year)}&stage=mgo&count=48").content.decode()
    assert client.get(f"{url(year)}&stage=nothing&count=-1").status_code == 200


def test_revenue_of_the_planned_ones_is_to_the_minor_unit(acme, client_for, year):
    activity(plan(acme.partner_a))  # 48 MGOs
    facts.refresh()
    sheet = Sheet(base={"win": Decimal("0.25"), "deal": Decimal("100.10")})
    save_worksheet(by=acme.users[Role.OPERATIONS], period=year.key, sheet=sheet)
    assert "1,201.20" in client_for(acme.users[Role.MARKETING]).get(url(year)).content.decode()


def test_targets_without_a_rate_make_no_smaller_target(acme, year):
    row = {"partner": acme.partner_a, "month": year.start}
    Fact.everything.create(metric=TARGET, value=Decimal(1000), currency="USD", **row)
    assert reading.prefilled(year).revenue == 1000
    assert reading.shares(Sheet(way=Way.TARGET), 10, year) is not None
    Fact.everything.create(metric=TARGET + LACK, value=Decimal(500), currency="CHF", **row)
    assert reading.prefilled(year).revenue is None
    assert reading.shares(Sheet(way=Way.TARGET), 10, year) is None
    page = ProgramPage(acme.users[Role.MARKETING], year, {})
    page.sheet = Sheet(way=Way.TARGET)
    assert "CHF" in page.no_share


def test_no_such_period(acme, client_for):
    client = client_for(acme.users[Role.MARKETING])
    for key in ("2027-03", "nonsense", "2027H1"):
        assert client.get(f"{reverse('marketing:worksheet')}?period={key}").status_code == 404


def test_the_page_costs_the_same_with_many_partners(acme, client_for, year, sheet, django_assert_max_num_queries):
    save_worksheet(by=acme.users[Role.OPERATIONS], period=year.key, sheet=sheet)
    client = client_for(acme.users[Role.MARKETING])
    with django_assert_max_num_queries(40):
        client.get(url(year))


def test_days_of_a_month_are_the_vendors(acme):
    """An MGO of the evening of the last of a month in UTC belongs to the next where the vendor's clock is ahead."""
    webinar = activity(plan(acme.partner_a))
    at = dt.datetime(2026, 3, 31, 23, 30, tzinfo=dt.UTC)
    attributing.touch(
        activity=webinar, how=How.CODE, lead=lead("Late", acme.partner_a, state=Lead.State.QUALIFIED, qualified_at=at)
    )
    from marketing.facts import delivered
    from prm.common.models import VendorSettings

    VendorSettings.objects.update_or_create(pk=1, defaults={"name": "Acme", "time_zone": "Europe/Berlin"})
    assert [row[1] for row in delivered([acme.partner_a.pk], None)] == [dt.date(2026, 4, 1)]
