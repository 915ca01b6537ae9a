"""Setting targets: by hand, from the year before, by two at once; and what the pages and files then say."""

import csv
import datetime as dt
import io
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from accounts.permissions import Role
from partners.models import Partner
from pipeline import generation, target_actions, target_grid
from pipeline.models import (
    Deal,
    DealShare,
    DealStage,
    Metric,
    SalesResult,
    TargetMonth,
    TargetVersion,
)
from pipeline.queries import versions_of
from prm.common import jobs
from prm.common.fiscal import FiscalYear, Month
from prm.common.models import AuditEntry, CurrencyRate, Job, Policy, VendorSettings
from prm.common.vendor import fiscal_calendar, today
from prm.tenancy.tasks import HEADER
from tests.partners.test_pages import said, text


def url(name, *args):
    return reverse(f"pipeline:{name}", args=args)


@pytest.fixture
def ops(acme, client_for):
    return client_for(acme.users[Role.OPERATIONS])


@pytest.fixture
def year(acme) -> FiscalYear:
    return fiscal_calendar().year_of(today())


def set_address(partner, year, by="year", metric="revenue"):
    return f"{url('target_set', partner.pk)}?metric={metric}&year={year.key}&by={by}"


def set_by(client, partner, year, by="year", metric="revenue", **typed):
    """The answer to the form as a browser sends it, the periods as p2026=…"""
    address = set_address(partner, year, by, metric)
    seen = client.get(address).context["form"]["seen"].value()
    return client.post(address, {"currency": "USD", "seen": seen, **typed})


def in_force(partner, metric="revenue"):
    return {month: found.value for month, found in target_grid.in_force(partner, metric).get(metric, {}).items()}


def sold(partner, amount, on, currency="USD"):
    return SalesResult.everything.create(partner=partner, on=on, amount=amount, currency=currency)


# ── By hand ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_year_is_spread_by_the_seasons_the_rest_on_the_last_month(acme, ops, year):
    weights = [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]  # 13 together
    Policy.objects.create(kind="seasonality", starts_on="2020-01-01", data={"weights": weights})
    answer = ops.post(set_address(acme.partner_a, year), {f"p{year.key}": "1,000", "currency": "USD", "note": "Agreed"})
    assert answer.status_code == 302
    months = in_force(acme.partner_a)
    assert list(months) == list(year.months)
    # 1000 × 2 ÷ 13 = 153.846…, 1000 ÷ 13 = 76.923…; 153.84 + 10 × 76.92 = 923.04, so the last takes 76.96
    assert list(months.values()) == [D("153.84"), *[D("76.92")] * 10, D("76.96")]
    version = TargetVersion.everything.get()
    assert (version.source, version.number, version.generated, version.note) == ("operations", 1, False, "Agreed")
    assert AuditEntry.objects.get(verb="targets.set").changes == {year.label: [None, "1000 USD"]}


def test_yen_have_no_cents(acme, ops, year):
    ops.post(set_address(acme.partner_a, year), {f"p{year.key}": "1000", "currency": "JPY"})
    assert list(in_force(acme.partner_a).values()) == [*[D(83)] * 11, D(87)]


def test_quarters_left_empty_stay_as_they_are(acme, ops, year):
    first, second, third, fourth = year.quarters
    set_by(ops, acme.partner_a, year, **{f"p{year.key}": "1200"})
    set_by(ops, acme.partner_a, year, "quarter", **{f"p{second.key}": "900"})
    months = in_force(acme.partner_a)
    assert [months[month] for month in first.months + second.months] == [100, 100, 100, 300, 300, 300]
    assert [months[month] for month in third.months + fourth.months] == [100] * 6
    shown = ops.get(set_address(acme.partner_a, year, "quarter")).context["form"]
    assert [shown.fields[f"p{quarter.key}"].initial for quarter in year.quarters] == [300, 900, 300, 300]
    page = text(ops.get(url("partner_targets", acme.partner_a.pk)))
    for figure in ("300.00", "900.00", "1,800.00", "Operations 2"):
        assert figure in page


def test_months_are_set_one_by_one_and_deals_have_no_currency(acme, ops, year):
    sent = {f"p{month.key}": number for number, month in enumerate(year.months[:3], 1)}
    assert ops.post(set_address(acme.partner_a, year, "month", "deals"), sent).status_code == 302
    assert list(in_force(acme.partner_a, "deals").values()) == [1, 2, 3]
    assert set(TargetMonth.everything.values_list("currency", flat=True)) == {""}
    assert "Deals won" in text(ops.get(url("partner_targets", acme.partner_a.pk)))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "-1"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "1.234"}, "amount"),
        ({"amount": "9" * 15}, "amount"),
        ({"amount": ""}, "amount"),
        ({"currency": ""}, "currency"),
        ({"currency": "XXQ"}, "currency"),
        ({"note": "x" * 301}, "note"),
        ({"seen": "x"}, "seen"),
    ],
)
def test_bad_input_is_refused_beside_its_field(acme, ops, year, change, field):
    sent = {"amount": "100", "currency": "USD", "note": "Kept note"} | change
    sent[f"p{year.key}"] = sent.pop("amount")
    answer = ops.post(set_address(acme.partner_a, year), sent)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [f"p{year.key}" if field == "amount" else field]
    assert field == "note" or "Kept note" in text(answer)
    assert not TargetVersion.everything.exists()


def test_nonsense_in_the_address_falls_back(acme, ops, year):
    address = f"{url('target_set', acme.partner_a.pk)}?metric=none&year=1800&by=week"
    assert ops.get(address).context["measure"].key == "revenue"
    assert ops.get(f"{url('partner_targets', acme.partner_a.pk)}?year=x").context["year"] == year


def test_two_who_set_targets_at_once(acme, ops, year, client_for):
    address = set_address(acme.partner_a, year)
    sent = {f"p{year.key}": "100", "currency": "USD", "seen": "0"}
    assert client_for(acme.users[Role.ADMIN]).post(address, sent).status_code == 302
    answer = ops.post(address, sent | {f"p{year.key}": "200"})
    assert answer.status_code == 422
    assert "Admin ACME set targets while you were typing" in text(answer)
    assert sum(in_force(acme.partner_a).values()) == 100
    assert ops.post(address, answer.context["form"].data).status_code == 302
    assert sum(in_force(acme.partner_a).values()) == 200


def test_periods_that_overlap_and_metrics_unknown_are_refused(acme, year):
    def set_for(**given):
        values = {"metric": "revenue", "periods": {year: D(1)}, "currency": "USD"} | given
        target_actions.set_targets(by=acme.users[Role.ADMIN], partner=acme.partner_a, **values)

    for wrong in (
        {"periods": {year: D(1), year.quarters[0]: D(1)}},
        {"periods": {}},
        {"periods": {FiscalYear(2400, 1): D(1)}},
        {"metric": "nonsense"},
        {"currency": ""},
        {"metric": "deals"},
    ):
        with pytest.raises(ValidationError):
            set_for(**wrong)
    assert not TargetVersion.everything.exists()


def test_a_committed_plan_stays_in_force_over_what_operations_set(acme, ops, year):
    target_actions.set_targets(
        by=acme.users[Role.ADMIN], partner=acme.partner_a, metric="revenue", source="commitment",
        periods={year.quarters[1]: D(3000)}, currency="USD",
    )  # fmt: skip
    set_by(ops, acme.partner_a, year, **{f"p{year.key}": "1200"})
    months = in_force(acme.partner_a)
    assert [months[month] for month in year.quarters[0].months + year.quarters[1].months] == [100] * 3 + [1000] * 3
    assert "Committed plan 1" in text(ops.get(url("partner_targets", acme.partner_a.pk)))


def test_only_those_who_edit_sales_data_set_targets(acme, client_for, year):
    cam = client_for(acme.users[Role.CAM])
    assert cam.get(set_address(acme.partner_a, year)).status_code == 403
    assert cam.get(url("targets_generate")).status_code == 403
    assert "Set targets" not in text(cam.get(url("partner_targets", acme.partner_a.pk)))
    assert cam.get(url("partner_targets", acme.partner_b.pk)).status_code == 404


def test_list_of_versions_filters_and_exports(acme, ops, year, client_for):
    ops.post(set_address(acme.partner_a, year), {f"p{year.key}": "1200", "currency": "USD", "note": "=1+1"})
    ops.post(set_address(acme.partner_b, year.next, metric="deals"), {f"p{year.next.key}": "7"})

    def found(query="", client=ops):
        answer = client.get(f"{url('targets_export', 'csv')}{query}")
        rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
        return [(row["Metric"], row["Total"], row["Note"]) for row in rows]

    assert found() == [("Deals won", "7", ""), ("Revenue", "1200", "'=1+1")]
    assert (
        found("?metric=deals") == found("?region=east") == found(f"?year={year.next.key}") == [("Deals won", "7", "")]
    )
    assert found("?source=generated") == []
    assert found("?q=northwind") == [("Revenue", "1200", "'=1+1")]
    assert found(client=client_for(acme.users[Role.CAM])) == [("Revenue", "1200", "'=1+1")]
    assert ops.get(url("targets_export", "xlsx")).status_code == 200


# ── From the year before ─────────────────────────────────────────────────────────────────────────────────────────────


def generate(client, year, query="", **more):
    return client.post(f"{url('targets_generate')}{query}", {"year": year.key, "factor": "1.1", **more})


def test_generated_after_a_look_at_what_it_comes_to(acme, ops, year):
    first, second = year.previous.quarters[:2]
    sold(acme.partner_a, "1000", first.start)
    sold(acme.partner_a, "234.5678", first.end)
    sold(acme.partner_a, "-50", second.start)
    sold(acme.partner_a, "7", year.start)  # this year counts for nothing
    answer = generate(ops, year)
    preview = answer.context["preview"]
    assert (preview.partners, preview.total, preview.nothing_sold) == (1, D("1358.02"), 1)
    assert not TargetVersion.everything.exists()
    answer = generate(ops, year, confirmed=preview.digest)
    assert answer.status_code == 302
    assert said(answer) == ["1 partner has targets now."]
    version = TargetVersion.everything.get()
    assert (version.partner, version.source, version.generated) == (acme.partner_a, "operations", True)
    assert in_force(acme.partner_a) == dict(
        zip(year.quarters[0].months, [D("452.67"), D("452.67"), D("452.68")], strict=True)
    )
    assert "generated" in text(ops.get(url("partner_targets", acme.partner_a.pk)))
    assert AuditEntry.objects.get(verb="targets.generated").partner_id == acme.partner_a.pk


def test_each_day_is_converted_at_its_own_rate_and_a_missing_one_is_named(acme, ops, year):
    start = year.previous.start
    CurrencyRate.objects.create(on=start, currency="EUR", rate="1.1")
    CurrencyRate.objects.create(on=start + dt.timedelta(days=10), currency="EUR", rate="1.2")
    sold(acme.partner_a, "100", start, "EUR")
    sold(acme.partner_a, "100", start + dt.timedelta(days=10), "EUR")
    sold(acme.partner_b, "100", start, "JPY")
    preview = generate(ops, year).context["preview"]
    assert (preview.partners, preview.before, preview.total) == (1, D(230), D("253.00"))
    assert (preview.no_rate, preview.lack.currency, preview.lack.on) == (1, "JPY", start)
    assert "JPY" in text(generate(ops, year))


def test_partners_with_targets_are_left_alone_unless_told_otherwise(acme, ops, year):
    for partner in (acme.partner_a, acme.partner_b):
        sold(partner, "100", year.previous.start)
    ops.post(set_address(acme.partner_a, year, "month"), {f"p{year.months[0].key}": "5", "currency": "USD"})
    preview = generate(ops, year).context["preview"]
    assert (preview.partners, preview.has_targets) == (1, 1)
    generate(ops, year, confirmed=preview.digest)
    assert generate(ops, year).context["preview"].partners == 0
    assert sum(in_force(acme.partner_a).values()) == 5
    preview = generate(ops, year, replace="on").context["preview"]
    generate(ops, year, replace="on", confirmed=preview.digest)
    assert sum(in_force(acme.partner_a).values()) == 110
    assert sorted(TargetVersion.everything.values_list("partner__name", "number")) == [
        (acme.partner_b.name, 1), (acme.partner_b.name, 2), (acme.partner_a.name, 1), (acme.partner_a.name, 2),
    ]  # fmt: skip


def test_only_the_partners_of_the_filter(acme, ops, year):
    for partner in (acme.partner_a, acme.partner_b):
        sold(partner, "100", year.previous.start)
    preview = generate(ops, year, "?region=west").context["preview"]
    generate(ops, year, "?region=west", confirmed=preview.digest)
    assert list(TargetVersion.everything.values_list("partner", flat=True)) == [acme.partner_a.pk]


def test_figures_that_changed_since_the_look_are_shown_again(acme, ops, year):
    sold(acme.partner_a, "100", year.previous.start)
    preview = generate(ops, year).context["preview"]
    sold(acme.partner_a, "100", year.previous.start)
    answer = generate(ops, year, confirmed=preview.digest)
    assert answer.status_code == 200
    assert not TargetVersion.everything.exists()
    assert answer.context["preview"].total == D(220)


@pytest.mark.parametrize(
    "change", [{"factor": "-1"}, {"factor": "x"}, {"factor": "101"}, {"factor": ""}, {"year": "1800"}]
)
def test_bad_factors_and_years_are_refused(acme, ops, year, change):
    answer = ops.post(url("targets_generate"), {"year": year.key, "factor": "1.1"} | change)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(change)


def test_won_deals_where_the_vendor_counts_those(acme, ops, year):
    Policy.objects.create(kind="actuals", starts_on="2020-01-01", data={"basis": "vendor_net", "from": "won_deals"})
    sold(acme.partner_a, "9999", year.previous.start)
    for key in ("won", "lost"):
        deal = Deal.everything.create(
            partner=acme.partner_a, name=key, stage=DealStage.objects.get(key=key), amount=1000, currency="USD",
            created_on=year.previous.start, closed_on=year.previous.start, stage_since=year.previous.start,
        )  # fmt: skip
        DealShare.everything.create(deal=deal, partner=acme.partner_a, percent=60)
        DealShare.everything.create(deal=deal, partner=acme.partner_b, percent=40)
    preview = generate(ops, year).context["preview"]
    assert (preview.partners, preview.before, preview.total) == (2, D(1000), D(1100))


def test_many_partners_go_to_the_background(acme, ops, year, monkeypatch):
    monkeypatch.setattr(generation, "AT_ONCE", 1)
    for partner in (acme.partner_a, acme.partner_b):
        sold(partner, "100", year.previous.start)
    preview = generate(ops, year).context["preview"]
    answer = generate(ops, year, confirmed=preview.digest)
    job = Job.objects.get()
    assert answer["Location"] == reverse("common:job", args=[job.pk])
    assert not TargetVersion.everything.exists()
    jobs.run_job.apply(args=(str(job.pk),), headers={HEADER: connection.schema_name}, throw=True)
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"partners": 2})
    assert TargetVersion.everything.count() == 2
    assert ops.get(job.result_url).status_code == 200


def test_a_fiscal_year_from_july(acme, ops):
    VendorSettings.objects.update_or_create(pk=1, defaults={"name": "Acme", "fiscal_start_month": 7})
    year = fiscal_calendar().year_of(today())
    assert year.start.month == 7
    sold(acme.partner_a, "300", year.previous.start)
    preview = generate(ops, year).context["preview"]
    generate(ops, year, confirmed=preview.digest)
    assert in_force(acme.partner_a) == dict.fromkeys(year.quarters[0].months, D(110))


def test_versions_of_many_partners_are_read_at_once(acme, ops, year, django_assert_num_queries):
    Metric.objects.create(key="usage", name="Usage")
    for partner in (acme.partner_a, acme.partner_b):
        ops.post(set_address(partner, year), {f"p{year.key}": "1200", "currency": "USD"})
        ops.post(set_address(partner, year, metric="usage"), {f"p{year.key}": "12"})
    ids = list(Partner.everything.values_list("pk", flat=True))
    with django_assert_num_queries(2):
        found = versions_of(ids)
    assert found[acme.partner_b.pk, "usage"][0].months[Month(year.start.year, year.start.month)].value == 1
