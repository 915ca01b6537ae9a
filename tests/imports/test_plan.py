"""The dry run: what an import would do, and why a row can't go in."""

import io
import os
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.imports.columns import propose
from prm.imports.fields import Target, recognise_formats
from prm.imports.matching import Id, Record, Records
from prm.imports.plan import InFile, Outcome, Plan, PlannedRow, build
from prm.imports.reader import open_table
from prm.imports.survey import survey
from tests.imports.targets import CONTACTS, PARTNERS

NEW, CHANGED, UNCHANGED = Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED
REPEATED, PROPOSED, FAILING = Outcome.REPEATED, Outcome.PROPOSED, Outcome.FAILING


def records(*values: Mapping[str, object], target: Target = PARTNERS) -> Records:
    return Records(target, [Record(i, str(v.get("name", i)), v) for i, v in enumerate(values, start=1)])


def plan_of(
    content: str | bytes,
    there: Records | None = None,
    *,
    target: Target = PARTNERS,
    partners: Records | None = None,
    decisions: Mapping[int, Id | None] | None = None,
) -> Plan:
    table = open_table(io.BytesIO(content if isinstance(content, bytes) else content.encode()))
    mapping = [proposal.field.name if proposal.field else None for proposal in propose(target, table.columns)]
    return build(
        target,
        table.columns,
        mapping,
        table.rows(),
        {"partner": partners or records(), target.name: there or records(target=target)},
        formats=recognise_formats(
            target,
            mapping,
            survey((row.cells for row in table.rows()), len(table.columns)),
            decimals=table.decimals,
        ),
        decisions=decisions,
    )


def outcomes(plan: Plan) -> list[Outcome]:
    return [row.outcome for row in plan.rows]


def reasons(row: PlannedRow) -> list[tuple[str, str]]:
    return [(reason.column, str(reason.message)) for reason in row.reasons]


def as_records(plan: Plan, target: Target = PARTNERS) -> Records:
    """What there would be after the import."""
    ids = {InFile(row.number): row.number for row in plan.rows}
    return Records(
        target,
        [
            Record(
                row.number,
                str(row.values.get("name")),
                {
                    name: ids.get(value, value) if isinstance(value, InFile) else value
                    for name, value in row.values.items()
                },
            )
            for row in plan.of(NEW)
        ],
    )


# ------------------------------------------------------------------------------------------------------------ bad rows


def test_every_kind_of_bad_row_is_reported_by_row_and_column() -> None:
    there = records({"name": "Taken", "external_id": "T1", "domain": "taken.com"})
    plan = plan_of(
        "Partner ID,Name,Website,Email,Employees,Annual Revenue,Currency,Country,Type,Parent,Contract date,Year opened\n"
        '1,Good,good.com,a@good.com,5,"1,000.50",USD,US,Reseller,,2020-05-01,1999\n'
        "2,,,,,,,,,,,\n"
        f"3,{'x' * 201},,,,,,,,,,\n"
        "4,Mail,,nobody,,,,,,,,\n"
        "5,Date,,,,,,,,,31/31/2020,\n"
        "6,Number,,,many,,,,,,,\n"
        "7,Minus,,,-5,-1,,,,,,\n"
        "8,Choice,,,,,,,Bakery,,,\n"
        "9,Parent,,,,,,,,Nobody Inc,,\n"
        "1,Again,,,,,,,,,,\n"
        "11,Land,,,,,,Atlantis,,,,\n"
        "12,Money,,,,,ABC,,,,,\n"
        "13,Site,not a site,,,,,,,,,\n"
        "14,Bell\x07,,,,,,,,,,\n"
        "15,Old,,,,,,,,,,1066\n"
        "16,Half,,,2.5,,,,,,,\n"
        "1.2E+11,Spoilt,,,,,,,,,,\n"
        "18,Error,,,,#REF!,,,,,,\n"
        "19,Ragged,,\n"
        "20,Wide,,,,,,,,,,,extra\n"
        "21,Several,,nobody,many,,,Atlantis,,,,\n"
        "22,Self,,,,,,,,22,,\n"
        "1,Good,good.com,a@good.com,5,1000.50,USD,US,Reseller,,2020-05-01,1999\n",
        there,
    )
    found = {row.number: reasons(row) for row in plan.rows}
    assert found == {
        2: [],
        3: [("Name", "Name is missing.")],
        4: [("Name", "201 characters; 200 is the most.")],
        5: [("Email", "“nobody” is not an e-mail address.")],
        6: [("Contract date", "“31/31/2020” is not a date (expected: 31/12/2026, 2026-12-31).")],
        7: [("Employees", "“many” is not a number (expected: 1,234.50).")],
        8: [("Employees", "-5 is negative; 0 is the least."), ("Annual Revenue", "-1 is negative; 0 is the least.")],
        9: [("Type", "“Bakery” is not one of: Reseller, Managed service provider.")],
        10: [("Parent", "Parent partner “Nobody Inc” is not known.")],
        11: [("Partner ID", "The same External id as in row 2, but not the same values.")],
        12: [("Country", "“Atlantis” is not a country. Use its English name or its ISO code.")],
        13: [("Currency", "“ABC” is not a currency. Use its ISO code, such as USD or EUR.")],
        14: [("Website", "“not a site” is not a web address or domain.")],
        15: [("Name", "The text holds the control character U+0007. Retype it.")],
        16: [("Year opened", "1066 is too small; 1800 is the least.")],
        17: [("Employees", "2.5 is not a whole number.")],
        18: [
            (
                "Partner ID",
                "“1.2E+11” is an id shortened by a spreadsheet. Format the column as text and export again.",
            )
        ],
        19: [("Annual Revenue", "The spreadsheet shows the error #REF! here.")],
        20: [("", "The row has 4 cells, the header 12: perhaps a text holds an unquoted line break.")],
        21: [("", "The row has 13 cells, the header 12: perhaps a text holds an unquoted delimiter.")],
        22: [
            ("Email", "“nobody” is not an e-mail address."),
            ("Employees", "“many” is not a number (expected: 1,234.50)."),
            ("Country", "“Atlantis” is not a country. Use its English name or its ISO code."),
        ],
        23: [("Parent", "Parent partner leads back to the record itself.")],
        24: [],
    }
    assert plan.rows[-1].outcome is REPEATED
    assert plan.rows[-1].same_as == 2
    assert plan.counts == {NEW: 1, CHANGED: 0, UNCHANGED: 0, REPEATED: 1, PROPOSED: 0, FAILING: 21}


def test_values_are_what_the_fields_hold() -> None:
    (row,) = plan_of(
        "Partner ID;Name;Website;Address 1;Address 2;Employees;Annual Revenue;Country;Type;Contract date\n"
        "84.0; Café  GmbH ;https://www.cafe.de/x;Am Ring 1;Hof 2;1.200;1.234,505 €;Germany;ware house;01.05.2020\n"
    ).rows
    assert row.values == {
        "external_id": "84",
        "name": "Café GmbH",
        "domain": "cafe.de",
        "address": "Am Ring 1, Hof 2",
        "employees": 1200,
        "annual_revenue": Decimal("1234.51"),
        "country": "DE",
        "partner_type": "reseller",
        "signed_on": date(2020, 5, 1),
    }
    assert (row.outcome, row.record) == (NEW, None)


def test_a_missing_column_is_said_only_of_new_records() -> None:
    plan = plan_of("Partner ID,City\nE1,Bonn\nE2,Kiel\n", records({"external_id": "E1", "name": "One"}))
    assert outcomes(plan) == [CHANGED, FAILING]
    assert reasons(plan.rows[1]) == [("", "Name is missing: no column is mapped to it.")]


def test_a_bad_cell_of_a_known_record_is_not_made_worse() -> None:
    plan = plan_of("Partner ID,Name,Email\nE1,,nobody\n", records({"external_id": "E1", "name": "One"}))
    assert reasons(plan.rows[0]) == [("Email", "“nobody” is not an e-mail address.")]


# ------------------------------------------------------------------------------------------------------------ matching


def test_new_changed_unchanged() -> None:
    there = records(
        {"external_id": "E1", "name": "One", "city": "Bonn", "employees": 5},
        {"external_id": "E2", "name": "Two", "city": "", "annual_revenue": Decimal("300000.00")},
    )
    plan = plan_of(
        "Partner ID,Name,City,Employees,Annual Revenue\nE1,One,Berlin,,\nE2,Two,,,300000.0000\nE3,Three,Kiel,7,\n",
        there,
    )
    assert outcomes(plan) == [CHANGED, UNCHANGED, NEW]
    assert plan.rows[0].changes == {"city": ("Bonn", "Berlin")}, "an empty cell leaves a record as it is"
    assert (plan.rows[0].record, plan.rows[0].matched_by) == (1, ("external_id",))


def test_matching_goes_by_id_then_domain_then_name() -> None:
    there = records(
        {"name": "One", "external_id": "E1", "domain": "one.com"},
        {"name": "Two Inc", "domain": "two.com"},
        {"name": "Three GmbH"},
    )
    plan = plan_of("Partner ID,Name,Website\nE1,Uno,elsewhere.com\nE2,Dos,www.two.com\n,THREE,\n", there)
    assert [(row.record, row.matched_by) for row in plan.rows] == [
        (1, ("external_id",)),
        (2, ("domain",)),
        (3, ("name",)),
    ]
    assert outcomes(plan) == [CHANGED, CHANGED, CHANGED]
    assert plan.rows[1].changes["external_id"] == (None, "E2")


def test_two_ids_are_two_partners_whatever_their_names() -> None:
    content = "ResellerAlternateKey,ResellerName\nAW1,Friendly Bike Shop\nAW2,Friendly Bike Shop\n"
    first = plan_of(content)
    assert outcomes(first) == [NEW, NEW]
    assert outcomes(plan_of(content, as_records(first))) == [UNCHANGED, UNCHANGED]
    other_id = plan_of(
        "Partner ID,Name,Website\nE2,One,one.com\n", records({"external_id": "E1", "name": "One", "domain": "one.com"})
    )
    assert outcomes(other_id) == [NEW]


def test_an_id_wins_over_a_name_further_up() -> None:
    there = records({"name": "One"}, {"name": "Other", "external_id": "E1"})
    plan = plan_of("Partner ID,Name\n,Other\nE1,Other Ltd\n", there)
    assert plan.rows[1].record == 2
    assert outcomes(plan) == [FAILING, CHANGED]
    assert reasons(plan.rows[0]) == [
        ("Name", "The same Name as in row 3, and nothing tells the two apart. Give each an id.")
    ]


def test_one_record_is_written_by_one_row_only() -> None:
    there = records({"name": "One", "domain": "one.com"})
    plan = plan_of("Name,Website\nUno,one.com\nOne,\n", there)
    assert outcomes(plan) == [CHANGED, NEW]
    chosen = plan_of("Name,Website\nUno,one.com\nOne,\n", there, decisions={2: 1, 3: 1})
    assert reasons(chosen.rows[1]) == [("", "Row 2 is “One” already.")]


def test_names_twice_in_the_file_need_something_to_tell_them_apart() -> None:
    apart = plan_of("Name,Website\nOne,one.com\nOne Ltd,one.de\n")
    assert outcomes(apart) == [NEW, NEW]
    again = plan_of("Name,Website\nOne,one.com\nOne Ltd,one.de\n", as_records(apart))
    assert outcomes(again) == [UNCHANGED, UNCHANGED]
    mixed = plan_of("Name,Website,City\nOne,one.com,A\nOne,,B\nTwo,,\nTwo,,\nTwo,,C\n")
    assert outcomes(mixed) == [NEW, FAILING, NEW, REPEATED, FAILING]


def test_what_is_not_certain_is_proposed_never_made() -> None:
    there = records(
        {"name": "Progressive Sports"},
        {"name": "Twice", "city": "Bonn"},
        {"name": "Twice", "city": "Kiel"},
        {"name": "Northwind Traders", "external_id": "N1"},
    )
    content = "Partner ID,Name\n,Progresive Sport\n,Twice\nN2,North-Wind Traders\n,Quite Different\n"
    plan = plan_of(content, there)
    assert outcomes(plan) == [PROPOSED, PROPOSED, NEW, NEW]
    assert [candidate.id for candidate in plan.rows[0].candidates] == [1]
    assert [(candidate.id, candidate.likeness) for candidate in plan.rows[1].candidates] == [(2, 1.0), (3, 1.0)]
    assert plan.rows[0].record is None

    decided = plan_of(content, there, decisions={2: 1, 3: None})
    assert outcomes(decided) == [CHANGED, NEW, NEW, NEW]
    assert decided.rows[0].changes == {"name": ("Progressive Sports", "Progresive Sport")}
    gone = plan_of(content, there, decisions={2: 99})
    assert "no longer there" in reasons(gone.rows[0])[0][1]


def test_an_id_of_another_record_is_never_taken() -> None:
    there = records({"name": "One", "external_id": "E1"}, {"name": "Two"})
    plan = plan_of("Partner ID,Name\nE1,Two\n", there, decisions={2: 2})
    assert reasons(plan.rows[0]) == [("Partner ID", "This External id belongs to “One”.")]


# ---------------------------------------------------------------------------------------------------------- references


def test_parents_are_found_in_the_file_and_among_records() -> None:
    there = records({"name": "Old Group", "external_id": "G1"}, {"name": "Known", "external_id": "K1", "parent": 1})
    plan = plan_of(
        "Partner ID,Name,Parent\nB1,Branch,H1\nH1,Head,Old Group\nB2,Branch Two,head\nK1,Known,G1\nB3,Branch Three,Known\n",
        there,
    )
    assert [row.values["parent"] for row in plan.rows] == [InFile(3), 1, InFile(3), 1, 2]
    assert outcomes(plan) == [NEW, NEW, NEW, UNCHANGED, NEW]


def test_circles_of_parents_fail() -> None:
    there = records({"name": "Top", "external_id": "T"}, {"name": "Below", "external_id": "B", "parent": 1})
    plan = plan_of("Partner ID,Name,Parent\nT,Top,B\nX,X,Y\nY,Y,X\nZ,Z,X\n", there)
    assert outcomes(plan) == [FAILING, FAILING, FAILING, FAILING]
    assert reasons(plan.rows[0]) == [("Parent", "Parent partner leads back to the record itself.")]
    assert reasons(plan.rows[3]) == [("Parent", "It refers to row 3, which will not be imported.")]


def test_rows_below_a_failing_or_undecided_row_fail_with_it() -> None:
    plan = plan_of(
        "Partner ID,Name,Parent,Email\n1,One,2,\n2,Two,3,\n3,Three,,nobody\n,Progresive Sport,,\n5,Five,Progresive Sport,\n",
        records({"name": "Progressive Sports"}),
    )
    assert outcomes(plan) == [FAILING, FAILING, FAILING, PROPOSED, FAILING]
    assert reasons(plan.rows[0]) == [("Parent", "It refers to row 3, which will not be imported.")]
    assert reasons(plan.rows[1]) == [("Parent", "It refers to row 4, which will not be imported.")]


def test_a_parent_that_may_be_two_is_refused() -> None:
    plan = plan_of("Partner ID,Name,Parent\n1,Branch,Twin\n", records({"name": "Twin"}, {"name": "Twin Ltd"}))
    assert reasons(plan.rows[0]) == [("Parent", "“Twin” fits 2 records. Give an id.")]


def test_contacts_find_their_partner_and_themselves() -> None:
    partners = records({"name": "One", "external_id": "E1", "domain": "one.com"}, {"name": "Two"})
    there = records(
        {"partner": 1, "name": "Ann Bell", "email": "ann@one.com"},
        {"partner": 1, "name": "Bob Cole", "external_id": "C2", "email": "bob@one.com"},
        {"partner": 1, "name": "Cid Dorn"},
        target=CONTACTS,
    )
    plan = plan_of(
        "Account,First Name,Last Name,Email,Contact ID\n"
        "E1,Ann,Bell-Smith,Ann@One.com,C1\n"
        "one.com,Bob,Cole,robert@one.com,C2\n"
        "One Ltd,Cid,Dorn,cid@one.com,\n"
        "Two,Ann,Bell,ann@one.com,\n"
        "Nobody,Eve,Fox,eve@one.com,\n"
        "One,,,,\n"
        "E1,Gil,Hart,bob@one.com,C9\n",
        there,
        target=CONTACTS,
        partners=partners,
    )
    assert outcomes(plan) == [CHANGED, CHANGED, CHANGED, NEW, FAILING, FAILING, FAILING]
    assert [row.record for row in plan.rows[:3]] == [1, 2, 3]
    assert plan.rows[0].changes == {"name": ("Ann Bell", "Ann Bell-Smith"), "external_id": (None, "C1")}
    assert reasons(plan.rows[4]) == [("Account", "Partner “Nobody” is not known.")]
    assert reasons(plan.rows[6]) == [("Email", "This E-mail belongs to “Bob Cole”.")]


# ------------------------------------------------------------------------------------------------------------ promises

names = st.sampled_from(["One", "One Ltd", "Two", "Three", "Thre", ""])
keys = st.sampled_from(["", "", "E1", "E2", "E3"])
hosts = st.sampled_from(["", "", "one.com", "two.com"])
lines = st.tuples(keys, names, hosts, st.sampled_from(["", "E1", "Two", "E9"]), st.sampled_from(["", "Bonn", "Kiel"]))


def csv_of(rows: list[tuple[str, ...]]) -> str:
    return "Partner ID,Name,Website,Parent,City\n" + "".join(",".join(row) + "\n" for row in rows)


@given(
    rows=st.lists(lines, max_size=7),
    there=st.lists(
        st.fixed_dictionaries({"name": st.sampled_from(["One", "Two", "Three"])}, optional={"domain": hosts}),
        max_size=3,
    ),
    ids=st.sets(st.sampled_from(["E1", "E2", "E3"])),
)
def test_a_plan_never_breaks_what_must_hold(
    rows: list[tuple[str, ...]], there: list[dict[str, object]], ids: set[str]
) -> None:
    for record, external_id in zip(there, sorted(ids), strict=False):
        record["external_id"] = external_id
    before = records(*there)
    plan = plan_of(csv_of(rows), before)
    assert sum(plan.counts.values()) == len(plan.rows)
    written = [row for row in plan.rows if row.outcome in (NEW, CHANGED, UNCHANGED)]
    by_number = {row.number: row for row in plan.rows}
    matched = [row.record for row in written if row.record is not None]
    assert len(matched) == len(set(matched)), "a record is written by one row only"
    for row in plan.rows:
        assert bool(row.reasons) == (row.outcome is FAILING)
        assert bool(row.candidates) or row.outcome is not PROPOSED
        if row.outcome is REPEATED:
            assert row.same_as is not None
            assert row.same_as < row.number
    held = {i: record.get("external_id") for i, record in enumerate(there, start=1)}
    for row in written:
        if row.record is not None:
            held.pop(row.record)  # type: ignore[arg-type]
    after = [
        *held.values(),
        *({**(there[row.record - 1] if row.record else {}), **row.values}.get("external_id") for row in written),
    ]  # type: ignore[operator]
    after = [value for value in after if value]
    assert len(after) == len(set(after)), "no id is held twice afterwards"
    for row in written:
        parent = row.values.get("parent")
        if isinstance(parent, InFile):
            assert by_number[parent.row].outcome is NEW, "a parent in the file is written too"


@given(rows=st.lists(lines, max_size=7))
def test_importing_the_same_file_again_changes_nothing(rows: list[tuple[str, ...]]) -> None:
    first = plan_of(csv_of(rows))
    second = plan_of(csv_of(rows), as_records(first))
    for one, two in zip(first.rows, second.rows, strict=True):
        if one.outcome is NEW:
            assert two.outcome in (UNCHANGED, PROPOSED), (one, two)
        assert two.outcome is not CHANGED


# ----------------------------------------------------------------------------------------------------------- real data


@pytest.mark.real_data
@pytest.mark.skipif(not os.environ.get("REAL_DATA_DIR"), reason="REAL_DATA_DIR is not set")
@pytest.mark.parametrize("name", ["DimReseller.csv", "Resellers.csv"])
def test_adventureworks_resellers_twice(name: str) -> None:
    content = (Path(os.environ["REAL_DATA_DIR"]) / "adventureworks" / name).read_bytes()
    first = plan_of(content)
    assert first.counts[NEW] == len(first.rows) == 701
    assert len({row.values["name"] for row in first.rows}) == 699
    second = plan_of(content, as_records(first))
    assert second.counts[UNCHANGED] == 701
    assert all(row.record == row.number for row in second.rows)
