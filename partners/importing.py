"""What can be imported here: partners and their contacts. The engine is prm.imports; this says what it can't know."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners import history, queries
from partners.events import PartnerChanged, PartnerMoved
from partners.import_writing import CatalogueWriter
from partners.models import Contact, Fact, LifeStage, Partner, PartnerType, Placement, Region, Tier
from prm.common import audit, events
from prm.common.names import normalised
from prm.common.vendor import today, vendor_settings
from prm.imports.fields import Choice, Field, Identity, Kind, Target
from prm.imports.importer import Blocker, Importer, Writer, register
from prm.imports.journal import Change, Journal
from prm.imports.matching import Record, Records
from prm.imports.messages import BadValue, marked
from prm.imports.models import ImportRun
from prm.imports.outcome import Draft
from prm.imports.values import domain
from prm.imports.vocabulary import COMPANY, COMPANY_NOUNS, PERSON, PERSON_NOUNS

PLACED = ("stage_id", "tier_id", "region_id", "cam_id")
CATALOGUES: dict[str, Any] = {"partner_type": PartnerType, "tier": Tier, "stage": LifeStage, "region": Region}
PEOPLE = ("cam", "cover")
PARTNERS = ("parent", "distributor")

# Other names of what a new vendor starts with.
ALSO_CALLED: dict[str, tuple[str, ...]] = {
    "reseller": ("Value Added Reseller", "VAR", "Dealer", "Retailer", "Channel Partner"),
    "msp": ("MSP", "Managed Services Provider", "Service Provider", "Hosting Provider", "CSP"),
    "integrator": ("SI", "System Integrator", "Integrator", "Solution Provider", "Solutions Provider"),
    "isv": ("ISV", "Software Vendor", "Technology Partner"),
    "distributor": ("Wholesaler", "Disti"),
    "referral": ("Referral", "Affiliate", "Influencer"),
    "agency": ("Marketing Agency", "Consultancy", "Consultant"),
    "recruit": ("Recruiting", "Prospect", "Lead", "Candidate"),
    "onboard": ("Onboarding", "New", "Signed"),
    "activate": ("Activation", "Activating"),
    "accelerate": ("Accelerating", "Growth", "Active"),
    "mature": ("Established", "Strategic"),
    "lapsed": ("Inactive", "Churned", "Former", "Dormant"),
}

audit.VERBS |= {
    "import.committed": gettext_lazy("File imported"),
    "import.undone": gettext_lazy("Import undone"),
    "partner.imported": gettext_lazy("Partner imported"),
    "partner.import_undone": gettext_lazy("Import of the partner undone"),
    "contact.imported": gettext_lazy("Contact imported"),
    "contact.import_undone": gettext_lazy("Import of the contact undone"),
}
history.VERBS |= {
    "partner.import_undone": gettext_lazy("Import undone"),
    "contact.imported": gettext_lazy("Contact imported: %(name)s"),
    "contact.import_undone": gettext_lazy("Import of a contact undone: %(name)s"),
}


def _choices(model: Any) -> tuple[Choice, ...]:
    return tuple(Choice(row.key, row.name, ALSO_CALLED.get(row.key, ())) for row in model.objects.all())


def _people() -> tuple[Choice, ...]:
    """CAMs by e-mail, and by name where only one has it."""
    cams = list(queries.cams())
    names = [user.name for user in cams]
    return tuple(
        Choice(user.email, user.name if names.count(user.name) == 1 else f"{user.name} ({user.email})") for user in cams
    )


# ── Partners ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _joined_address(values: dict[str, Any]) -> dict[str, Any]:
    second = values.pop("address2", None)
    if second:
        values["address"] = f"{values['address']}, {second}" if "address" in values else second
    return values


def _check_address(draft: Draft) -> None:
    for row in draft.alive:
        if len(str(row.values.get("address", ""))) > 300:
            draft.fail(row, "address", marked("Both lines together have more than %(limit)s characters."), limit=300)


BARE_DOMAIN = re.compile(r"(?!www\.)[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}")


def _domain(text: str) -> str:
    if BARE_DOMAIN.fullmatch(text):  # as nearly all are by now
        return text
    try:
        return domain(text) or ""
    except BadValue:
        return ""


PARTNER_IDENTITIES = (
    Identity(("external_id",), unique=True),
    Identity(("domain",), normalise=_domain),
    Identity(("name",), normalise=normalised),
)


class PartnerImporter(Importer):
    kind = "partner"
    label = gettext_lazy("Partners")
    hint = gettext_lazy("one a row: name, id, type, region, owner, parent, address …")
    verb = "partner.imported"
    undo_verb = "partner.import_undone"
    model = Partner
    derived = (Fact,)
    list_url = "partners:list"

    def target(self) -> Target:
        def field(name: str, kind: Kind = Kind.TEXT, label: str = "", **more: Any) -> Field:
            meta: Any = Partner._meta
            shown = label or str(meta.get_field(name).verbose_name)
            return Field(name, shown[:1].upper() + shown[1:], kind, aliases=COMPANY.get(name, ()), **more)

        people = _people()
        return Target(
            self.kind,
            str(self.label),
            (
                field("name", required=True, max_length=200),
                field("external_id", Kind.KEY, max_length=80),
                field("domain", Kind.DOMAIN, max_length=253),
                field("partner_type", Kind.CHOICE, required=True, for_all=True, creatable=True, choices=_choices(PartnerType)),
                field("stage", Kind.CHOICE, required=True, for_all=True, choices=_choices(LifeStage)),
                field("tier", Kind.CHOICE, for_all=True, choices=_choices(Tier)),
                field("region", Kind.CHOICE, for_all=True, creatable=True, choices=_choices(Region)),
                field("cam", Kind.CHOICE, for_all=True, choices=people),
                field("cover", Kind.CHOICE, choices=people),
                field("parent", Kind.REFERENCE, refers_to=self.kind),
                field("distributor", Kind.REFERENCE, refers_to=self.kind),
                field("signed_on", Kind.DATE),
                field("country", Kind.COUNTRY),
                field("city", max_length=100),
                field("address", max_length=300),
                field("address2", label=_("Address, second line"), max_length=300),
                field("phone", max_length=40),
                field("employees", Kind.INTEGER, min_value=0, max_value=2_147_483_647),
                field("sales_reps", Kind.INTEGER, min_value=0, max_value=2_147_483_647),
                field("annual_revenue", Kind.DECIMAL, min_value=0, max_value=10**16 - 1, places=2),
                field("annual_revenue_currency", Kind.CURRENCY, label=_("Currency of annual revenue"), for_all=True, goes_with="annual_revenue"),
                field("year_opened", Kind.INTEGER, min_value=1000, max_value=2200),
                field("internal_note", Kind.LONG_TEXT, max_length=10_000),
            ),
            PARTNER_IDENTITIES,
            title="name",
            nouns=COMPANY_NOUNS,
            finish=_joined_address,
            check=_check_address,
        )  # fmt: skip

    def preset(self) -> dict[str, str]:
        return {"annual_revenue_currency": vendor_settings().reporting_currency}

    def records(self, target: Target, names: set[str], *, lock: bool) -> dict[str, Records]:
        return {self.kind: partner_records(target, names, lock=lock)}

    def writer(self, journal: Journal, by: Any) -> Writer:
        return PartnerWriter(journal, by)

    def tell(self, ids: Iterable[int], fields: Iterable[str], owners: Collection[int]) -> None:
        pks, names = tuple(ids), tuple(sorted(name.removesuffix("_id") for name in fields))
        if pks:
            events.send(PartnerChanged(pks, names))
            if moved := tuple(name for name in names if f"{name}_id" in PLACED):
                events.send(PartnerMoved(pks, moved))

    def blockers(self, run: ImportRun) -> list[Blocker]:
        """Partners that were moved on a later day, even if back: their history stands on the import's."""
        own = run.changes.filter(model=Placement._meta.label).values("object_id")
        rows = Placement.objects.unscoped("what came after an import")
        day = rows.filter(pk__in=own).order_by("starts_on").values_list("starts_on", flat=True).first()
        if day is None:
            return []
        later = rows.filter(partner__placements__in=own, starts_on__gt=day).exclude(pk__in=own)
        later = later.select_related("partner").order_by("partner__name", "pk").distinct()
        moved = _("moved since, on %(day)s")
        return [
            Blocker(row.partner.name, moved % {"day": row.starts_on}, row.partner.get_absolute_url())
            for row in later[:20]
        ]


class PartnerWriter(CatalogueWriter):
    """Partners with their placements; types and regions the file brings along."""

    def __init__(self, journal: Journal, by: Any) -> None:
        super().__init__(journal, by, CATALOGUES)
        self.people = dict(User.objects.filter(is_active=True).values_list("email", "pk"))

    def columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in values.items():
            if name in CATALOGUES:
                found[f"{name}_id"] = self.entry(name, value)
            elif name in PEOPLE:
                found[f"{name}_id"] = self.people[value]
            elif name in PARTNERS:
                found[f"{name}_id"] = value
            else:
                found[name] = value
        if "name" in found:
            found["name_key"] = normalised(found["name"])[:200]
        return found

    def after(self, new: Sequence[Any], changes: Sequence[Change]) -> None:
        """Where new partners stand from today, and those that moved."""
        moved = [change.instance for change in changes if set(change.values) & set(PLACED)]
        day, reason = today(), _("Import of %(file)s") % {"file": self.journal.run.file_name}
        rows = Placement.objects.unscoped("of partners just moved").filter(starts_on=day)
        there = {row.partner_id: row for row in rows.filter(partner__in=[partner.pk for partner in moved])}
        fresh = [*new, *(partner for partner in moved if partner.pk not in there)]
        placements = [
            Placement(partner=partner, starts_on=day, by=self.by, reason=reason[:300], **_place(partner))
            for partner in fresh
        ]
        self.journal.create(placements, [None] * len(placements))
        self.journal.change(
            Change(
                row,
                {**_place(partner), "by_id": self.by.pk, "reason": "; ".join(filter(None, [row.reason, reason]))[:300]},
            )
            for partner in moved
            if (row := there.get(partner.pk))
        )


def _place(partner: Partner) -> dict[str, Any]:
    return {name: getattr(partner, name) for name in PLACED}


def partner_records(target: Target, names: set[str], *, lock: bool = False) -> Records:
    """The partners there are, with the fields in `names` as a file would hold them and what they are recognised by."""
    wanted = {*names, "name", "external_id", "domain"} - {"address2"} | ({"address"} if "address2" in names else set())
    codes = {name: dict(model.objects.values_list("pk", "key")) for name, model in CATALOGUES.items() if name in wanted}
    codes |= {name: dict(User.objects.values_list("pk", "email")) for name in PEOPLE if name in wanted}
    fields = sorted(wanted)
    rows = Partner.objects.unscoped("an import is matched to all partners").order_by("pk")
    if lock:
        rows = rows.select_for_update(no_key=True)
    stored = [f"{name}_id" if name in codes or name in PARTNERS else name for name in fields]
    found = []
    for pk, *cells in rows.values_list("pk", *stored).iterator(chunk_size=5_000):
        values = dict(zip(fields, cells, strict=True))
        for name, keys in codes.items():
            values[name] = keys.get(values[name])
        found.append(Record(pk, values["name"], values))
    return Records(target, found)


# ── Contacts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _joined_name(values: dict[str, Any]) -> dict[str, Any]:
    parts = [values.pop("first_name", ""), values.pop("last_name", "")]
    if any(parts):
        values.setdefault("name", " ".join(filter(None, parts)))
    return values


def _check_contacts(draft: Draft) -> None:
    """One main contact a partner; names that fit."""
    main: dict[object, int] = {}
    for row in draft.alive:
        if len(str(row.values.get("name", ""))) > 150:
            draft.fail(row, "name", marked("The name has more than %(limit)s characters."), limit=150)
        if row.values.get("is_primary"):
            earlier = main.setdefault(row.values.get("partner"), row.number)
            if earlier != row.number:
                draft.fail(row, "is_primary", marked("Row %(row)s is the partner’s main contact already."), row=earlier)


class ContactImporter(Importer):
    kind = "contact"
    label = gettext_lazy("Contacts")
    hint = gettext_lazy("one a row, with the id, web domain or name of a partner that is here already")
    verb = "contact.imported"
    undo_verb = "contact.import_undone"
    model = Contact
    list_url = "partners:list"

    def target(self) -> Target:
        def field(name: str, label: str, kind: Kind = Kind.TEXT, **more: Any) -> Field:
            return Field(name, label, kind, aliases=PERSON.get(name, ()), **more)

        functions = tuple(Choice(value, str(label)) for value, label in Contact.Function.choices)
        return Target(
            self.kind,
            str(self.label),
            (
                field("partner", _("Partner"), Kind.REFERENCE, required=True, refers_to="partner"),
                field("external_id", _("External id"), Kind.KEY, max_length=80),
                field("name", _("Name"), required=True, max_length=150),
                field("first_name", _("First name"), max_length=150),
                field("last_name", _("Last name"), max_length=150),
                field("email", _("E-mail"), Kind.EMAIL, max_length=254),
                field("phone", _("Phone"), max_length=40),
                field("title", _("Job title"), max_length=120),
                field("function", _("Function"), Kind.CHOICE, choices=functions),
                field("is_primary", _("Main contact"), Kind.BOOLEAN),
            ),
            (
                Identity(("external_id",), unique=True),
                Identity(("partner", "email"), unique=True),
                Identity(("partner", "name"), normalise=normalised),
            ),
            nouns=PERSON_NOUNS,
            finish=_joined_name,
            check=_check_contacts,
        )

    def records(self, target: Target, names: set[str], *, lock: bool) -> dict[str, Records]:
        stored = {item.name for item in target.fields} - {"first_name", "last_name", "partner"}
        fields = sorted({*names & stored, "name", "external_id", "email", "is_primary"})
        rows = Contact.objects.unscoped("an import is matched to all contacts").order_by("pk")
        if lock:
            rows = rows.select_for_update(no_key=True)
        found = []
        for pk, partner, *cells in rows.values_list("pk", "partner_id", *fields).iterator(chunk_size=5_000):
            values = {"partner": partner, **dict(zip(fields, cells, strict=True))}
            values["email"] = str(values["email"]).lower()
            found.append(Record(pk, str(values["name"]), values))
        partners = partner_records(PartnerImporter().target(), set())
        return {self.kind: Records(target, found), PartnerImporter.kind: partners}

    def writer(self, journal: Journal, by: Any) -> Writer:
        return ContactWriter(journal, by)

    def owners(self, ids: Iterable[int]) -> set[int]:
        rows = Contact.objects.unscoped("whose contacts an import touches").filter(pk__in=list(ids))
        return set(rows.order_by("partner").values_list("partner", flat=True).distinct())

    def tell(self, ids: Iterable[int], fields: Iterable[str], owners: Collection[int]) -> None:
        if owners:
            events.send(PartnerChanged(tuple(sorted(owners)), ("contacts",)))


class ContactWriter(Writer):
    def columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"partner_id" if name == "partner" else name: value for name, value in values.items()}

    def before(self, new: Sequence[Any], changes: Sequence[Change]) -> None:
        """A new main contact takes the place of the one before."""
        partner_of = {
            change.instance.pk: change.values.get("partner_id", change.instance.partner_id) for change in changes
        }
        main = {contact.partner_id for contact in new if contact.is_primary}
        main |= {partner_of[change.instance.pk] for change in changes if change.values.get("is_primary")}
        in_hand = {change.instance.pk: change.instance for change in changes}
        rows = Contact.objects.unscoped("main contacts that give way").filter(partner__in=main, is_primary=True)
        self.journal.change(Change(in_hand.get(row.pk, row), {"is_primary": False}) for row in rows.order_by("pk"))


register(PartnerImporter())
register(ContactImporter())
