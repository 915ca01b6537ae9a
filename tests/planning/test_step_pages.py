"""The steps of a plan: forms that keep what is typed, and a result that follows each change."""

from decimal import Decimal
from itertools import pairwise

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.permissions import Role
from pipeline.models import ProductLine
from planning import document, reading
from planning.actions import drafting
from planning.forms.typed import document_number, typed_number
from planning.models import BusinessPlan, PlanBenchmark
from prm.common.models import CurrencyRate
from tests.guards.html import parse

STEPS = ["goals", "lines", "sellers", "costs", "result", "commit"]
LIVE = {"HX-Request": "true"}


@pytest.fixture
def cam(acme, client_for):
    return client_for(acme.users[Role.CAM])


LINE = {
    "key": "a1", "name": "Backup", "start": 1, "deals": {"kind": "ramp", "first": "2", "growth": "5"},
    "sale": {"kind": "one_time", "deal_size": "10000"}, "margin": "20", "rebate": "5",
    "services": {"attach": "50", "price": "2000", "margin": "40"},
}  # fmt: skip


@pytest.fixture
def plan(acme):
    """A draft as it is prefilled, but for its first product line."""
    by = acme.users[Role.CAM]
    plan = drafting.start(partner=acme.partner_a, by=by)
    rows = reading.document_of(plan)["lines"]
    plan = drafting.save(plan=plan, by=by, parts={"lines": [LINE, *rows]})
    BusinessPlan.everything.filter(pk=plan.pk).update(revision=0)
    plan.refresh_from_db()
    return plan


def address(plan, step):
    return f"/plans/{plan.pk}/steps/{step}/"


def typed(client, url):
    """What the browser sends of the step's form in which nothing was touched, without its buttons."""
    root, _problems = parse(client.get(url).content.decode())
    form = next(form for form in root.all("form") if form["id"] == "plan-form")
    found = {}
    for field in form.all("input"):
        if field["type"] not in ("radio", "checkbox") or "checked" in field:
            found[field["name"]] = field["value"]
    for area in form.all("textarea"):
        found[area["name"]] = area.text
    for select in form.all("select"):
        chosen = [option for option in select.all("option") if "selected" in option] or list(select.all("option"))[:1]
        found[select["name"]] = chosen[0]["value"]
    return found


def stored(plan):
    plan.refresh_from_db()
    return reading.document_of(plan)


@pytest.mark.parametrize("step", STEPS)
def test_each_step_opens_filled_in(cam, plan, step):
    response = cam.get(address(plan, step))
    assert response.status_code == 200
    assert b"Profit over 36 months" in response.content


def test_confirming_every_step_changes_nothing_and_leads_to_the_last(cam, plan):
    before = stored(plan)
    for step, following in pairwise(STEPS):
        response = cam.post(address(plan, step), {**typed(cam, address(plan, step)), "go": "on"})
        assert response["Location"] == address(plan, following)
    assert stored(plan) == before
    assert plan.revision == 0


def test_a_number_is_kept_as_people_write_it(cam, plan):
    url = address(plan, "lines")
    data = typed(cam, url) | {"lines-0-sale-deal_size": "1,234,500.5", "lines-0-margin": "22.5 %", "go": "on"}
    assert cam.post(url, data).status_code == 302
    line = stored(plan)["lines"][0]
    assert (line["sale"]["deal_size"], line["margin"]) == ("1234500.5", "22.5")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("lines-0-sale-deal_size", "-5", "At least 0."),
        ("lines-0-margin", "300", "At most 100."),
        ("lines-0-start", "37", "At most 36."),
        ("lines-0-start", "0", "At least 1."),
        ("lines-0-name", "  ", "Give it a name."),
        ("lines-0-deals-first", "many", "Enter a number."),
        ("lines-0-deals-first", "1_0", "Enter a number."),
        ("lines-0-margin", "1 5", "Enter a number."),
        ("lines-0-sale-deal_size", "9999999999999999999999", "At most 1,000,000,000,000."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_lost(cam, plan, name, text, message):
    url = address(plan, "lines")
    before = stored(plan)
    response = cam.post(url, typed(cam, url) | {name: text, "lines-0-rebate": "7.25", "go": "on"})
    assert response.status_code == 422
    root, _problems = parse(response.content.decode())
    found = {field["id"]: field for field in root.all("input")}
    assert message in next(each.text for each in root.all("p") if each["id"] == f"id_{name}_error")
    assert found[f"id_{name}"]["aria-invalid"] == "true"
    assert found[f"id_{name}"]["value"].replace(",", "").strip() == text.strip()
    assert found["id_lines-0-rebate"]["value"] == "7.25"
    assert stored(plan) == before


def test_as_many_lines_as_a_plan_may_have_are_saved_as_one_form(acme, cam, plan):
    rows = [{**LINE, "key": f"k{n}", "name": f"Line {n}"} for n in range(document.ROWS)]
    drafting.save(plan=plan, by=acme.users[Role.CAM], parts={"lines": rows})
    url = address(plan, "lines")
    data = typed(cam, url) | {f"lines-{document.ROWS - 1}-margin": "33", "go": "on"}
    assert len(data) > 1000
    assert cam.post(url, data).status_code == 302
    assert stored(plan)["lines"][-1]["margin"] == "33"


@pytest.mark.parametrize("name", ["terms", "scenarios-bleak-deals", "scenarios-base-margin", "scenarios-stretch-delay"])
def test_a_number_of_the_result_that_is_taken_away_is_asked_for(cam, plan, name):
    url = address(plan, "result")
    before = stored(plan)
    response = cam.post(url, typed(cam, url) | {name: " ", "go": "on"})
    assert response.status_code == 422
    root, _problems = parse(response.content.decode())
    assert "Enter a number." in next(each.text for each in root.all("p") if each["id"] == f"id_{name}_error")
    assert next(field for field in root.all("input") if field["id"] == f"id_{name}")["value"] == ""
    assert stored(plan) == before


def test_an_empty_field_of_a_row_has_the_number_it_shows_there(cam, plan):
    url = address(plan, "lines")
    cam.post(url, typed(cam, url) | {"lines-0-start": "7", "lines-0-rebate": "3", "go": "on"})
    root, _problems = parse(cam.get(url).content.decode())
    shown = {field["name"]: field["placeholder"] for field in root.all("input") if "placeholder" in field}
    cam.post(url, typed(cam, url) | {"lines-0-start": "", "lines-0-rebate": "", "go": "on"})
    line = stored(plan)["lines"][0]
    assert (str(line["start"]), line["rebate"]) == (shown["lines-0-start"], shown["lines-0-rebate"]) == ("1", "0")


@pytest.mark.parametrize(
    ("language", "text", "kept"),
    [
        ("en", "1,234,500.5", "1234500.5"), ("en", "1,5", None), ("en", "12,34,567", None), ("en", "1,2345", None),
        ("en", "1234,567", None), ("en", "1_000", None), ("en", "1 234.5 %", "1234.5"), ("en", "1'234'567", "1234567"),
        ("en", "1 234,567", None), ("en", "−3", "-3"), ("en", ".5", "0.5"), ("en", "5.", "5"), ("en", "0.10", "0.10"),
        ("de", "1,5", "1.5"), ("de", "1.500", "1500"), ("de", "1.234.500,5", "1234500.5"), ("de", "1.5", "1.5"),
        ("fr", "1 234,5", "1234.5"), ("fr", "1\u202f234,5", "1234.5"), ("es", "12 345", "12345"), ("en", ".", None),
    ],
)  # fmt: skip
def test_thousands_are_parted_as_the_language_does_or_it_is_no_number(language, text, kept):
    with translation.override(language):
        assert document_number(text) == (text if kept is None else kept)


@given(st.decimals(-(10**12), 10**12, places=4), st.sampled_from(["en", "de", "fr", "es"]))
def test_what_is_shown_is_read_as_the_same_number(number, language):
    with translation.override(language):
        assert Decimal(document_number(typed_number(f"{number:f}"))) == number


def test_shares_above_the_whole_capacity_are_refused_at_each(cam, plan):
    url = address(plan, "lines")
    data = typed(cam, url)
    for number in (0, 1):
        if f"lines-{number}-key" not in data:
            cam.post(url, typed(cam, url) | {"add": "lines"})
    data = typed(cam, url)
    for number in (0, 1):
        data |= {f"lines-{number}-deals-kind": "capacity", f"lines-{number}-deals-share": "60"}
    response = cam.post(url, data | {"go": "on"})
    assert response.status_code == 422
    assert response.content.decode().count("at most 100 %") >= 2


def test_a_row_is_added_and_taken_away_without_script(cam, plan):
    url = address(plan, "sellers")
    count = len(stored(plan)["sellers"])
    response = cam.post(url, typed(cam, url) | {"add": "sellers"})
    assert response["Location"] == f"{url}#sellers-{count}"
    assert len(stored(plan)["sellers"]) == count + 1
    cam.post(url, typed(cam, url) | {f"sellers-{count}-name": "Inside sales", "remove": "sellers-0"})
    names = [row["name"] for row in stored(plan)["sellers"]]
    assert len(names) == count
    assert names[-1] == "Inside sales"


def test_a_line_changes_its_kind(cam, plan):
    url = address(plan, "lines")
    data = typed(cam, url) | {"lines-0-sale-kind": "recurring", "lines-0-sale-price": "99", "lines-0-sale-churn": "2"}
    assert cam.post(url, data | {"go": "on"}).status_code == 302
    assert stored(plan)["lines"][0]["sale"] == {
        "kind": "recurring", "price": "99", "churn": "2", "opening_base": "0",
    }  # fmt: skip


def test_the_result_follows_what_is_typed_and_only_leaving_the_field_saves_it(cam, plan):
    url = address(plan, "costs")
    cam.post(url, typed(cam, url) | {"add": "other"})
    data = typed(cam, url)
    number = max(int(name.split("-")[1]) for name in data if name.startswith("other-") and name.endswith("-key"))
    before = cam.get(url).content.decode()
    data |= {f"other-{number}-cost": "1000"}
    shown = cam.post(url, data, headers=LIVE)
    assert shown.status_code == 200
    assert result(shown.content.decode()) != result(before)
    assert Decimal(stored(plan)["other"][number]["cost"]) == 0
    kept = cam.post(url, data | {"keep": "1"}, headers=LIVE)
    assert "Saved" in kept.content.decode()
    assert Decimal(stored(plan)["other"][number]["cost"]) == 1000
    assert result(kept.content.decode()) == result(cam.get(url).content.decode())


def result(html):
    root, _problems = parse(html)
    return repr(next(each for each in root.all("aside") if each["id"] == "result").plain())


def test_money_is_shown_to_the_minor_unit_wherever_the_plan_is_worked_on_and_signed(acme, cam, plan):
    by = acme.users[Role.CAM]
    lines = [LINE | {"sale": {"kind": "one_time", "run_rate": "100.35"}, "rebate": "0", "services": {}}]
    drafting.save(plan=plan, by=by, parts={"lines": lines, "people": [], "marketing": [], "other": []})
    drafting.save(plan=plan, by=by, parts={"sellers": [], "training": [{"key": "t", "name": "Course", "cost": "0.2"}]})
    panel = result(cam.get(address(plan, "lines")).content.decode())
    # 36 × 20.07 of 36 × 100.35, less 0.20 (base): the partner's; 36 × 80.28 is left to the vendor
    for shown in ("722.32", "3,612.60", "2,890.08"):
        assert shown in panel
    assert b">722.32<" in cam.get(address(plan, "commit")).content
    cam.post(f"/plans/{plan.pk}/ask/", {
        "vendor_signer": f"user-{by.pk}", "partner_signer": f"user-{acme.users_a[Role.PARTNER_EXECUTIVE].pk}",
    })  # fmt: skip
    assert b">722.32<" in cam.get(f"/plans/{plan.pk}/sign/").content
    drafting.save(plan=plan, by=by, currency="JPY")
    panel = result(cam.get(address(plan, "lines")).content.decode())
    assert "720" in panel
    assert "." not in panel.split("36 months")[1].split("Break-even")[0]


def test_what_is_wrong_comes_back_live_with_its_field(cam, plan):
    url = address(plan, "lines")
    response = cam.post(url, typed(cam, url) | {"lines-0-margin": "300", "keep": "1"}, headers=LIVE)
    assert response.status_code == 422
    root, _problems = parse(response.content.decode())
    assert {each["data-for"]: each.text for each in root.all("p")} == {"id_lines-0-margin": "At most 100."}


def test_what_somebody_else_changed_stands_beside_mine(acme, cam, plan):
    url = address(plan, "lines")
    data = typed(cam, url)
    rows = stored(plan)["lines"]
    rows[0]["margin"] = "11"
    drafting.save(plan=plan, by=acme.users[Role.ADMIN], parts={"lines": rows})
    assert cam.post(url, data | {"lines-0-rebate": "3", "keep": "1"}, headers=LIVE).status_code == 409
    response = cam.post(url, data | {"lines-0-rebate": "3", "go": "on"})
    assert response.status_code == 422
    html = response.content.decode()
    root, _problems = parse(html)
    theirs = {each["id"]: each.text for each in root.all("p") if each["id"].endswith("_theirs")}
    assert "11" in theirs["id_lines-0-margin_theirs"]
    assert next(field for field in root.all("input") if field["id"] == "id_lines-0-rebate")["value"] == "3"
    assert stored(plan)["lines"][0]["margin"] == "11"
    again = {field["name"]: field["value"] for field in root.all("input") if field["name"].startswith("base-")}
    assert cam.post(url, data | {"lines-0-rebate": "3", "go": "on"} | again).status_code == 302
    assert stored(plan)["lines"][0]["rebate"] == "3"


def test_a_part_nobody_touched_here_keeps_what_somebody_else_made_of_it(acme, cam, plan):
    url = address(plan, "costs")
    cam.post(url, typed(cam, url) | {"add": "marketing"})
    data = typed(cam, url)
    rows = stored(plan)["people"]
    drafting.save(
        plan=plan, by=acme.users[Role.ADMIN],
        parts={"people": [*rows, {"key": "new1", "name": "Trainer", "count": "1", "cost": "50000"}]},
    )  # fmt: skip
    number = max(int(name.split("-")[1]) for name in data if name.startswith("marketing-") and name.endswith("-key"))
    assert cam.post(url, data | {f"marketing-{number}-monthly": "700", "go": "on"}).status_code == 302
    assert stored(plan)["people"][-1]["name"] == "Trainer"
    assert stored(plan)["marketing"][number]["monthly"] == "700"


def test_the_first_month_must_be_one_of_those_offered(cam, plan):
    url = address(plan, "goals")
    for wrong in ("1999-01", "2026-13", "soon"):
        response = cam.post(url, typed(cam, url) | {"first_month": wrong, "go": "on"})
        assert response.status_code == 422, wrong
    assert BusinessPlan.everything.get(pk=plan.pk).revision == 0


def test_a_month_out_of_reach_is_told_live_as_well(cam, plan):
    url = address(plan, "goals")
    for wrong in ("9999-12", "0001-01", "soon"):
        response = cam.post(url, typed(cam, url) | {"first_month": wrong}, headers=LIVE)
        assert response.status_code == 422, wrong
        assert "Choose a month" in response.content.decode()
    BusinessPlan.everything.filter(pk=plan.pk).update(first_month="2020-01-01")  # it stays where it is untouched
    assert cam.post(url, typed(cam, url), headers=LIVE).status_code == 200


@pytest.mark.parametrize(("rate", "size"), [("0.5", "20001"), (None, "0")])
def test_a_vendors_line_comes_with_its_numbers_in_another_currency(acme, cam, plan, rate, size):
    """Amounts at today's rate, nothing where there is none; percentages, months and deals as they are."""
    product = ProductLine.objects.create(key="vault", name="Vault")
    line = {**LINE, "start": 3, "product": product.pk, "sale": {"kind": "one_time", "deal_size": "10000.50"}}
    PlanBenchmark.objects.filter(partner_type=None, size="").update(content={"lines": [line]}, currency="USD")
    if rate:
        CurrencyRate.objects.create(on="2020-01-01", currency="EUR", rate=rate)
    drafting.save(plan=plan, by=acme.users[Role.CAM], currency="EUR")
    url = address(plan, "lines")
    assert cam.post(url, typed(cam, url) | {"product": product.pk, "add": "lines"}).status_code == 302
    row = stored(plan)["lines"][-1]
    assert (row["name"], row["product"], row["start"], row["margin"]) == ("Vault", product.pk, 3, "20")
    assert (row["deals"]["first"], row["deals"]["growth"], row["services"]["attach"]) == ("2", "5", "50")
    assert Decimal(row["sale"]["deal_size"]) == Decimal(size)
    assert Decimal(row["services"]["price"]) == Decimal(4000 if rate else 0)


def test_money_stands_at_the_minor_unit_and_cash_beside_profit(acme, client_for, plan):
    """Two deals a month at 1,000.55 for 36 months, paid a month later; 1,000.10 of cost in the first."""
    by = acme.users[Role.CAM]
    line = {"key": "a", "name": "Backup", "deals": {"first": "2"}, "sale": {"deal_size": "1000.55"}, "margin": "50"}
    empty = {group: [] for group in ("sellers", "people", "training", "marketing")}
    other = [{"key": "o", "name": "Launch", "cost": "1000.10", "month": 1}]
    drafting.save(plan=plan, by=by, parts={"lines": [line], **empty, "other": other, "terms": 1})
    panel = result(client_for(by).get(address(plan, "costs")).content.decode())
    assert "35,019.70" in panel  # 36 × 1,000.55 − 1,000.10
    assert "36,019.80" in panel  # what the vendor keeps: the other half
    root, _problems = parse(client_for(acme.users[Role.CHIEF]).get(f"/plans/{plan.pk}/").content.decode())
    tiles = " ".join(each.text for each in root.all("a") if each["class"] == "stat")
    assert "34,019.15" in tiles  # cash: without the last month
    assert "Peak investment, cash" in tiles
    assert "1,000.10" in tiles


def test_texts_are_kept(cam, plan):
    url = address(plan, "goals")
    cam.post(url, typed(cam, url) | {"texts-competitors": "Fabrikam\r\nand others", "go": "on"})
    assert stored(plan)["texts"]["competitors"] == "Fabrikam\nand others"


def test_who_may_only_look_reads_the_plan(acme, client_for, plan):
    chief = client_for(acme.users[Role.CHIEF])
    assert chief.get(address(plan, "lines")).status_code == 403
    assert chief.get(f"/plans/{plan.pk}/").status_code == 200


def test_another_cam_does_not_find_it(acme, client_for, plan):
    other = client_for(acme.cam_b)
    for step in STEPS:
        assert other.get(address(plan, step)).status_code == 404
    assert other.post(address(plan, "lines"), {"go": "on"}).status_code == 404


def test_the_partner_works_on_a_shared_draft_without_seeing_what_the_vendor_keeps(acme, client_for, cam, plan):
    executive = client_for(acme.users_a[Role.PARTNER_EXECUTIVE])
    url = f"/portal/plans/{plan.pk}/steps/lines/"
    assert executive.get(url).status_code == 404
    cam.post(f"/plans/{plan.pk}/share/", {"with_partner": "1"})
    assert executive.get(url).status_code == 200
    for step in STEPS:
        page = executive.get(f"/portal/plans/{plan.pk}/steps/{step}/?span=month").content.decode()
        assert "you keep" not in page
        assert "the vendor keeps" not in page
    assert executive.post(url, typed(executive, url) | {"lines-0-rebate": "4", "go": "on"}).status_code == 302
    assert stored(plan)["lines"][0]["rebate"] == "4"
    assert client_for(acme.users_b[Role.PARTNER_EXECUTIVE]).get(url).status_code == 404
    assert client_for(acme.users_a[Role.PARTNER_SELLER]).get(url).status_code == 403


@pytest.mark.parametrize("span", ["month", "quarter", "year", "nonsense"])
def test_the_result_by_month_quarter_and_year(cam, plan, span):
    html = cam.get(f"{address(plan, 'result')}?span={span}").content.decode()
    root, _problems = parse(html)
    table = next(each for each in root.all("section") if each["id"] == "statement")
    columns = [th for th in table.all("th") if th["scope"] == "col"]
    assert len(columns) == 1 + {"month": 36, "quarter": 12}.get(span, 3)


def test_a_figure_is_explained(cam, plan):
    for key in ("cumulative", "break_even", "roi"):
        response = cam.get(f"/plans/{plan.pk}/figures/{key}/")
        assert response.status_code == 200
    assert cam.get(f"/plans/{plan.pk}/figures/nonsense/").status_code == 404


WORST = ["\x00", "99999999999999999999", "-1", "NaN", "1e999", "٣", "x" * 10_000, "<script>", "1,,2"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("bad", WORST)
def test_whatever_is_sent_is_answered_and_keeps_the_plan_whole(cam, plan, step, bad):
    url = address(plan, step)
    as_it_is = typed(cam, url)
    for data in (
        {},
        dict.fromkeys(as_it_is, bad),
        {**dict.fromkeys(as_it_is, bad), "add": bad, "remove": bad, "product": bad},
    ):
        for headers in ({}, LIVE):
            assert cam.post(url, data, headers=headers).status_code in (200, 302, 409, 422)
    plan.refresh_from_db()
    reading.read(plan)  # it can still be read
