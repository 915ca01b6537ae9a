"""Lists, a plan to read, its files, the results of activities, what plans start from: the pages beside the builder."""

import io
from decimal import Decimal

import openpyxl
import pytest
from pypdf import PdfReader

from accounts.permissions import Role
from marketing import actions, reading
from marketing.figures import figure_of, text_of
from marketing.models import Play, Tactic
from marketing.outlook import OF_CARD
from marketing.waterfall import STAGES
from tests.marketing.making import RESULTS, added, approved, closed, fresh, marketer, parts, started, tactic, verified
from tests.marketing.sending import sent


@pytest.fixture
def cam(acme, client_for):
    return client_for(acme.users[Role.CAM])


@pytest.fixture
def marketing(acme, client_for):
    return client_for(acme.users[Role.MARKETING])


def test_the_list_holds_what_a_person_sees_and_is_narrowed_by_state_and_quarter(acme, cam, marketing, client_for):
    own, other = started(acme), approved(acme, acme.partner_b)
    page = cam.get("/marketing/").content.decode()
    assert acme.partner_a.name in page
    assert acme.partner_b.name not in page
    every = marketing.get("/marketing/").content.decode()
    assert acme.partner_a.name in every
    assert acme.partner_b.name in every
    drafts = marketing.get("/marketing/?state=draft").content.decode()
    assert acme.partner_a.name in drafts
    assert acme.partner_b.name not in drafts
    assert acme.partner_b.name in marketing.get(f"/marketing/?in_quarter={other.first_quarter}").content.decode()
    rows = marketing.get("/marketing/export/csv/").content.decode()
    assert own.title in rows
    assert "18000" in rows
    portal = client_for(marketer(acme)).get("/portal/marketing/").content.decode()
    assert own.title in portal
    assert acme.partner_b.name not in portal


def test_figures_explain_themselves(acme, cam):
    plan = started(acme)
    row = added(plan, by=marketer(acme), mdf_asked="4500")
    added(plan, by=marketer(acme), key="event", win=None)
    alone = cam.get(f"/marketing/activities/{row.pk}/figures/margin_roi/").content.decode()
    assert "6.2" in alone
    assert "64,800" in alone
    assert "9,000" in alone
    assert "18,000" in alone  # the deal behind the revenue behind the margin
    wins = cam.get(f"/marketing/activities/{row.pk}/figures/wins/").content.decode()
    assert "48" in wins
    assert "25%" in wins
    assert "Win rate (the tactic’s usual one)" in wins
    together = cam.get(f"/marketing/plans/{plan.pk}/figures/wins/").content.decode()
    assert f"/marketing/activities/{row.pk}/figures/wins/" in together
    event = parts(plan)[1]
    assert "No win rate" in cam.get(f"/marketing/activities/{event.pk}/figures/revenue/").content.decode()
    assert cam.get(f"/marketing/activities/{row.pk}/figures/luck/").status_code == 404


def test_a_plan_fits_two_pages_of_paper(acme, cam):
    plan = started(acme)
    for n in range(4):
        added(plan, by=marketer(acme), title=f"Webinar {n}")
    for paper, width in (("a4", 595), ("letter", 612)):
        answer = cam.get(f"/marketing/plans/{plan.pk}/plan.pdf?paper={paper}")
        pages = PdfReader(io.BytesIO(answer.content)).pages
        assert 1 <= len(pages) <= 2
        assert round(float(pages[0].mediabox.width)) == width
        text = "".join(page.extract_text() for page in pages)
        assert "864,000.00" in text
        assert "Webinar 3" in text
        assert "23.0" in text


def test_on_paper_no_amount_runs_into_the_next(acme, cam):
    plan, by = started(acme), marketer(acme)
    cost = [{"what": "Everything", "amount": "987654321.05", "payer": "partner"}]
    row = added(plan, by=by, reach=98_765_432, deal_size="9876543.21", mdf_asked="87654321.05", budget=cost)
    outcome = reading.outcome(row)
    amounts = [text_of(figure_of(outcome, key), key, plan.currency) for key in (*STAGES, *OF_CARD)]
    assert max(map(len, amounts)) == len("123,456,789,012.00")
    for paper in ("a4", "letter"):
        answer = cam.get(f"/marketing/plans/{plan.pk}/plan.pdf?paper={paper}")
        pages = PdfReader(io.BytesIO(answer.content)).pages
        words = " ".join(page.extract_text() for page in pages).split()
        assert [amount for amount in amounts if amount not in words] == []


def test_the_workbook_says_what_the_page_says(acme, cam):
    plan = started(acme)
    first = added(plan, by=marketer(acme), mdf_asked="4500")
    added(plan, by=marketer(acme), key="event", title="Fair", reach=None)
    unknown = started(acme)
    added(unknown, by=marketer(acme), win=None, title="Sold ~ out*")
    lacking = openpyxl.load_workbook(
        io.BytesIO(cam.get(f"/marketing/plans/{unknown.pk}/plan.xlsx").content), data_only=True
    )
    assert {row[2].value for row in lacking["By month"].iter_rows(min_row=4) if row[0].value} == {"–"}
    answer = cam.get(f"/marketing/plans/{plan.pk}/plan.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content), data_only=True)
    shown = {row[0].value: [cell.value for cell in row[1:]] for row in book["Activities"].iter_rows() if row[0].value}
    assert shown["Inquiries"] == [400, 400, "–"]
    assert shown["Wins"] == [12, 12, "–"]
    assert shown["Revenue"] == [216_000, 216_000, "–"]
    assert shown["Cost"] == [18_000, 9_000, 9_000]
    assert shown["Revenue ROI"] == [11, 23, "–"]
    assert shown["Margin ROI"][1] == pytest.approx(6.2)
    live = openpyxl.load_workbook(io.BytesIO(answer.content))["Activities"]
    formulas = {row[0].value: row[2].value for row in live.iter_rows() if row[0].value}
    assert formulas["Wins"].startswith("=IF(COUNT(")
    assert formulas["Cost"].startswith("=SUMPRODUCT(--(")  # which takes "~" and "*" of a title for what they are
    months = book["By month"]
    last = [row for row in months.iter_rows(values_only=True) if row[0]][-1]
    assert last == ("Together", 48, 216_000)
    assert first.title in [cell.value.partition(" ")[2] for cell in book["Activities"][3][2:]]


def results(row):
    return f"/marketing/activities/{row.pk}/results/"


def test_results_are_entered_closed_verified_by_somebody_else_and_opened_again(acme, cam, marketing, client_for):
    row = parts(approved(acme, activities=1))[0]
    form = sent(cam, results(row), "")
    assert form["cost"] == ["9,000"]  # what was budgeted, to begin with
    typed = {**form, **{key: str(value) for key, value in RESULTS.items()}}
    saved = cam.post(results(row), {**typed, "save": "1"})
    assert saved["Location"] == results(row)
    assert fresh(row).state == "planned"
    wrong = cam.post(results(row), {**typed, "wins": "21", "close": "1"})
    assert wrong.status_code == 422
    assert "more than came into the stage before" in wrong.content.decode()
    cam.post(results(row), {**typed, "close": "1"})
    assert fresh(row).state == "closed"
    page = cam.get(results(row)).content.decode()
    assert "Verify these results" not in page  # not by who entered them
    cam.post(f"/marketing/activities/{row.pk}/verify/", {"note": ""})
    assert fresh(row).state == "closed"
    page = marketing.get(results(row)).content.decode()
    assert "Verify these results" in page
    assert "90,000.00" in page
    assert "42%" in page
    marketing.post(f"/marketing/activities/{row.pk}/verify/", {"note": "Receipts seen"})
    assert fresh(row).state == "verified"
    assert fresh(row.plan).state == "verified"
    assert "Receipts seen" in cam.get(results(row)).content.decode()
    assert marketing.post(f"/marketing/activities/{row.pk}/reopen/", {"reason": " "}).status_code == 422
    marketing.post(f"/marketing/activities/{row.pk}/reopen/", {"reason": "A receipt was missing"})
    assert fresh(row).state == "planned"
    portal = client_for(marketer(acme)).get(f"/portal/marketing/activities/{row.pk}/results/").content.decode()
    assert "A receipt was missing" in portal


def test_the_page_of_a_plan_compares_what_came_with_what_was_expected(acme, cam):
    plan = approved(acme)
    first, second = parts(plan)
    closed(acme, first)
    page = cam.get(f"/marketing/plans/{plan.pk}/").content.decode()
    assert "Forecast and actual" in page
    assert "90,000.00" in page
    assert "Enter results" in page
    verified(acme, second)
    assert "180,000.00" in cam.get(f"/marketing/plans/{plan.pk}/").content.decode()


def test_a_tactic_is_changed_and_one_in_use_can_not_be_removed(acme, marketing):
    row = tactic()
    address = f"/settings/tactics/{row.pk}/"
    form = sent(marketing, address, "")
    marketing.post(address, {**form, "response": "3.5", "proofs": "List of those who came\nInvoice"})
    row.refresh_from_db()
    assert row.response == Decimal("0.035")
    assert row.proofs == ["List of those who came", "Invoice"]
    assert marketing.post(address, {**form, "win": "120"}).status_code == 422
    added(started(acme), by=marketer(acme))
    marketing.post(f"{address}remove/")
    assert Tactic.objects.filter(pk=row.pk).exists()
    marketing.post("/settings/tactics/new/", {"name": "Podcast", "kind": "other", "currency": "USD", "active": "on"})
    assert Tactic.objects.get(name="Podcast").active


def test_a_play_keeps_its_rows_and_gets_another(acme, marketing, cam):
    row = Play.objects.first()
    address = f"/settings/plays/{row.pk}/"
    before = actions.ruling.play_values(row)
    form = sent(marketing, address, "")
    marketing.post(address, form)
    row = Play.objects.get(pk=row.pk)
    assert actions.ruling.play_values(row)["activities"] == before["activities"]
    at = f"part-{len(before['activities'])}"
    marketing.post(
        address, {**form, f"{at}-title": "Thank-you call", f"{at}-tactic": "telemarketing", f"{at}-cost": "250"}
    )
    last = row.activities.last()
    assert (last.title, last.budget[0]["amount"]) == ("Thank-you call", "250")
    wrong = marketing.post(address, {**form, "part-0-length_days": "0"})
    assert wrong.status_code == 422
    assert "At least 1." in wrong.content.decode()
    assert cam.get(address).status_code == 403
    marketing.post(f"{address}remove/")
    assert not Play.objects.filter(pk=row.pk).exists()


def test_a_plan_is_shared_copied_and_thrown_away(acme, cam, client_for):
    plan = started(acme, by=acme.users[Role.CAM])
    cam.post(f"/marketing/plans/{plan.pk}/share/")
    assert fresh(plan).shared
    team = client_for(marketer(acme))
    team.post(f"/portal/marketing/plans/{plan.pk}/discard/")
    assert type(plan).everything.filter(pk=plan.pk).exists()  # the vendor began it
    copied = cam.post(f"/marketing/plans/{plan.pk}/copy/")["Location"]
    assert copied.endswith("/build/")
    cam.post(f"/marketing/plans/{plan.pk}/discard/")
    assert not type(plan).everything.filter(pk=plan.pk).exists()


def test_whose_plan_it_is_comes_first(acme, cam):
    assert cam.get("/marketing/new/").status_code == 200
    answer = cam.post("/marketing/new/", {"partner": acme.partner_a.name})
    assert answer["Location"] == f"/partners/{acme.partner_a.pk}/marketing/start/"
    assert cam.post("/marketing/new/", {"partner": acme.partner_b.name}).status_code == 422
    tab = cam.get(f"/partners/{acme.partner_a.pk}/marketing/").content.decode()
    assert "No marketing plan yet" in tab
    started(acme)
    assert "Marketing plan" in cam.get(f"/partners/{acme.partner_a.pk}/marketing/").content.decode()
