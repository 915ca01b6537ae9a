"""Certifications and tasks done in. A person who is no contact yet is added."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners import history
from partners.events import CertificationsChanged, PartnerChanged, TasksChanged
from partners.import_writing import CatalogueWriter
from partners.importing import PartnerImporter, partner_records
from partners.models import Certificate, Certification, Contact, Task, TaskDone
from prm.common import audit, events
from prm.common.names import normalised
from prm.imports.fields import Choice, Field, Identity, Kind, Target
from prm.imports.importer import Importer, Writer, register
from prm.imports.journal import Journal
from prm.imports.matching import Record, Records
from prm.imports.messages import marked
from prm.imports.outcome import Draft, Made, Outcome, PlannedRow
from prm.imports.vocabulary import CERTIFICATION, TASK_DONE

SOURCE = "import"  # proposed as the source of a file's records
CERTIFIED = ("level", "earned_on", "expires_on", "source", "external_id")
DONE = ("on", "who", "note")

audit.VERBS |= {
    "certification.imported": gettext_lazy("Certification imported"),
    "certification.import_undone": gettext_lazy("Import of the certification undone"),
    "task.imported": gettext_lazy("Task done, imported"),
    "task.import_undone": gettext_lazy("Import of a task done undone"),
}
history.VERBS |= {
    "certification.imported": gettext_lazy("Certification imported: %(name)s"),
    "certification.import_undone": gettext_lazy("Import of a certification undone: %(name)s"),
    "task.imported": gettext_lazy("Task done, imported: %(name)s"),
    "task.import_undone": gettext_lazy("Import of a task done undone: %(name)s"),
}

# The people of partners, by what a row calls them.
PEOPLE = Target(
    "person",
    "People",
    (Field("partner", "Partner"), Field("name", "Name"), Field("email", "E-mail")),
    (
        Identity(("partner", "email"), unique=True, normalise=str.lower),
        Identity(("partner", "name"), normalise=normalised),
    ),
    title="name",
)


class _OfPartners(Importer):
    """A kind whose records belong to partners, and are looked up by the partners that the rows name."""

    list_url = "partners:list"

    def records(self, target: Target, names: set[str], *, lock: bool) -> dict[str, Records]:
        return {PartnerImporter.kind: partner_records(PartnerImporter().target(), set())}

    def owners(self, ids: Iterable[int]) -> set[int]:
        rows: Any = self.model._base_manager.filter(pk__in=list(ids))
        return set(rows.order_by("partner").values_list("partner", flat=True).distinct())


def _owners(draft: Draft) -> set[int]:
    return {pk for row in draft.rows if isinstance(pk := row.values.get("partner"), int)}


# ── Certifications ───────────────────────────────────────────────────────────────────────────────────────────────────


class CertificationImporter(_OfPartners):
    kind = "certification"
    label = gettext_lazy("Certifications")
    hint = gettext_lazy("one a row: partner, person, certificate, earned on, expires on")
    verb = "certification.imported"
    undo_verb = "certification.import_undone"
    model = Certification

    def target(self) -> Target:
        def field(name: str, label: str, kind: Kind = Kind.TEXT, **more: Any) -> Field:
            return Field(name, label, kind, aliases=CERTIFICATION.get(name, ()), **more)

        rows = list(Certificate.objects.all())
        certificates = tuple(Choice(row.key, row.name) for row in rows)
        return Target(
            self.kind,
            str(self.label),
            (
                field("partner", _("Partner"), Kind.REFERENCE, required=True, refers_to=PartnerImporter.kind),
                field("contact", _("Person"), Kind.REFERENCE, max_length=150, refers_to="person", owner="partner", known_by="email"),
                field("email", _("Person’s e-mail"), Kind.EMAIL, max_length=254),
                field("certificate", _("Certificate"), Kind.CHOICE, required=True, for_all=True, goes_with="partner", creatable=True, choices=certificates),
                field("level", _("Level"), max_length=40),
                field("earned_on", _("Earned on"), Kind.DATE, required=True),
                field("expires_on", _("Expires on"), Kind.DATE),
                field("external_id", _("External id"), Kind.KEY, max_length=120),
                field("source", _("Source"), max_length=40, for_all=True, goes_with="external_id"),
            ),
            (
                Identity(("source", "external_id"), unique=True),
                Identity(
                    ("partner", "contact", "certificate", "level", "earned_on"), unique=True, optional=frozenset({"contact", "level"})
                ),
            ),
            nouns=("certification", "certificate"),
            check=_Expiry({row.key: row.months_valid for row in rows}),
        )  # fmt: skip

    def preset(self) -> dict[str, str]:
        return {"source": SOURCE}

    def more(self, draft: Draft, names: set[str], *, lock: bool) -> dict[str, Records]:
        ids = {row.values.get("external_id") for row in draft.rows} - {None}
        rows = Certification.objects.unscoped("an import is matched to all certifications").filter(
            Q(partner__in=_owners(draft)) | Q(external_id__in=ids)
        )
        if lock:
            rows = rows.select_for_update(no_key=True)
        keys = dict(Certificate.objects.values_list("pk", "key"))
        found, people = [], set()
        for pk, partner, contact, certificate, *others in rows.order_by("pk").values_list(
            "pk", "partner_id", "contact_id", "certificate_id", *CERTIFIED
        ):
            values: dict[str, Any] = dict(zip(CERTIFIED, others, strict=True))
            values |= {"partner": partner, "contact": contact, "certificate": keys[certificate]}
            found.append(Record(pk, keys[certificate], values))
            people.add(contact)
        contacts = Contact.objects.unscoped("an import is matched to all people").filter(
            Q(partner__in=_owners(draft)) | Q(pk__in=people - {None})
        )
        cells = contacts.order_by("pk").values_list("pk", "partner", "name", "email")
        known = [Record(pk, name, {"partner": owner, "name": name, "email": mail}) for pk, owner, name, mail in cells]
        return {self.kind: Records(draft.target, found), "person": Records(PEOPLE, known)}

    def writer(self, journal: Journal, by: Any) -> Writer:
        return CertificationWriter(journal, by, {"certificate": Certificate})

    def tell(self, ids: Iterable[int], fields: Iterable[str], owners: Collection[int]) -> None:
        if owners:
            events.send(CertificationsChanged(tuple(sorted(owners))))
            events.send(PartnerChanged(tuple(sorted(owners)), ("contacts",)))


class _Expiry:
    """A new certification of a file without days of expiry expires as its certificate says."""

    def __init__(self, months: Mapping[str, int | None]) -> None:
        self.months = months

    def __call__(self, draft: Draft) -> None:
        for row in draft.alive:
            before = draft.own.by_id[row.record].values if row.record is not None else {}
            earned: Any = row.values.get("earned_on", before.get("earned_on"))
            valid = self.months.get(str(row.values.get("certificate")))
            if valid and earned and row.record is None and "expires_on" not in draft.header:
                row.values["expires_on"] = _later(earned, valid)
            expires: Any = row.values.get("expires_on", before.get("expires_on"))
            if earned and expires and expires <= earned and row.outcome is not Outcome.PROPOSED:
                draft.fail(row, "expires_on", marked("It must expire after it was earned."))


def _later(day: dt.date, months: int) -> dt.date:
    """The same day some months later; the last of the month where there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    following = dt.date(day.year + years + (month == 11), (month + 1) % 12 + 1, 1)
    last = following - dt.timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


class CertificationWriter(CatalogueWriter):
    """Certifications, the people who hold them, and certificates the file brings along."""

    made: dict[Made, int]

    def prepare(self, rows: Sequence[PlannedRow]) -> None:
        """Makes contacts of people who are none yet."""
        self.made = {}
        new = list(dict.fromkeys(one for row in rows if isinstance(one := row.values.get("contact"), Made)))
        people = [Contact(partner_id=cast(int, one.owner), name=one.name[:150], email=one.known_by) for one in new]
        self.journal.create(people, [None] * len(people))
        self.made = {one: person.pk for one, person in zip(new, people, strict=True)}

    def columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in values.items():
            if name == "certificate":
                found["certificate_id"] = self.entry(name, value)
            elif name == "contact":
                found["contact_id"] = self.made[value] if isinstance(value, Made) else value
            else:
                found["partner_id" if name == "partner" else name] = value
        return found

    def before(self, new: Sequence[Any], changes: Sequence[Any]) -> None:
        for one in new:
            one.created_by = self.by


# ── Tasks done ───────────────────────────────────────────────────────────────────────────────────────────────────────


class TaskDoneImporter(_OfPartners):
    kind = "task_done"
    label = gettext_lazy("Required tasks done")
    hint = gettext_lazy("one a row: partner, task, done on, by whom")
    verb = "task.imported"
    undo_verb = "task.import_undone"
    model = TaskDone

    def target(self) -> Target:
        def field(name: str, label: str, kind: Kind = Kind.TEXT, **more: Any) -> Field:
            return Field(name, label, kind, aliases=TASK_DONE.get(name, ()), **more)

        tasks = tuple(Choice(row.key, row.name) for row in Task.objects.all())
        return Target(
            self.kind,
            str(self.label),
            (
                field("partner", _("Partner"), Kind.REFERENCE, required=True, refers_to=PartnerImporter.kind),
                field("task", _("Task"), Kind.CHOICE, required=True, for_all=True, goes_with="partner", choices=tasks),
                field("on", _("Done on"), Kind.DATE, required=True),
                field("who", _("Done by"), max_length=150),
                field("note", _("Note"), max_length=300),
            ),
            (Identity(("partner", "task"), unique=True),),
        )

    def more(self, draft: Draft, names: set[str], *, lock: bool) -> dict[str, Records]:
        rows = TaskDone.objects.unscoped("an import is matched to all tasks done").filter(partner__in=_owners(draft))
        if lock:
            rows = rows.select_for_update(no_key=True)
        keys = dict(Task.objects.values_list("pk", "key"))
        found = [
            Record(pk, keys[task], {"partner": partner, "task": keys[task], **dict(zip(DONE, others, strict=True))})
            for pk, partner, task, *others in rows.order_by("pk").values_list("pk", "partner_id", "task_id", *DONE)
        ]
        return {self.kind: Records(draft.target, found)}

    def writer(self, journal: Journal, by: Any) -> Writer:
        return TaskDoneWriter(journal, by, {"task": Task})

    def tell(self, ids: Iterable[int], fields: Iterable[str], owners: Collection[int]) -> None:
        if owners:
            events.send(TasksChanged(tuple(sorted(owners))))


class TaskDoneWriter(CatalogueWriter):
    def columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found = {"partner_id" if name == "partner" else name: value for name, value in values.items() if name != "task"}
        return found | ({"task_id": self.entry("task", values["task"])} if "task" in values else {})

    def before(self, new: Sequence[Any], changes: Sequence[Any]) -> None:
        for one in new:
            one.by = self.by


register(CertificationImporter())
register(TaskDoneImporter())
