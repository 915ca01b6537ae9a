"""Two targets like those of the application, for tests of what is the same for all."""

from typing import Any

from prm.common.names import normalised
from prm.imports.fields import Choice, Field, Identity, Kind, Target
from prm.imports.vocabulary import COMPANY, COMPANY_NOUNS, PERSON, PERSON_NOUNS


def partner_finish(values: dict[str, Any]) -> dict[str, Any]:
    second = values.pop("address2", None)
    if second:
        values["address"] = f"{values['address']}, {second}" if "address" in values else second
    return values


def contact_finish(values: dict[str, Any]) -> dict[str, Any]:
    parts = [values.pop("first_name", ""), values.pop("last_name", "")]
    if any(parts):
        values.setdefault("name", " ".join(filter(None, parts)))
    return values


PARTNERS = Target(
    "partner",
    "Partners",
    (
        Field("name", "Name", required=True, max_length=200, aliases=COMPANY["name"]),
        Field("external_id", "External id", Kind.KEY, max_length=80, aliases=COMPANY["external_id"]),
        Field("domain", "Web domain", Kind.DOMAIN, aliases=COMPANY["domain"]),
        Field(
            "partner_type",
            "Type",
            Kind.CHOICE,
            aliases=COMPANY["partner_type"],
            choices=(
                Choice("reseller", "Reseller", ("Value Added Reseller", "Specialty Bike Shop", "Warehouse")),
                Choice("msp", "Managed service provider"),
            ),
        ),
        Field("parent", "Parent partner", Kind.REFERENCE, refers_to="partner", aliases=COMPANY["parent"]),
        Field("signed_on", "Contract signed on", Kind.DATE, aliases=COMPANY["signed_on"]),
        Field("country", "Country", Kind.COUNTRY, aliases=COMPANY["country"]),
        Field("city", "City", max_length=100, aliases=COMPANY["city"]),
        Field("address", "Address", max_length=300, aliases=COMPANY["address"]),
        Field("address2", "Address, second line", aliases=COMPANY["address2"]),
        Field("phone", "Phone", max_length=40, aliases=COMPANY["phone"]),
        Field("email", "E-mail", Kind.EMAIL, aliases=("Email",)),
        Field("employees", "Employees", Kind.INTEGER, min_value=0, aliases=COMPANY["employees"]),
        Field(
            "annual_revenue", "Annual revenue", Kind.DECIMAL, min_value=0, places=2, aliases=COMPANY["annual_revenue"]
        ),
        Field("annual_revenue_currency", "Currency", Kind.CURRENCY, aliases=COMPANY["annual_revenue_currency"]),
        Field(
            "year_opened",
            "Year opened",
            Kind.INTEGER,
            min_value=1800,
            max_value=2100,
            aliases=COMPANY["year_opened"],
        ),
    ),
    identities=(
        Identity(("external_id",), unique=True),
        Identity(("domain",)),
        Identity(("name",), normalise=normalised),
    ),
    title="name",
    nouns=COMPANY_NOUNS,
    finish=partner_finish,
)

CONTACTS = Target(
    "contact",
    "Contacts",
    (
        Field("partner", "Partner", Kind.REFERENCE, required=True, refers_to="partner", aliases=PERSON["partner"]),
        Field("external_id", "External id", Kind.KEY, aliases=PERSON["external_id"]),
        Field("name", "Name", required=True, max_length=150, aliases=PERSON["name"]),
        Field("first_name", "First name", aliases=PERSON["first_name"]),
        Field("last_name", "Last name", aliases=PERSON["last_name"]),
        Field("email", "E-mail", Kind.EMAIL, aliases=PERSON["email"]),
        Field("phone", "Phone", aliases=PERSON["phone"]),
        Field("title", "Job title", aliases=PERSON["title"]),
        Field("is_primary", "Main contact", Kind.BOOLEAN, aliases=PERSON["is_primary"]),
    ),
    identities=(
        Identity(("external_id",), unique=True),
        Identity(("partner", "email"), unique=True),
        Identity(("partner", "name"), normalise=normalised),
    ),
    nouns=PERSON_NOUNS,
    finish=contact_finish,
)
