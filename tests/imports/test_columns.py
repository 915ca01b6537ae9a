"""The columns of other programs' exports are recognised, each field once, and what is unknown is left alone."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.imports.columns import Confidence, propose, words
from prm.imports.fields import NEW_CHOICE, NO_CHOICE, Target, converter, recognise_formats, unknown_choices
from prm.imports.formats import ColumnFormat, DateOrder, DecimalMark
from prm.imports.layout import Column
from prm.imports.messages import BadValue
from prm.imports.survey import ColumnSurvey, survey
from prm.imports.values import Cell
from tests.imports.targets import CONTACTS, PARTNERS


def columns(*names: str) -> list[Column]:
    return [Column(index, name, name) for index, name in enumerate(names)]


def found(target: Target, *names: str) -> dict[str, str | None]:
    return {p.column.name: p.field.name if p.field else None for p in propose(target, columns(*names))}


def test_headers_are_split_into_words() -> None:
    assert words("Account.BillingCountry__c") == ("account", "billing", "country")
    assert words("CRMId") == ("crm", "id")
    assert words("Country/Region (code)") == ("country", "region", "code")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (  # AdventureWorks, the long form
            PARTNERS,
            {
                "ResellerKey": None,
                "GeographyKey": None,
                "ResellerAlternateKey": "external_id",
                "Phone": "phone",
                "BusinessType": "partner_type",
                "ResellerName": "name",
                "NumberEmployees": "employees",
                "OrderFrequency": None,
                "ProductLine": None,
                "AddressLine1": "address",
                "AddressLine2": "address2",
                "AnnualSales": None,
                "BankName": None,
                "MinPaymentType": None,
                "AnnualRevenue": "annual_revenue",
                "YearOpened": "year_opened",
            },
        ),
        (  # AdventureWorks, the short form
            PARTNERS,
            {
                "ResellerKey": "external_id",
                "BusinessType": "partner_type",
                "ResellerName": "name",
                "City": "city",
                "StateProvinceName": None,
                "Country_Region": "country",
            },
        ),
        (  # a Salesforce report
            PARTNERS,
            {
                "Account ID": "external_id",
                "Account Name": "name",
                "Parent Account ID": "parent",
                "Billing City": "city",
                "Billing Country": "country",
                "Website": "domain",
                "Employees": "employees",
                "Annual Revenue": "annual_revenue",
                "Annual Revenue Currency": "annual_revenue_currency",
                "Year Started": "year_opened",
                "Last Activity": None,
            },
        ),
        (  # the Salesforce API
            PARTNERS,
            {
                "Id": "external_id",
                "Name": "name",
                "ParentId": "parent",
                "BillingStreet": "address",
                "BillingCity": "city",
                "BillingCountry": "country",
                "NumberOfEmployees": "employees",
                "CurrencyIsoCode": "annual_revenue_currency",
                "Partner_Type__c": "partner_type",
            },
        ),
        (  # HubSpot
            PARTNERS,
            {
                "Record ID": "external_id",
                "Company name": "name",
                "Company Domain Name": "domain",
                "Country/Region": "country",
                "Number of Employees": "employees",
                "Phone Number": "phone",
                "Year Founded": "year_opened",
            },
        ),
        (  # Dynamics 365
            PARTNERS,
            {
                "accountnumber": "external_id",
                "name": "name",
                "websiteurl": "domain",
                "address1_line1": "address",
                "address1_city": "city",
                "address1_country": "country",
                "telephone1": "phone",
                "parentaccountid": "parent",
                "transactioncurrencyid": "annual_revenue_currency",
            },
        ),
        (  # contacts from Salesforce
            CONTACTS,
            {
                "Contact ID": "external_id",
                "First Name": "first_name",
                "Last Name": "last_name",
                "Account ID": "partner",
                "Account Name": None,
                "Email": "email",
                "Title": "title",
                "Mobile": "phone",
            },
        ),
        (CONTACTS, {"fullname": "name", "emailaddress1": "email", "parentcustomerid": "partner", "jobtitle": "title"}),
    ],
)
def test_exports_of_other_programs(target: Target, expected: dict[str, str | None]) -> None:
    assert found(target, *expected) == expected


def test_confidence_tells_names_from_guesses() -> None:
    exact, likely, slip, none = propose(PARTNERS, columns("PARTNER NAME", "Customer's main city", "Contry", "Weather"))
    assert (exact.field, exact.confidence) == (PARTNERS.by_name["name"], Confidence.EXACT)
    assert likely.field is None
    assert (slip.field, slip.confidence) == (PARTNERS.by_name["country"], Confidence.LIKELY)
    assert (none.field, none.confidence) == (None, None)
    (city,) = propose(PARTNERS, columns("Partner main city"))
    assert (city.field, city.confidence) == (PARTNERS.by_name["city"], Confidence.LIKELY)


def test_the_better_header_gets_the_field_whatever_the_order() -> None:
    assert found(PARTNERS, "Account", "Account Name") == {"Account": None, "Account Name": "name"}
    assert found(PARTNERS, "Account Name", "Account") == {"Account": None, "Account Name": "name"}


def test_headers_that_differ_in_a_number_are_no_slip_of_the_pen() -> None:
    assert found(PARTNERS, "AddressLine3") == {"AddressLine3": None}


@given(st.lists(st.one_of(st.text(max_size=15), st.sampled_from([a for f in PARTNERS.fields for a in f.aliases]))))
def test_never_two_headers_to_one_field(headers: list[str]) -> None:
    proposals = propose(PARTNERS, columns(*headers))
    assert [p.column.index for p in proposals] == list(range(len(headers)))
    fields = [p.field.name for p in proposals if p.field]
    assert len(fields) == len(set(fields))


def test_columns_tell_their_formats_and_what_is_no_choice() -> None:
    rows: list[tuple[Cell, ...]] = [
        ("A", "21/04/2026", "1.234,50", "Warehouse"),
        ("B", "01/02/2026", "7", "Airport"),
        ("C", None, None, " Airport "),
        ("D", "", "", "Bank"),
    ]
    mapping = ["name", "signed_on", "annual_revenue", "partner_type"]
    assert recognise_formats(PARTNERS, mapping, survey(rows, 4), dates=DateOrder.MDY, decimals=DecimalMark.POINT) == {
        "signed_on": ColumnFormat(DateOrder.DMY, DecimalMark.POINT),
        "annual_revenue": ColumnFormat(DateOrder.MDY, DecimalMark.COMMA),
    }
    open_rows: list[tuple[Cell, ...]] = [("A", "03/04/2026", "1,234", "")]
    forms = recognise_formats(PARTNERS, mapping, survey(open_rows, 4), dates=DateOrder.MDY)
    assert forms["signed_on"] == ColumnFormat(DateOrder.MDY, certain=False)
    assert not forms["annual_revenue"].certain
    assert unknown_choices(PARTNERS, mapping, survey(rows, 4)) == {"partner_type": {"Airport": 2, "Bank": 1}}
    taught = PARTNERS.with_meanings({"partner_type": {"Airport": "msp", "Bank": "reseller"}})
    assert unknown_choices(taught, mapping, survey(rows, 4)) == {}


def test_one_column_tells_what_another_leaves_open() -> None:
    rows: list[tuple[Cell, ...]] = [("1.200", "12,5"), ("2.300", "1")]
    forms = recognise_formats(PARTNERS, ["employees", "annual_revenue"], survey(rows, 2))
    assert forms["employees"] == ColumnFormat(decimals=DecimalMark.COMMA)


def test_what_the_user_says_of_unknown_choices_is_done() -> None:
    target = replace(
        PARTNERS,
        fields=tuple(
            replace(item, creatable=True) if item.name == "partner_type" else item for item in PARTNERS.fields
        ),
    )
    said = {"Airport": NEW_CHOICE, "air port": NEW_CHOICE, "Bank": NO_CHOICE, "Depot": "msp"}
    said = {**said, "Managed Service Provider": NEW_CHOICE}
    item = target.with_meanings({"partner_type": said}).by_name["partner_type"]
    read = converter(item, ColumnFormat())
    assert [read(cell) for cell in ("AIRPORT", "air port", "bank", "Depot")] == ["+Airport", "+Airport", None, "msp"]
    assert read("managed service provider") == "msp"  # there is one of this name by now
    with pytest.raises(BadValue, match=r"“Shop” is not one of: Reseller, Managed service provider, Airport\."):
        read("Shop")


def test_a_survey_tells_a_columns_values_once_it_is_read() -> None:
    rows: list[tuple[Cell, ...]] = [("A", 84.0, "x" * 200), ("B", 84.0, "y"), (" A ", None, ""), (None, True, None)]
    names, numbers, long = survey(rows, 3)
    assert (names.filled, names.values, names.samples) == (3, {"A": 2, "B": 1}, ("A", "B"))
    assert (numbers.filled, numbers.values) == (3, {"84": 2, "yes": 1})
    assert (long.filled, long.values) == (2, None)
    assert ColumnSurvey.from_json(json.loads(json.dumps(names.as_json()))) == names
    (many,) = survey([(str(i),) for i in range(300)], 1)
    assert many.values is None
