"""The workbook of a plan, changed and computed by LibreOffice, says what the API says of the changed assumptions."""

from decimal import Decimal
from pathlib import Path

import pytest

from accounts.permissions import Role
from planning.outcome.statement import names
from tests.planning.conftest import begin
from tests.planning.plans import FULL
from tests.planning.test_document import changed
from tests.planning.test_workbook import FIRST, SHEETS, cell, computed, edited, rows_of

PARTS = {name: part for name, part in FULL.items() if isinstance(part, list)}


@pytest.mark.office
def test_a_changed_assumption_gives_what_the_api_gives_for_every_line_and_month(
    acme, api_for, client_for, tmp_path: Path
) -> None:
    cam = acme.users[Role.CAM]
    plan = begin(acme.partner_a, cam, **PARTS, terms=FULL["terms"])
    content = client_for(cam).get(f"/plans/{plan.pk}/plan.xlsx").content
    entered = {"Line_1_margin": 0.319, "Line_2_sale_churn": 0.041, "Scenario": "Bleak"}
    book = computed(tmp_path, {"plan": edited(content, entered)})["plan"]

    document = changed("lines.0.margin", "31.9", changed("lines.1.sale.churn", "4.1"))
    body = {"document": document, "currency": plan.currency, "first_month": f"{plan.first_month:%Y-%m}"}
    told = api_for(cam).post("/forecast", body).json()["scenarios"]["bleak"]
    words = {key: label for key, (label, _level) in names().items()}
    for span, spans in zip(SHEETS.values(), (told["months"], told["quarters"], told["years"]), strict=True):
        sheet = book[span]
        at = rows_of(sheet)
        for n, figures in enumerate(spans):
            for key, label in words.items():
                there = sheet.cell(at[label], FIRST + n).value
                if key in ("deals", "capacity"):
                    assert there == pytest.approx(float(figures[key]), abs=1e-8)
                else:
                    assert cell(there, 2) == Decimal(figures[key]) * (-1 if key == "mdf" else 1), (span, key, n)
    rows = [row for row in book["Product lines"].iter_rows(min_row=6) if row[0].value]
    for line in told["lines"]:
        mine = {row[1].value: row for row in rows if row[0].value == line["name"]}
        for key in ("product_revenue", "services_revenue", "managed_revenue", "product_profit", "rebates"):
            there = [cell(each.value, 2) for each in mine[words[key]][FIRST - 1 :]]
            assert there == list(map(Decimal, line[key])), (line["name"], key)
    summary = book["Summary"]
    assert cell(summary.cell(rows_of(summary)["Peak investment"], 2).value, 2) == Decimal(told["peak_investment"])
