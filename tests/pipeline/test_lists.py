"""Product lines, stages of deals and metrics among the vendor's lists; the settings of sales data."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.permissions import Role
from pipeline import policies
from pipeline.models import Deal, DealStage, Metric, MetricValue, ProductLine, SalesResult, TargetVersion
from pipeline.policies import Actuals, Basis, Origin
from prm.common.models import AuditEntry, Policy
from prm.common.vendor import fiscal_calendar, today
from tests.partners.test_pages import text


@pytest.fixture
def admin(acme, client_for):
    return client_for(acme.users[Role.ADMIN])


@pytest.fixture
def send(admin):
    """send("metrics", do="save", **{"name-new": "Usage"}) → the answer, with the other entries as they are on the page."""

    def post(name, do="save", **changed):
        panels = admin.get(reverse("partners:lists")).context["panels"]
        form = next(panel["form"] for panel in panels if panel["name"] == name)
        data = {"do": do}
        for line in [*form.lines, form.new]:
            data[f"name-{line.key}"] = line.name
            data |= {
                f"{field}-{line.key}": value
                for field, value in line.more.items()
                if value is not None and value is not False
            }
        return admin.post(reverse("partners:list_save", args=[name]), data | changed)

    return post


def said(answer):
    return str(next(iter(get_messages(answer.wsgi_request))))


def test_product_line_is_added_renamed_and_kept_while_something_is_with_it(acme, send, admin):
    assert send("products", **{"name-new": "Servers & Storage"}).status_code == 302
    line = ProductLine.objects.get()
    assert line.key == "servers-storage"
    assert "servers-storage" in text(admin.get(reverse("partners:lists")))
    send("products", **{f"name-{line.pk}": "Compute"})
    line.refresh_from_db()
    assert (line.key, line.name) == ("servers-storage", "Compute")
    SalesResult.everything.create(partner=acme.partner_a, on="2026-01-01", amount=1, currency="USD", product_line=line)
    assert "stays" in said(send("products", do=f"remove:{line.pk}"))
    SalesResult.everything.all().delete()
    send("products", do=f"remove:{line.pk}")
    assert not ProductLine.objects.exists()


def test_stage_gets_probability_and_outcome(acme, send):
    assert (
        send("deal-stages", **{"name-new": "Pilot", "probability-new": "33.5", "outcome-new": "open"}).status_code
        == 302
    )
    stage = DealStage.objects.get(name="Pilot")
    assert (stage.probability, stage.outcome) == (33.5, "open")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.target_name) == ("catalogue.added", "Pilot")


@pytest.mark.parametrize("probability", ["", "-1", "101", "x", "NaN", "1.234"])
def test_stage_with_a_bad_probability_is_shown_again(acme, send, probability):
    stage = DealStage.objects.first()
    answer = send(
        "deal-stages", **{f"probability-{stage.pk}": probability, "name-new": "Pilot", "probability-new": "5"}
    )
    assert answer.status_code == 422
    page = text(answer)
    assert "Probability, %:" in page
    assert 'value="Pilot"' in page
    stage.refresh_from_db()
    assert stage.probability == 20
    assert not DealStage.objects.filter(name="Pilot").exists()


def test_one_stage_of_each_outcome_stays(acme, send):
    lost = DealStage.objects.get(outcome="lost")
    assert send("deal-stages", **{f"outcome-{lost.pk}": "open"}).status_code == 422
    assert "lost" in said(send("deal-stages", do=f"remove:{lost.pk}"))
    assert DealStage.objects.filter(outcome="lost").exists()


def test_outcome_stays_while_deals_are_in_the_stage(acme, send):
    stage = DealStage.objects.get(key="proof")
    Deal.everything.create(
        partner=acme.partner_a, name="Deal", stage=stage, amount=1, currency="USD", created_on="2026-01-01",
        stage_since="2026-01-01",
    )  # fmt: skip
    assert "Deals are in this stage" in text(send("deal-stages", **{f"outcome-{stage.pk}": "won"}))
    assert send("deal-stages", **{f"probability-{stage.pk}": "45"}).status_code == 302


def test_metric_gets_its_unit_which_stays_once_there_are_figures(acme, send):
    send("metrics", **{"name-new": "App usage", "unit-new": "percent", "summary-new": "max", "internal-new": "on"})
    metric = Metric.objects.get()
    assert (metric.key, metric.unit, metric.summary, metric.lower_is_better, metric.internal) == (
        "app-usage", "percent", "max", False, True,
    )  # fmt: skip
    MetricValue.everything.create(partner=acme.partner_a, metric=metric, on="2026-01-01", value=1)
    assert send("metrics", **{f"unit-{metric.pk}": "money"}).status_code == 422
    assert send("metrics", **{f"summary-{metric.pk}": "sum", f"lower_is_better-{metric.pk}": "on"}).status_code == 302
    metric.refresh_from_db()
    assert (metric.unit, metric.summary, metric.lower_is_better) == ("percent", "sum", True)


def test_metric_with_targets_stays(acme, send):
    metric = Metric.objects.create(key="usage", name="Usage")
    TargetVersion.everything.create(
        partner=acme.partner_a, metric="usage", source="operations", number=1, first_month=dt.date(2026, 1, 1)
    )
    assert "targets" in said(send("metrics", do=f"remove:{metric.pk}"))
    assert Metric.objects.exists()


def test_no_metric_passes_for_revenue(acme, send):
    assert send("metrics", **{"name-new": "revenue"}).status_code == 422
    assert send("metrics", **{"name-new": "Revenue!"}).status_code == 302
    assert Metric.objects.get().key == "revenue-2"


@pytest.mark.parametrize("change", [{"unit-new": "smell"}, {"summary-new": ""}])
def test_metric_with_nonsense_is_refused(acme, send, change):
    assert send("metrics", **{"name-new": "Usage"}, **change).status_code == 422
    assert not Metric.objects.exists()


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────

ADDRESS = "/settings/sales/"


def basis(starts_on, **more):
    given = {"basis": "customer_price", "origin": "won_deals", "starts_on": starts_on} | more
    return {"set_actuals": "1", **{f"actuals-{name}": value for name, value in given.items()}}


def seasons(starts_on, *weights):
    given = {f"seasons-w{number}": weight for number, weight in enumerate(weights, 1)}
    return {"set_seasons": "1", "seasons-starts_on": starts_on, **given}


def test_basis_holds_from_its_day_on(acme, admin):
    day = today()
    assert admin.post(ADDRESS, basis(day + dt.timedelta(days=5))).status_code == 302
    assert policies.actuals_on(day) == Actuals(Basis.VENDOR_NET, Origin.RESULTS)
    assert policies.actuals_on(day + dt.timedelta(days=5)) == Actuals(Basis.CUSTOMER_PRICE, Origin.WON_DEALS)
    assert "What the end customer pays" in text(admin.get(ADDRESS))
    assert AuditEntry.objects.get(verb="actuals.set").changes["from"] == [None, "won_deals"]


def test_weights_are_of_the_fiscal_months(acme, admin):
    assert admin.post(ADDRESS, seasons(today(), "2.5", *["1"] * 10, "0")).status_code == 302
    weights = policies.weights_for(fiscal_calendar().year_of(today()), today())
    assert [float(weight) for weight in weights] == [2.5, *[1.0] * 10, 0.0]


@pytest.mark.parametrize(
    "sent",
    [
        basis("2020-01-01"),
        basis(""),
        basis("2099-01-01", basis="gross"),
        basis("2099-01-01", origin="guess"),
        seasons("2020-01-01", *["1"] * 12),
        seasons("2099-01-01", *["1"] * 11),
        seasons("2099-01-01", "-1", *["1"] * 11),
        seasons("2099-01-01", "NaN", *["1"] * 11),
        seasons("2099-01-01", "1000001", *["1"] * 11),
    ],
)
def test_bad_settings_are_refused_and_only_their_form_complains(acme, admin, sent):
    answer = admin.post(ADDRESS, sent)
    assert answer.status_code == 422
    forms = [answer.context["actuals"], answer.context["seasons"]]
    assert [bool(form.errors) for form in forms] == ["set_actuals" in sent, "set_seasons" in sent]
    assert not Policy.objects.filter(kind__in=["actuals", "seasonality"]).exists()


def test_version_to_come_can_be_removed_one_in_force_stays(acme, admin):
    admin.post(ADDRESS, basis(today()))
    admin.post(ADDRESS, basis(today() + dt.timedelta(days=5)))
    current, coming = Policy.objects.filter(kind="actuals").order_by("starts_on")
    for row in (current, coming):
        admin.post(reverse("pipeline:settings_remove", args=[row.pk]))
    assert list(Policy.objects.filter(kind="actuals")) == [current]
    other = Policy.objects.create(kind="thresholds", starts_on="2099-01-01", data={})
    assert admin.post(reverse("pipeline:settings_remove", args=[other.pk])).status_code == 404


def test_settings_are_for_those_who_edit_them(acme, client_for):
    assert client_for(acme.users[Role.CHIEF]).get(ADDRESS).status_code == 403
    assert client_for(acme.users[Role.CAM]).post(ADDRESS, basis("2099-01-01")).status_code == 403
