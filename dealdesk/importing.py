"""Registrations in: a deal a row, kept as drafts or submitted at once, by the same actions and under the same policy as on the page."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dealdesk import actions, matching, queries, rules
from dealdesk.events import RegistrationsChanged
from dealdesk.models import Registration
from dealdesk.policy import RegistrationPolicy, policy_on
from dealdesk.rules import Refused
from partners import history
from partners.importing import PartnerImporter
from partners.models import Partner
from pipeline.importing import parts
from pipeline.importing.vocabulary import CURRENCY, CUSTOMER, PARTNER, PRODUCT_LINE
from pipeline.models import ProductLine
from prm.common import audit, events
from prm.common.money import Money, NoRate, Rates
from prm.common.vendor import rates, today
from prm.imports.fields import Choice, Kind, Target
from prm.imports.importer import Writer, register
from prm.imports.journal import Journal
from prm.imports.matching import Records
from prm.imports.messages import marked
from prm.imports.outcome import Draft, Outcome, Plan, PlannedRow

LARGEST = Decimal("99999999999999.99")
DRAFT, SUBMIT = "draft", "submit"
WORDS = {
    Refused.MISSING: marked("This is needed to submit it."),
    Refused.PAST: marked("This day has passed."),
    Refused.SMALL: marked("It is below the smallest amount that can be registered."),
    Refused.RATE: marked(
        "There is no rate for %(currency)s on or before %(day)s, so it can’t be held against the smallest amount."
    ),
    Refused.TENDER: marked("Public tenders can’t be registered."),
    Refused.SLOTS: marked("The partner has as many registrations open and protected as there may be at once."),
}
ALIASES: dict[str, tuple[str, ...]] = {
    "partner": PARTNER,
    "customer_name": (*CUSTOMER, "Company", "Company Name", "Account", "Account Name", "Prospect"),
    "domain": ("Web domain", "Domain", "Website", "Web Site", "URL", "Customer Domain"),
    "country": ("Country", "Customer Country", "Billing Country", "Country Code"),
    "product_lines": PRODUCT_LINE,
    "amount": ("Amount", "Deal Amount", "Deal Value", "Estimated Value", "Est. Revenue", "Value", "Revenue"),
    "currency": CURRENCY,
    "expected_close": (
        "Expected close",
        "Close Date",
        "Expected Close Date",
        "Est. Close Date",
        "Estimated Close Date",
    ),
    "need": ("Need", "What they need", "Description", "Project", "Opportunity", "Comment", "Notes"),
    "contact_name": ("Contact", "Contact Name", "Customer Contact", "Person"),
    "contact_email": ("Contact e-mail", "Contact Email", "Email", "E-mail"),
    "is_rfp": ("Public tender", "RFP", "Tender", "Request for proposal"),
    "state": ("State", "Status", "What to do"),
}
# The name of a registration's field by the field of a file that says it; what isn't here isn't typed into it.
TYPED = tuple(name for name in ALIASES if name not in ("partner", "product_lines", "state"))
Key = tuple[int, str, int]

VERBS = {
    "registration.imported": gettext_lazy("Registration imported"),
    "registration.import_undone": gettext_lazy("Import of the registration undone"),
}
audit.VERBS.update(VERBS)
history.VERBS.update(VERBS)


class RegistrationImporter(parts.SalesImporter):
    kind = "registration"
    label = gettext_lazy("Registrations")
    hint = gettext_lazy("one a row: partner, company, domain, country, product line, amount, expected close, need …")
    verb = "registration.imported"
    undo_verb = "registration.import_undone"
    model = Registration
    derived = (Registration.product_lines.through,)
    list_url = "dealdesk:registrations"
    list_label = gettext_lazy("See the registrations")

    def target(self) -> Target:
        item = parts.fields_of(ALIASES)
        states = (
            Choice(DRAFT, _("Keep as draft"), ("Draft", "New")),
            Choice(SUBMIT, _("Submit"), ("Submitted", "Submit", "Registered", "Pending")),
        )
        return Target(
            self.kind,
            str(self.label),
            (
                item("partner", _("Partner"), Kind.REFERENCE, required=True, refers_to=PartnerImporter.kind),
                item("customer_name", _("Company"), required=True, max_length=200),
                item("domain", _("Web domain"), Kind.DOMAIN, max_length=253),
                item("country", _("Country"), Kind.COUNTRY, for_all=True),
                item("product_lines", _("Product line"), Kind.CHOICE, for_all=True, choices=parts.choices(ProductLine)),
                item("amount", _("Amount"), Kind.DECIMAL, places=2, min_value=0, max_value=LARGEST),
                item("currency", _("Currency"), Kind.CURRENCY, for_all=True),
                item("expected_close", _("Expected close"), Kind.DATE),
                item("need", _("What they need"), Kind.LONG_TEXT, max_length=2000),
                item("contact_name", _("Contact there"), max_length=150),
                item("contact_email", _("Their e-mail"), Kind.EMAIL, max_length=254),
                item("is_rfp", _("Public tender (RFP)"), Kind.BOOLEAN),
                item("state", _("What to do"), Kind.CHOICE, required=True, for_all=True, choices=states),
            ),
            (),
            nouns=("registration", "deal registration", "deal reg"),
            check=Judge.now(),
        )

    def preset(self) -> dict[str, str]:
        return {"currency": super().preset()["currency"], "state": DRAFT}

    def more(self, draft: Draft, names: set[str], *, lock: bool) -> dict[str, Records]:
        """None is matched: a row is a new one, or says what is there already."""
        return {self.kind: Records(draft.target, ())}

    def writer(self, journal: Journal, by: Any) -> Writer:
        return Writer(journal, by)

    def write(self, plan: Plan, writer: Writer) -> dict[int, int] | None:
        """By the actions, row after row: places and checks are theirs."""
        new = plan.of(Outcome.NEW)
        partners = Partner.objects.unscoped("an import names any partner").in_bulk(
            [row.values["partner"] for row in new]
        )
        lines = {line.key: line for line in ProductLine.objects.all()}
        made: list[Registration] = []
        for row in new:
            values: dict[str, Any] = {name: row.values[name] for name in TYPED if name in row.values}
            values["product_lines"] = [lines[str(row.values["product_lines"])]] if "product_lines" in row.values else []
            registration = actions.save_draft(
                by=writer.by, partner=partners[row.values["partner"]], values=values, channel=Registration.Channel.FILE
            )
            if row.values["state"] == SUBMIT:
                registration = actions.submit(by=writer.by, registration=registration)
            made.append(registration)
        # As the table keeps them: an undo compares what is there with that.
        rows = Registration.objects.unscoped("just made").in_bulk([registration.pk for registration in made])
        made = [rows[registration.pk] for registration in made]
        writer.journal.made(made, [row.number for row in new])
        told: list[tuple[Model, dict[str, Any]]] = [(registration, {}) for registration in made]
        audit.record_many(by=writer.by, verb=self.verb, changes=told, note=writer.journal.run.file_name)
        return {row.number: registration.pk for row, registration in zip(new, made, strict=True)}

    def tell(self, ids: Iterable[int], fields: Iterable[str], owners: Collection[int]) -> None:
        if owners:
            events.send(RegistrationsChanged(tuple(sorted(owners)), tuple(ids)))


@dataclass
class Judge:
    """What the rows come to together: those said already, and those the policy refuses."""

    day: dt.date
    policy: RegistrationPolicy
    rates: Rates
    lines: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def now(cls) -> Judge:
        day = today()
        return cls(day, policy_on(day), rates(), dict(ProductLine.objects.values_list("key", "pk")))

    def __call__(self, draft: Draft) -> None:
        rows = [row for row in draft.alive if row.outcome is Outcome.NEW]
        there = self._there(rows)
        said: dict[Key, int] = {}
        submitted: Counter[int] = Counter()
        open_now: dict[int, int] = {}
        for row in rows:
            key = self._key(row)
            if key is not None and key in there:
                row.outcome = Outcome.UNCHANGED
            elif key is not None and key in said:
                row.outcome, row.same_as = Outcome.REPEATED, said[key]
            else:
                if key is not None:
                    said[key] = row.number
                if row.values.get("state") == SUBMIT and isinstance(partner := row.values.get("partner"), int):
                    if partner not in open_now:
                        open_now[partner] = queries.open_now(partner)
                    self._refuse(draft, row, open_now[partner] + submitted[partner])
                    submitted[partner] += row.outcome is Outcome.NEW

    def _key(self, row: PlannedRow) -> Key | None:
        partner, line = row.values.get("partner"), self.lines.get(str(row.values.get("product_lines")))
        name = matching.name_key(str(row.values.get("customer_name") or ""))[:200]
        return (partner, name, line or 0) if isinstance(partner, int) and name else None

    def _there(self, rows: Iterable[PlannedRow]) -> set[Key]:
        """What the partners have of these companies and lines, as drafts or alive."""
        partners = {row.values.get("partner") for row in rows}
        live = Registration.objects.unscoped("an import is matched to all registrations").filter(
            partner__in=[pk for pk in partners if isinstance(pk, int)],
            state__in=[*Registration.LIVE, Registration.State.DRAFT],
        )
        found = live.order_by("pk").values_list("partner_id", "name_key", "product_lines")
        return {(partner, name, line or 0) for partner, name, line in found}

    def _refuse(self, draft: Draft, row: PlannedRow, open_now: int) -> None:
        values: dict[str, Any] = row.values
        wrong = rules.refused(
            empty={name for name in rules.NEEDED if values.get(name) in (None, "")},
            expected_close=values.get("expected_close"),
            worth=self._worth(values),
            is_rfp=bool(values.get("is_rfp")),
            open_now=open_now,
            day=self.day,
            policy=self.policy,
        )
        for name, why in wrong.items():
            told = {"currency": values.get("currency"), "day": self.day.isoformat()} if why is Refused.RATE else {}
            draft.fail(row, name if name in draft.target.by_name else "", WORDS[why], **told)

    def _worth(self, values: Mapping[str, Any]) -> Decimal | None:
        if values.get("amount") is None or not values.get("currency"):
            return None
        try:
            return self.rates.convert(Money(values["amount"], values["currency"]), self.day).amount
        except NoRate:
            return None


register(RegistrationImporter())
