"""A plan as PDF and workbook: two pages whatever the plan holds, to be had by who sees the plan, with what they may see."""

import io
import re
from copy import deepcopy
from datetime import date
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from accounts.permissions import Role
from partners.models import Objective
from planning import reading
from planning.models import BusinessPlan
from planning.outcome import Span, outcome
from planning.paper import paper
from planning.signature_state import states
from prm.documents.pdf import Paper
from tests.planning.conftest import LINE, sign_both
from tests.planning.plans import FULL

LONG = "Sicherung für Mittelständler und Behörden ünïcödé " * 3


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def printed(plan: BusinessPlan, size: Paper = Paper.A4, *, for_vendor: bool = True) -> list[str]:
    found = outcome(
        reading.read(plan),
        chosen=plan.scenario,
        first_month=plan.first_month,
        currency=plan.currency,
        as_of=date(2026, 11, 22),
        for_vendor=for_vendor,
    )
    if not hasattr(plan, "live_signatures"):
        plan.live_signatures, plan.asked_signers = [], []
    return pages(paper(plan, found, states(plan), vendor="Acme", accent="#3355cc", size=size))


def crowded() -> dict[str, Any]:
    """Forty long lines with everything, twenty of each cost, amounts of billions, long texts."""
    document = deepcopy(FULL)
    line = document["lines"][0]
    line["sale"] |= {"deal_size": "98765432.12", "run_rate": "123456.78"}
    line["services"]["managed_churn"] = "2.5"
    document["lines"] = [{**line, "key": f"l{i}", "name": f"{LONG[:110]} {i}"} for i in range(40)]
    for group in ("sellers", "people", "training", "marketing", "other"):
        document[group] = [{**FULL[group][0], "key": f"{group[:3]}{i}", "name": LONG[:118]} for i in range(20)]
    document["texts"] = dict.fromkeys(FULL["texts"], "W" * 500 + " " + LONG * 9)
    return document


@pytest.mark.pdf
@pytest.mark.django_db
@pytest.mark.parametrize("size", list(Paper))
@pytest.mark.parametrize("content", [{}, FULL, crowded()], ids=["nothing", "usual", "crowded"])
def test_it_is_two_pages(acme, draft, content: dict[str, Any], size: Paper) -> None:
    draft.content = content
    draft.partner.name = LONG[:100] if content else draft.partner.name
    first, second = printed(draft, size)
    assert "Signatures" in first
    assert "Draft, not committed" in first
    assert "No fingerprint yet" in first
    assert "Customers pay after" in second
    for word in ("Year 3", "Quarter 12", "What it assumes", "Scenarios"):
        assert word in second


@pytest.mark.pdf
@pytest.mark.django_db
def test_a_crowded_page_says_how_much_is_left_out_and_cuts_no_figure(acme, draft) -> None:
    draft.content = crowded()
    second = printed(draft)[1]
    left = int(re.search(r"and ([0-9]+) more rows", second)[1])
    assert 0 < left < 140
    found = outcome(
        reading.read(draft), first_month=draft.first_month, currency="USD", as_of=date(2026, 11, 22), for_vendor=True
    )
    for text in found.statement(Span.YEAR).row("product_revenue").texts:
        assert text in second


@pytest.mark.pdf
@pytest.mark.django_db
def test_a_plan_of_twenty_lines_shows_every_one(acme, draft) -> None:
    lines = [{**LINE, "key": f"l{i}", "name": f"Product line number {i:02}"} for i in range(20)]
    draft.content = {**FULL, "lines": lines}
    second = printed(draft, Paper.LETTER)[1]
    assert [i for i in range(20) if f"number {i:02}" not in second] == []
    assert "more row" not in second


@pytest.mark.pdf
def test_a_signed_plan_has_both_names_its_fingerprint_and_the_objectives_of_that_day(
    acme, draft, cam, client_for
) -> None:
    objective = Objective.objects.unscoped("test").create(
        partner=draft.partner,
        side="partner",
        fiscal_year=draft.first_month.year,
        title="Certify six engineers",
        yardstick="Engineers",
        baseline=2,
        goal=6,
    )
    plan = sign_both(acme, draft)
    objective.title = "Something else"
    objective.save()
    response = client_for(cam).get(f"/plans/{plan.pk}/plan.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert f"business-plan-{plan.number}.pdf" in response["Content-Disposition"]
    first, second = pages(response.content)
    assert plan.content_hash in first.replace("\n", "")
    executive = acme.users_a[Role.PARTNER_EXECUTIVE]
    for words in (cam.name, executive.name, executive.email, "Certify six engineers", "from 2 to 6", "committed on"):
        assert words in first
    assert "Something else" not in first
    assert "What the vendor keeps" in second


@pytest.mark.pdf
def test_the_partner_gets_both_files_without_what_the_vendor_keeps(acme, draft, executive, client_for) -> None:
    plan = sign_both(acme, draft)
    client = client_for(executive)
    text = " ".join(pages(client.get(f"/portal/plans/{plan.pk}/plan.pdf?paper=letter").content))
    assert "Servers" in text
    assert "vendor keeps" not in text
    response = client.get(f"/portal/plans/{plan.pk}/plan.xlsx")
    assert response["Content-Disposition"].endswith('.xlsx"')
    book = openpyxl.load_workbook(io.BytesIO(response.content), data_only=True)
    words = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "Servers" in words
    assert "What the vendor keeps" not in words


def test_who_does_not_see_the_plan_gets_no_file(acme, draft, executive, client_for) -> None:
    for ending in ("pdf", "xlsx"):
        assert client_for(executive).get(f"/portal/plans/{draft.pk}/plan.{ending}").status_code == 404
    plan = sign_both(acme, draft)
    other = acme.users_b[Role.PARTNER_EXECUTIVE]
    for ending in ("pdf", "xlsx"):
        assert client_for(other).get(f"/portal/plans/{plan.pk}/plan.{ending}").status_code == 404


@pytest.mark.pdf
def test_paper_is_the_partners_countrys_unless_asked_for(acme, draft, cam, client_for) -> None:
    draft.partner.country = "US"
    draft.partner.save()

    def width(query: str = "") -> float:
        content = client_for(cam).get(f"/plans/{draft.pk}/plan.pdf{query}").content
        return float(PdfReader(io.BytesIO(content)).pages[0].mediabox.width)

    assert width() == pytest.approx(612, abs=1)
    assert width("?paper=a4") == pytest.approx(595, abs=1)


def test_the_pages_of_a_plan_lead_to_its_files(acme, draft, cam, client_for) -> None:
    page = client_for(cam).get(f"/plans/{draft.pk}/?read=1").content.decode()
    step = client_for(cam).get(f"/plans/{draft.pk}/steps/result/").content.decode()
    for html in (page, step):
        assert f"/plans/{draft.pk}/plan.pdf" in html
        assert f"/plans/{draft.pk}/plan.xlsx" in html
