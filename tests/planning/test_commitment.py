"""The roll-up of commitment against plain Python over the rows, its list, its file; who may see it."""

import datetime as dt
import io
import random
import re
from decimal import Decimal as D

import openpyxl
import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.permissions import Role
from partners import facts
from partners.models import LifeStage, Partner, PartnerType, Region, Tier
from pipeline.models import SalesResult, TargetMonth, TargetVersion
from planning.forecast.assumptions import Assumptions, Line, OneTime, Ramp
from planning.models import BusinessPlan, PlanMonth, Side, SignatureRequest
from planning.rollups.figures import Sums
from planning.rollups.page import CommitmentPage
from planning.rollups.partners import commitment_listing, sums_of
from prm.common.models import CurrencyRate
from prm.common.vendor import fiscal_calendar, vendor_settings
from tests.planning.committed import asked, committed, draft, sold, targets

DAY = dt.date(2026, 11, 22)
COLUMNS = {"region": "region_id", "cam": "cam_id", "tier": "tier_id", "type": "partner_type_id", "stage": "stage_id"}
EUR = D("1.08")


@pytest.fixture
def on(monkeypatch):
    def set_day(day):
        monkeypatch.setattr(timezone, "now", lambda: dt.datetime.combine(day, dt.time(12), dt.UTC))

    set_day(DAY)
    return set_day


def first_of(chance):
    return (DAY.replace(day=1) + dt.timedelta(days=31 * chance.randrange(-40, 14))).replace(day=1)


@pytest.fixture
def crowd(acme, on):
    """Partners with plans of all states, also over, superseded and to come; targets of all sources; results with credits."""
    chance = random.Random(7)
    settings = vendor_settings()
    settings.fiscal_start_month = 7
    settings.save()
    CurrencyRate.objects.create(on="2000-01-01", currency="EUR", rate=EUR)
    regions, tiers = [*Region.objects.all(), None], [*Tier.objects.all()[:2], None]
    cams, types = [acme.users[Role.CAM], acme.cam_b, None], list(PartnerType.objects.all()[:2])
    stages = list(LifeStage.objects.all()[:3])
    for number in range(24):
        partner = Partner.everything.create(
            name=f"Crowd {number}", name_key=f"crowd {number}", partner_type=chance.choice(types), stage=chance.choice(stages),
            region=chance.choice(regions), tier=chance.choice(tiers), cam=chance.choice(cams),
        )  # fmt: skip
        _plans(acme, chance, partner)
        _targets(chance, partner)
        for _n in range(chance.randrange(25)):
            day = DAY - dt.timedelta(days=chance.randrange(800))
            sold(partner, day, str(chance.randrange(-50, 900)), chance.choice(["USD", "USD", "EUR"]))
    for partner in Partner.everything.filter(name__in=["Crowd 3", "Crowd 5"]):
        sold(partner, DAY - dt.timedelta(days=80), "10", "CHF")
    facts.refresh()
    return acme


def _plans(acme, chance, partner):
    number = 1
    for _n in range(chance.choice([0, 0, 1, 2])):
        size = D(chance.randrange(300, 2000))
        line = Line("a1", "Suite", deals=Ramp(D(chance.randrange(1, 4)), D(2)), sale=OneTime(size), margin=D(25))
        BusinessPlan.everything.filter(partner=partner, status="committed").update(status="superseded")
        committed(
            acme, partner, first=first_of(chance), number=number, rate=D("1.1"), assumptions=Assumptions(lines=(line,))
        )
        number += 1
    if chance.random() < 0.5:
        plan = draft(acme, partner, first=DAY.replace(day=1), number=number, shared=True)
        if chance.random() < 0.5:
            asked(plan, Side.VENDOR, acme.users[Role.CAM], on=DAY)


def _targets(chance, partner):
    for source in ("operations", "import"):
        for number in range(chance.randrange(3)):
            first = first_of(chance)
            months = {(first + dt.timedelta(days=31 * n)).replace(day=1): chance.randrange(1, 4000) for n in range(14)}
            version = TargetVersion.everything.create(
                partner=partner, metric="revenue", source=source, number=number + 1, first_month=first
            )
            currency = chance.choice(["USD", "EUR"] if int(partner.name[6:]) % 6 else ["CHF"])
            TargetMonth.everything.bulk_create(
                TargetMonth(version=version, month=month, value=value, currency=currency)
                for month, value in months.items()
            )


# ── The oracle ───────────────────────────────────────────────────────────────────────────────────────────────────────


def last_of(month):
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)


def expected(partner, months):
    """What one partner brings, from its rows."""
    rows = BusinessPlan.everything.filter(partner=partner)
    over = [month for month in months if last_of(month) < DAY]
    signed = any(row.status == "committed" and _end(row) >= DAY for row in rows)
    drafts = [row for row in rows if row.status == "draft"]
    is_asked = any(SignatureRequest.everything.filter(plan=row).exists() for row in drafts)
    planned, planned_over, actual, actual_lack = D(0), D(0), D(0), ""
    for month in months:
        deciding = max(
            (row for row in rows if row.status in ("committed", "superseded") and row.first_month <= month),
            key=lambda row: row.number,
            default=None,
        )
        own = PlanMonth.everything.filter(plan=deciding, month=month).first() if deciding else None
        if own is None:
            continue
        planned += own.revenue_reporting
        if month in over:
            planned_over += own.revenue_reporting
            for result in SalesResult.everything.filter(partner=partner, on__range=(month, last_of(month))):
                if result.currency == "CHF":
                    actual_lack = "CHF"
                else:
                    actual += result.amount * (EUR if result.currency == "EUR" else 1)
    target, target_lack = _target(partner, months)
    return Sums(
        partners=1, signed=int(signed), waiting=int(not signed and is_asked), draft=int(not signed and not is_asked and bool(drafts)),
        target=target, planned=planned, planned_over=planned_over, actual=actual, target_lack=target_lack, actual_lack=actual_lack,
    )  # fmt: skip


def _end(plan):
    years, month = divmod(plan.first_month.month - 1 + 36, 12)
    return dt.date(plan.first_month.year + years, month + 1, 1) - dt.timedelta(days=1)


def _target(partner, months):
    total, lack = D(0), ""
    for month in months:
        rows = TargetMonth.everything.filter(version__partner=partner, version__metric="revenue", month=month)
        rows = [row for row in rows.select_related("version") if row.version.source != "commitment"]
        own = max(rows, key=lambda row: (row.version.source == "operations", row.version.number), default=None)
        if own is not None and own.currency == "CHF":
            lack = "CHF"
        elif own is not None:
            total += own.value * (EUR if own.currency == "EUR" else 1)
    return total, lack


def added(parts):
    total = {}
    for part in parts:
        for name, value in vars(part).items():
            total[name] = max(total.get(name, ""), value) if isinstance(value, str) else total.get(name, 0) + value
    return total


def shown(world, query="", role=Role.CHIEF):
    page = CommitmentPage(world.users[role], QueryDict(query))
    assert page.filter.is_valid(), page.filter.errors
    return page


PERIODS = ["", "2026", "2028", "2027Q2", "2027Q1", "2027Q3"]


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("by", COLUMNS)
def test_each_group_adds_up_what_its_partners_bring(crowd, by, period):
    page = shown(crowd, f"by={by}&period={period}")
    months = [month.start for month in page.period.months]
    wanted = {}
    for partner in Partner.everything.all():
        wanted.setdefault(getattr(partner, COLUMNS[by]), []).append(expected(partner, months))
    assert {group.id: vars(group.sums) for group in page.groups} == {pk: added(parts) for pk, parts in wanted.items()}
    assert vars(page.total) == added(part for parts in wanted.values() for part in parts)


def test_the_crowd_has_everything(crowd):
    """Else the test above proves less than it says."""
    total = shown(crowd).total
    assert min(total.signed, total.waiting, total.draft, total.planned_over, total.actual, total.target) > 0
    assert total.partners > total.signed + total.waiting + total.draft
    assert (total.actual_lack, total.target_lack) == ("CHF", "CHF")
    assert BusinessPlan.everything.filter(status="superseded").exists()


@pytest.mark.parametrize("period", ["", "2027Q2"])
def test_each_partner_of_the_list_brings_its_own_and_the_list_is_exactly_who_is_counted(crowd, period):
    page = shown(crowd, f"period={period}")
    months = [month.start for month in page.period.months]
    for state in ("signed", "waiting", "draft", "none", ""):
        query = QueryDict(f"period={period}&plan={state}" if state else f"period={period}")
        rows = list(commitment_listing(crowd.users[Role.CHIEF], query).rows())
        for row in rows:
            assert vars(sums_of(row)) == vars(expected(row, months)), row
        counted = page.total.partners - page.total.signed - page.total.waiting - page.total.draft
        wanted = (
            {"": page.total.partners, "none": counted}.get(state)
            if state in ("", "none")
            else getattr(page.total, state)
        )
        assert len(rows) == wanted, state


def test_a_figure_leads_to_exactly_its_partners(crowd, client_for):
    client = client_for(crowd.users[Role.CHIEF])
    page = shown(crowd, "by=region")
    html = client.get("/plans/roll-up/?by=region").content.decode()
    for group in page.groups:
        url = page.group_url(group.id, "signed")
        if group.sums.signed:
            assert f'href="{url}"'.replace("&", "&amp;") in html
            rows = commitment_listing(crowd.users[Role.CHIEF], QueryDict(url.partition("?")[2])).total
            assert rows == group.sums.signed
            assert client.get(url).status_code == 200


def test_by_hand(acme, on):
    """1,200 a month from July 2026 on, target 1,500 a month of the calendar year; sold 1,000 in each month but this."""
    plan = committed(acme, acme.partner_a)
    year = [dt.date(2026, month, 1) for month in range(1, 13)]
    targets(acme.partner_a, "operations", dict.fromkeys(year, 1500))
    for month in year[:10]:
        sold(acme.partner_a, month, "1000")
    facts.refresh()
    sums = shown(acme, "by=cam").total
    assert sums.target_figure.value == 18000
    assert sums.planned_figure.value == 7200  # July to December
    assert sums.of_target.value == 40
    assert sums.planned_over_figure.value == 4800  # July to October
    assert sums.actual_figure.value == 4000
    assert round(sums.attainment.value, 4) == D("83.3333")
    assert sums.forecast.value == 6400
    assert sums.signed_share.value == 50  # of two partners
    (row,) = commitment_listing(acme.users[Role.CHIEF], QueryDict("plan=signed")).rows()
    assert row.plan_pk == plan.pk


def test_the_vendors_target_leaves_commitments_aside_and_follows_what_is_set(acme, on):
    committed(acme, acme.partner_a)
    assert shown(acme).total.target_figure.value is None
    july = {dt.date(2026, 7, 1): 700}
    targets(acme.partner_a, "import", july, number=2)
    assert shown(acme).total.target == 700
    targets(acme.partner_a, "operations", {dt.date(2026, 7, 1): 800})
    assert shown(acme).total.target == 800


def test_a_cam_sees_its_own_partners_only_and_others_nothing(crowd, client_for):
    own = shown(crowd, role=Role.CAM).total.partners
    assert own == Partner.everything.filter(cam=crowd.users[Role.CAM]).count()
    for role in (Role.MARKETING,):
        assert client_for(crowd.users[role]).get("/plans/roll-up/").status_code == 403
    assert client_for(crowd.users_a[Role.PARTNER_EXECUTIVE]).get("/plans/roll-up/").status_code == 403


def test_the_workbook_has_the_figures_of_the_page(crowd, client_for):
    page = shown(crowd, "by=tier")
    response = client_for(crowd.users[Role.CHIEF]).get("/plans/roll-up.xlsx?by=tier")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == [*(page.name(group.id) for group in page.groups), "Together"]
    head = list(rows[0])
    for row, group in zip(rows[1:], page.groups, strict=False):
        assert row[head.index("Signed")] == group.sums.signed
        assert D(str(row[head.index("Plan")] or 0)) == round(group.sums.planned, 2)


def test_the_list_comes_as_csv_and_costs_the_same_whatever_its_length(crowd, client_for):
    client = client_for(crowd.users[Role.CHIEF])
    csv = client.get("/plans/roll-up/partners/export.csv").content.decode()
    assert len(re.findall(r"^.?Crowd \d+", csv, re.M)) == 24
    for path in ("/plans/roll-up/", "/plans/roll-up/partners/"):
        with CaptureQueriesContext(connection) as few:
            client.get(f"{path}?q=Crowd+1")
        with CaptureQueriesContext(connection) as many:
            client.get(path)
        assert len(few) == len(many) <= 40, path


def test_a_period_that_is_none_is_told(crowd, client_for):
    client = client_for(crowd.users[Role.CHIEF])
    assert "not one of the available choices" in client.get("/plans/roll-up/?period=2019").content.decode()
    assert fiscal_calendar().start_month == 7
