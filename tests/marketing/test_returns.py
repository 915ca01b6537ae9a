"""Forecast against actual: the statement against a computation in plain Python, the page, and what is behind its figures."""

import datetime as dt
import io
import random
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest
from django.http import QueryDict
from django.urls import reverse

from accounts.permissions import Role
from marketing import reading, spent
from marketing.models import Activity, ActivityResult, BudgetLine, MarketingPlan
from marketing.returns import ahead
from marketing.returns.figures import Side, Sums, added
from marketing.returns.page import ReturnsPage
from marketing.returns.reading import GROUPS, STAGES, by_group
from partners.models import Partner
from prm.common.models import CurrencyRate
from prm.common.vendor import fiscal_calendar, today
from tests.marketing.approved import activity, plan, verified


@pytest.fixture(autouse=True)
def _no_funds(monkeypatch):
    """Where nobody keeps funds, what was approved counts as paid."""
    monkeypatch.setattr(spent, "_sources", [])


@pytest.fixture
def before(acme):
    """The first day of the quarter before this one."""
    return fiscal_calendar().quarter_of(today()).previous.start


def everything():
    return Activity.objects.unscoped("all of a test")


@pytest.fixture
def many(acme, before):
    """Thirty activities of both partners, four currencies' worth of plans, some verified, with gaps in what is known of them."""
    tell = random.Random(7)
    CurrencyRate.objects.create(on=dt.date(2020, 1, 1), currency="EUR", rate=Decimal("1.08"))
    for n in range(30):
        of = plan(
            tell.choice([acme.partner_a, acme.partner_b]), before - dt.timedelta(days=tell.randrange(200)),
            currency=tell.choice(["USD", "EUR"]),
        )  # fmt: skip
        made = activity(
            of, kind=tell.choice(["webinar", "event", "email"]), cost=tell.randrange(1, 9000),
            reach=tell.choice([None, tell.randrange(100_000)]), response=Decimal(tell.randrange(1, 100)) / 1000,
            win=tell.choice([None, Decimal("0.25")]), margin=tell.choice([None, Decimal("0.3")]),
            mdf_approved=tell.choice([None, Decimal(tell.randrange(1, 5000))]),
        )  # fmt: skip
        BudgetLine.everything.create(activity=made, what="More", amount=Decimal("12.34"), payer="mdf", position=1)
        if n % 4 == 0:
            made.sources = {"mql": {"from": "history", "in": 7, "out": 3, "count": 5}}
            made.mql = Decimal("0.428571428571")
            made.save()
        if n % 3:
            verified(made, revenue=tell.randrange(200_000), cost=tell.randrange(1, 9000), mgos=30 + n % 5)


def by_hand(dimension, rates):
    """The sums again, activity by activity, exactly."""
    paths = GROUPS[dimension].split("__")
    found: dict = defaultdict(lambda: defaultdict(Fraction))
    for each in everything().select_related("plan__partner", "tactic").prefetch_related("budget", "results"):
        key = each
        for name in paths:
            key = getattr(key, name)
        sums = found[key]
        sums["approved"] += 1
        if each.state != "verified":
            sums["open"] += each.ends_on < today()
            continue
        result, rate, outcome = each.results.all()[0], rates[each.plan.currency], reading.outcome(each)
        sums["verified"] += 1
        sums["no_margin"] += each.margin is None
        for stage in STAGES:
            sums[f"forecast.{stage}"] += outcome.stages[stage].value or 0
            sums[f"actual.{stage}"] += getattr(result, stage)
        sums["forecast.revenue"] += (outcome.revenue.value or 0) * rate
        sums["forecast.kept"] += (outcome.vendor_revenue.value or 0) * rate
        sums["forecast.cost"] += outcome.cost * rate
        sums["actual.revenue"] += Fraction(result.revenue) * rate
        sums["actual.kept"] += (
            0 if each.margin is None else Fraction(result.revenue) * (1 - Fraction(each.margin)) * rate
        )
        sums["actual.cost"] += Fraction(result.cost) * rate
        sums["mdf"] += Fraction(each.mdf_approved or 0) * rate
    return found


@pytest.mark.parametrize("dimension", list(GROUPS))
def test_the_statement_says_what_plain_python_says(acme, many, dimension):
    found = by_group(everything(), dimension)
    expected = by_hand(dimension, {"USD": Fraction(1), "EUR": Fraction("1.08")})
    assert set(found) == set(expected)
    for key, sums in expected.items():
        for name, value in sums.items():
            side, _dot, stage = name.partition(".")
            got = getattr(getattr(found[key], side), stage) if stage else getattr(found[key], side)
            assert abs(Fraction(got) - value) < Fraction(1, 10**6), (key, name)


def test_a_forecast_by_rates_of_history_is_divided_once(acme, before):
    """300 × 1 ÷ 3 × 0.0025 = 0.25 MQLs, shown as 0.3: a third written out first would come to less."""
    history = {"response": {"from": "history", "in": 3, "out": 1, "count": 5}}
    verified(
        activity(
            plan(acme.partner_a, before),
            reach=300,
            response=Decimal("0.333333333333"),
            mql=Decimal("0.0025"),
            sources=history,
        )
    )
    (sums,) = by_group(everything(), "tactic").values()
    assert (sums.forecast.inquiries, sums.forecast.mqls) == (100, Decimal("0.25"))


def test_paid_in_a_currency_without_a_rate_mdf_is_unknown_and_the_rest_is_not(acme, before, monkeypatch):
    made = activity(plan(acme.partner_a, before), mdf_approved=Decimal(500))
    verified(made)
    monkeypatch.setattr(spent, "_sources", [lambda rows: spent.Paid({}, {made.pk: "CHF"})])
    (sums,) = by_group(everything(), "partner").values()
    for figure in (sums.mdf_figure, sums.mdf_roi, sums.per_mdf):
        assert (figure.value, str(figure.reason)) == (None, "There is no rate for CHF.")
    assert sums.roi(sums.actual).value == Decimal("10.25")
    assert added([sums, Sums(verified=1, mdf=Decimal(5))]).mdf_roi.value is None


def test_ratios_are_of_the_sums_by_hand():
    first = Sums(1, 1, 0, 0, Side(revenue=Decimal(200), cost=Decimal(100)), Side(mgos=Decimal(3), revenue=Decimal(300), kept=Decimal(210), cost=Decimal(100)), Decimal(50))  # fmt: skip
    second = Sums(2, 1, 1, 0, Side(revenue=Decimal(100), cost=Decimal(50)), Side(revenue=Decimal(0), cost=Decimal(100)))
    both = added([first, second])
    assert (both.approved, both.verified, both.open) == (3, 2, 1)
    assert both.roi(both.actual).value == Decimal("0.5")  # (300 − 200) ÷ 200
    assert both.roi(both.forecast).value == 1  # (300 − 150) ÷ 150
    assert both.of_forecast("revenue").value == 100
    assert both.mdf_roi.value == Decimal("3.2")  # (210 − 50) ÷ 50
    assert both.per_mdf.value == 6


@pytest.mark.parametrize(
    ("sums", "reason"),
    [
        (Sums(approved=3, open=3), "None of them is verified yet."),
        (Sums(verified=1, lack="JPY"), "There is no rate for JPY."),
        (Sums(verified=1), "It cost nothing."),
    ],
)
def test_a_return_that_cannot_be_computed_says_why(sums, reason):
    assert str(sums.roi(sums.actual).reason) == reason


def test_forecast_and_actual_of_a_verified_activity_stand_beside_each_other(acme, client_for, before):
    webinar = activity(plan(acme.partner_a, before), mdf_approved=Decimal(4000))
    verified(webinar)  # 30 of 48 MGOs, 90,000 of 216,000 for 8,000 of 9,000
    activity(plan(acme.partner_b, before), kind="event")
    page = ReturnsPage(acme.users[Role.MARKETING], QueryDict("by=tactic"))
    of_webinar = next(group.sums for group in page.groups if group.name == webinar.tactic.name)
    assert of_webinar.of_forecast("mgos").value == Decimal("62.5")
    assert of_webinar.roi(of_webinar.forecast).value == 23
    assert of_webinar.roi(of_webinar.actual).value == Decimal("10.25")
    assert of_webinar.mdf_roi.value == Decimal("14.75")  # (90,000 × 0.7 − 4,000) ÷ 4,000
    assert (page.total.approved, page.total.verified, page.total.open) == (2, 1, 1)
    text = client_for(acme.users[Role.MARKETING]).get(reverse("marketing:returns")).content.decode()
    for shown in ("216,000", "90,000", "42%", "10.3"):  # 10.25, half away from zero
        assert shown in text


def test_each_figure_leads_to_exactly_its_activities(acme, client_for, before):
    verified(activity(plan(acme.partner_a, before), title="Verified one"))
    activity(plan(acme.partner_a, before), title="Left one")
    activity(plan(acme.partner_a, before), kind="event", title="Left event")
    activity(plan(acme.partner_a), title="Still running")
    client = client_for(acme.users[Role.MARKETING])
    page = ReturnsPage(acme.users[Role.MARKETING], QueryDict("by=tactic"))
    webinar = next(group for group in page.groups if group.key == activity(plan(acme.partner_a)).tactic.key)
    listed = client.get(page.list_url("open", webinar.key)).content.decode()
    assert "Left one" in listed
    assert not any(name in listed for name in ("Verified one", "Left event", "Still running"))
    for dimension, key in (
        ("partner", str(acme.partner_a.pk)),
        ("cam", str(acme.users[Role.CAM].pk)),
        ("region", "west"),
    ):
        page = ReturnsPage(acme.users[Role.MARKETING], QueryDict(f"by={dimension}"))
        listed = client.get(page.list_url("verified", key)).content.decode()
        assert "Verified one" in listed
        assert "Left one" not in listed


def test_what_the_funds_paid_takes_the_place_of_what_was_approved(acme, before, monkeypatch):
    webinar = activity(plan(acme.partner_a, before), mdf_approved=Decimal(4000))
    verified(webinar)
    monkeypatch.setattr(spent, "_sources", [lambda rows: spent.Paid({webinar.pk: Decimal(1500)})])
    (sums,) = by_group(everything(), "tactic").values()
    assert sums.mdf == 1500


def test_the_file_has_a_row_for_each_group_and_their_sum(acme, client_for, before):
    verified(activity(plan(acme.partner_a, before)))
    response = client_for(acme.users[Role.MARKETING]).get(reverse("marketing:returns_xlsx"))
    content = b"".join(response) if response.streaming else response.content
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    together = next(row for row in rows if row[0] == "Together")
    assert 216_000 in together
    assert 90_000 in together


def test_a_cam_reads_its_own_partners_alone(acme, client_for, before):
    verified(activity(plan(acme.partner_a, before)))
    verified(activity(plan(acme.partner_b, before)))
    page = ReturnsPage(acme.cam_b, QueryDict("by=partner"))
    assert [group.name for group in page.groups] == [acme.partner_b.name]
    text = client_for(acme.cam_b).get(f"{reverse('marketing:returns')}?by=partner").content.decode()
    assert "ACME-A" not in text


def test_partners_do_not_read_it(acme, client_for):
    for name in ("returns", "activities", "returns_xlsx"):
        assert client_for(acme.users_a[Role.PARTNER_CHAMPION]).get(reverse(f"marketing:{name}")).status_code == 403


def test_the_next_six_months_and_who_has_nothing_in_them(acme, client_for):
    day = today()
    first = day.replace(day=1)
    activity(plan(acme.partner_a), starts_on=first, ends_on=first)
    draft = plan(acme.partner_b, state=MarketingPlan.State.DRAFT)
    activity(draft, starts_on=first, ends_on=first)
    rows = Partner.objects.visible_to(acme.users[Role.MARKETING])
    assert [(each.activities, each.partners) for each in ahead.ahead(rows, day)] == [(1, 1), *[(0, 0)] * 5]
    assert ahead.without(rows) == 1
    page = ReturnsPage(acme.users[Role.MARKETING], QueryDict())
    listed = client_for(acme.users[Role.MARKETING]).get(page.without_url).content.decode()
    assert "Fabrikam" in listed
    assert "Northwind" not in listed


def test_a_day_gone_by_is_told_as_it_was(acme, before):
    """What was verified, opened again and verified anew later doesn't change what the report said on the day."""
    first, second = activity(plan(acme.partner_a, before)), activity(plan(acme.partner_a, before), kind="event")
    end = first.plan.ends_on
    noon = dt.datetime.combine(end, dt.time(12), dt.UTC)
    one, other = verified(first), verified(second, revenue=500)
    ActivityResult.everything.filter(pk=one.pk).update(verified_at=noon)
    ActivityResult.everything.filter(pk=other.pk).update(verified_at=noon + dt.timedelta(days=1))
    Activity.everything.filter(pk=second.pk).update(state=Activity.State.PLANNED)
    then = added(by_group(everything(), "tactic", on=end).values())
    assert (then.approved, then.verified, then.open, then.actual.revenue) == (2, 1, 0, 90_000)
    # Opened again and verified with other figures.
    later = noon + dt.timedelta(days=2)
    ActivityResult.everything.filter(pk=one.pk).update(
        state=ActivityResult.State.REOPENED, reopened_at=later, reopened_reason="A receipt was missing", number=2
    )
    verified(first, revenue=70_000)
    Activity.everything.filter(pk=second.pk).update(state=Activity.State.VERIFIED)
    assert added(by_group(everything(), "tactic", on=end).values()) == then
    assert added(by_group(everything(), "tactic").values()).actual.revenue == 70_500
    page = ReturnsPage(
        acme.users[Role.MARKETING], QueryDict("by=tactic"), span=fiscal_calendar().quarter_of(end), on=end
    )
    assert page.total == then
    assert [(step.label, step.forecast.value, step.actual.value) for step in page.steps][-2:] == [
        ("MGOs", 48, 30), ("Wins", 12, 6),
    ]  # fmt: skip
