"""Leads in: from campaigns, fairs and other programs. They are graded like any other, and given out an hour later, so that a wrong
file can be taken back before anybody has got a lead of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads import grading, reading
from leads.events import LeadsChanged
from leads.models import Lead, LeadSource, LeadStep
from partners.import_writing import CatalogueWriter
from partners.models import Region
from pipeline.models import ProductLine
from prm.common import audit, events
from prm.common.names import normalised
from prm.imports.fields import Choice, Field, Identity, Kind, Target
from prm.imports.importer import Importer, Writer, register
from prm.imports.journal import Change, Journal
from prm.imports.matching import Record, Records
from prm.imports.messages import marked
from prm.imports.outcome import Draft, PlannedRow

SOURCE = "import"
WAITS = dt.timedelta(hours=1)  # before the rules give an imported lead out
STORED = (
    "company", "domain", "country", "city", "vertical", "employees", "need", "activity", "campaign", "external_id", "score",
    "person", "job_title", "email", "phone", "consent_from", "consent_on",
)  # fmt: skip
Line = Lead.product_lines.through

# What other programs call the columns: Salesforce, HubSpot, Dynamics 365, and plain English.
ALSO_CALLED: dict[str, tuple[str, ...]] = {
    "company": ("Company", "Company Name", "companyname", "Account Name", "Account", "Organization", "Organisation", "Business"),
    "domain": ("Web domain", "Domain", "Website", "Website URL", "websiteurl", "Web site", "URL", "Company domain name"),
    "country": ("Country", "Country/Region", "address1_country", "Country Code", "Mailing Country", "hs_country_code"),
    "city": ("City", "Town", "address1_city", "Mailing City"),
    "region": ("Region", "Territory", "Sales Territory", "Sales Region", "Area", "Geo"),
    "vertical": ("Vertical", "Industry", "industrycode", "Sector", "Branch"),
    "employees": ("Employees", "Number of Employees", "NumberOfEmployees", "No. of Employees", "Company Size", "Headcount"),
    "need": ("Need", "Description", "Message", "Request", "Subject", "Topic", "Interest", "Comments", "How can we help"),
    "activity": ("Activity", "Recent Conversion", "Last Activity", "Activities", "Notes", "Original Source Drill-Down 1"),
    "product_line": ("Product line", "Product Interest", "ProductInterest", "Product", "Product Family", "Solution"),
    "source": ("Source", "Lead Source", "LeadSource", "leadsourcecode", "Original Source", "Channel"),
    "campaign": ("Campaign", "Campaign Name", "Campaign ID", "campaignid", "Event", "utm_campaign"),
    "external_id": ("External id", "Lead ID", "leadid", "Record ID", "hs_object_id", "ID", "Key"),
    "score": ("Score", "Lead Score", "HubSpot Score", "hubspotscore", "Engagement Score", "Rating Score"),
    "person": ("Person", "Full Name", "fullname", "Name", "Contact Name", "Contact", "Lead Name"),
    "first_name": ("First Name", "FirstName", "Given Name"),
    "last_name": ("Last Name", "LastName", "Surname", "Family Name"),
    "job_title": ("Job Title", "Title", "jobtitle", "Position", "Role"),
    "email": ("Email", "E-mail", "Email Address", "emailaddress1", "Work Email", "Mail"),
    "phone": ("Phone", "Phone Number", "Business Phone", "telephone1", "Mobile Phone", "Mobile", "Tel"),
    "consent_from": ("Consent from", "Consent", "Consent Source", "Legal basis for processing contact's data", "Opt-in Source"),
    "consent_on": ("Consent given on", "Consent Date", "Opt-in Date", "Opted in on"),
    "came_in_on": ("Came in on", "Created Date", "CreatedDate", "Create Date", "createdon", "Created", "Date", "Submitted on"),
}  # fmt: skip


def _choices(model: Any) -> tuple[Choice, ...]:
    return tuple(Choice(row.key, row.name) for row in model.objects.all())


def _joined_name(values: dict[str, Any]) -> dict[str, Any]:
    parts = [values.pop("first_name", ""), values.pop("last_name", "")]
    if any(parts):
        values.setdefault("person", " ".join(filter(None, parts)))
    return values


class LeadImporter(Importer):
    kind = "lead"
    label = gettext_lazy("Leads")
    hint = gettext_lazy("one a row: company, need, person, e-mail, consent, score, source …")
    verb = "lead.imported"
    undo_verb = "lead.import_undone"
    model = Lead
    list_url = "leads:list"
    list_label = gettext_lazy("See the leads")

    def target(self) -> Target:
        def field(name: str, label: str, kind: Kind = Kind.TEXT, **more: Any) -> Field:
            return Field(name, label, kind, aliases=ALSO_CALLED.get(name, ()), **more)

        return Target(
            self.kind,
            str(self.label),
            (
                field("company", _("Company"), required=True, max_length=200),
                field("domain", _("Web domain"), Kind.DOMAIN, max_length=253),
                field("country", _("Country"), Kind.COUNTRY),
                field("city", _("City"), max_length=100),
                field("region", _("Region"), Kind.CHOICE, choices=_choices(Region)),
                field("vertical", _("Vertical"), max_length=80),
                field("employees", _("Employees"), Kind.INTEGER, min_value=0, max_value=2_147_483_647),
                field("need", _("Need"), Kind.LONG_TEXT, max_length=2000),
                field("activity", _("Activity"), Kind.LONG_TEXT, max_length=4000),
                field("product_line", _("Product line"), Kind.CHOICE, for_all=True, choices=_choices(ProductLine)),
                field("source", _("Source"), Kind.CHOICE, required=True, for_all=True, creatable=True, choices=_choices(LeadSource)),
                field("campaign", _("Campaign"), for_all=True, max_length=120),
                field("external_id", _("External id"), Kind.KEY, max_length=120),
                field("score", _("Score"), Kind.DECIMAL, places=2, min_value=0, max_value=100),
                field("person", _("Person"), max_length=150),
                field("first_name", _("First name"), max_length=70),
                field("last_name", _("Last name"), max_length=70),
                field("job_title", _("Job title"), max_length=120),
                field("email", _("E-mail"), Kind.EMAIL, max_length=254),
                field("phone", _("Phone"), max_length=40),
                field("consent_from", _("Consent from"), for_all=True, max_length=200),
                field("consent_on", _("Consent given on"), Kind.DATE, for_all=True),
                field("came_in_on", _("Came in on"), Kind.DATE),
            ),
            (
                Identity(("source", "external_id"), unique=True),
                Identity(("email", "company"), normalise=normalised),
            ),
            nouns=("lead", "prospect", "inquiry", "enquiry"),
            finish=_joined_name,
            check=Judge(reading.now().day),
        )  # fmt: skip

    def records(self, target: Target, names: set[str], *, lock: bool) -> dict[str, Records]:
        return {}

    def more(self, draft: Draft, names: set[str], *, lock: bool) -> dict[str, Records]:
        ids = {row.values.get("external_id") for row in draft.rows} - {None}
        mails = {row.values.get("email") for row in draft.rows} - {None}
        rows = Lead.objects.unscoped("an import is matched to all leads").filter(
            Q(external_id__in=ids) | Q(email__in=mails)
        )
        if lock:
            rows = rows.select_for_update(no_key=True)
        sources, regions = (dict(model.objects.values_list("pk", "key")) for model in (LeadSource, Region))
        zone = ZoneInfo(reading.now().settings.time_zone)
        cells = list(rows.order_by("pk").values_list("pk", "source_id", "region_id", "created_at", *STORED))
        lines = _lines_of([pk for pk, *_rest in cells])
        found = []
        for pk, source, region, came_in, *others in cells:
            values: dict[str, Any] = dict(zip(STORED, others, strict=True))
            values |= {
                "source": sources[source],
                "region": regions.get(region),
                "product_line": lines.get(pk),
                "came_in_on": came_in.astimezone(zone).date(),
            }
            found.append(Record(pk, values["company"], values))
        return {self.kind: Records(draft.target, found)}

    def writer(self, journal: Journal, by: Any) -> Writer:
        return LeadWriter(journal, by)

    def owners(self, ids: Iterable[int]) -> set[int]:
        rows = Lead.objects.unscoped("whose leads an import touches").filter(pk__in=list(ids), partner__isnull=False)
        return set(rows.order_by("partner").values_list("partner", flat=True).distinct())

    def tell(self, ids: Iterable[int], fields: Iterable[str], owners: Collection[int]) -> None:
        if pks := tuple(ids):
            events.send(LeadsChanged(pks, tuple(sorted(owners)), imported=True))


def _lines_of(leads: list[int]) -> dict[int, str]:
    """The product line of those leads that have one alone."""
    found: dict[int, list[str]] = {}
    for lead, key in Line.objects.filter(lead__in=leads).values_list("lead_id", "productline__key"):
        found.setdefault(lead, []).append(key)
    return {lead: keys[0] for lead, keys in found.items() if len(keys) == 1}


class Judge:
    """What the cells of a lead must come to together."""

    def __init__(self, day: dt.date) -> None:
        self.day = day

    def __call__(self, draft: Draft) -> None:
        for row in draft.alive:
            before = draft.own.by_id[row.record].values if row.record is not None else {}
            values: dict[str, Any] = {
                name: row.values.get(name, before.get(name))
                for name in ("email", "phone", "consent_from", "consent_on", "came_in_on", "person")
            }
            if (values["email"] or values["phone"]) and not (values["consent_from"] and values["consent_on"]):
                missing = "consent_on" if values["consent_from"] else "consent_from"
                draft.fail(
                    row, missing, marked("There is an address or a number: say where the person agreed, and when.")
                )
            for name in ("consent_on", "came_in_on"):
                if values[name] and values[name] > self.day:
                    draft.fail(row, name, marked("This day is still to come."))
            if before:
                row.values.pop("came_in_on", None)


class LeadWriter(CatalogueWriter):
    """Leads with their grade, their line and the first step of their history."""

    def __init__(self, journal: Journal, by: Any) -> None:
        super().__init__(journal, by, {"source": LeadSource, "region": Region, "product_line": ProductLine})
        self.now = reading.now()
        self.scores: dict[int, Decimal] = {}

    def prepare(self, rows: Sequence[PlannedRow]) -> None:
        self.rows = list(rows)

    def columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in values.items():
            if name in ("source", "region"):
                found[f"{name}_id"] = self.entry(name, value)
            elif name == "came_in_on":
                found["created_at"] = self._came_in(value)
            elif name != "product_line":
                found[name] = value
        if "company" in found:
            found["company_key"] = Lead.key_of(found["company"])
        if "score" in found:
            found["grade"] = grading.grade(found["score"], self.now.policy.grades)
        return found

    def _came_in(self, day: dt.date) -> dt.datetime:
        """The beginning of that working day; of today now."""
        if day >= self.now.day:
            return self.now.at
        opening = dt.datetime.combine(day, self.now.calendar.opening, ZoneInfo(self.now.calendar.zone))
        return opening.astimezone(dt.UTC)

    def before(self, new: Sequence[Any], changes: Sequence[Change]) -> None:
        defaults = dict(LeadSource.objects.values_list("pk", "default_score"))
        for lead in new:
            if lead.score is None:
                lead.score = defaults[lead.source_id]
                lead.grade = grading.grade(lead.score, self.now.policy.grades)
            lead.created_at = lead.created_at or self.now.at
            lead.distribute_at = self.now.at + WAITS
            lead.created_by = self.by

    def after(self, new: Sequence[Any], changes: Sequence[Change]) -> None:
        steps = [LeadStep(lead=lead, kind=LeadStep.Kind.ADDED, at=lead.created_at, by=self.by) for lead in new]
        changed = [change.instance for change in changes]
        steps += [
            LeadStep(lead=lead, kind=LeadStep.Kind.CHANGED, at=self.now.at, by=self.by, partner_id=lead.partner_id)
            for lead in changed
        ]
        self.journal.create(steps, [None] * len(steps))
        self._lines(new)

    def _lines(self, new: Sequence[Any]) -> None:
        """A file names one line a lead; another one of a lead there is comes to those it has."""
        wanted = []
        for row, lead in zip(self.rows, new, strict=False):
            if key := row.values.get("product_line"):
                wanted.append(Line(lead_id=lead.pk, productline_id=self.entry("product_line", str(key))))
        for row in self.rows[len(new) :]:
            if isinstance(row.record, int) and "product_line" in row.changes:
                wanted.append(
                    Line(lead_id=row.record, productline_id=self.entry("product_line", str(row.values["product_line"])))
                )
        there = set(
            Line.objects.filter(lead__in=[one.lead_id for one in wanted]).values_list("lead_id", "productline_id")
        )
        fresh = [one for one in wanted if (one.lead_id, one.productline_id) not in there]
        self.journal.create(fresh, [None] * len(fresh))


audit.VERBS |= {
    "lead.imported": gettext_lazy("Lead imported"),
    "lead.import_undone": gettext_lazy("Import of the lead undone"),
}

register(LeadImporter())
