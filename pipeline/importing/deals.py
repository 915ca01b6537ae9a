"""Deals in: where they stand, whom they count for, and each change of stage on record."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.importing import PartnerImporter
from pipeline.deals import rules
from pipeline.events import DealsChanged
from pipeline.importing import parts
from pipeline.importing.vocabulary import DEAL
from pipeline.models import Deal, DealShare, DealStage, ProductLine, StageChange
from prm.common import events
from prm.common.vendor import today
from prm.imports.fields import NEW_CHOICE, Choice, Identity, Kind, Target
from prm.imports.importer import Writer
from prm.imports.journal import Change, Journal
from prm.imports.matching import Record, Records
from prm.imports.messages import marked
from prm.imports.outcome import Draft, PlannedRow

LARGEST = Decimal("99999999999999.9999")
WHOLE = Decimal("100.00")
STORED = (
    "name", "amount", "currency", "probability", "expected_close", "created_on", "registered_on", "closed_on", "stage_since",
    "led_by", "kind", "lost_reason", "source", "external_id",
)  # fmt: skip
DAYS = ("created_on", "registered_on", "closed_on")
REFUSED = {
    "future": marked("This day is still to come."),
    "after_close": marked("This can’t be after the day the deal was closed."),
}
SPLIT = ("partner2", "partner2_percent")
STAGES = {
    "qualified": ("Qualify", "Qualification", "qualifiedtobuy", "Prospecting", "appointmentscheduled", "Lead"),
    "proof": (
        "Proof of Concept",
        "Needs Analysis",
        "Develop",
        "presentationscheduled",
        "Solution",
        "Value Proposition",
    ),
    "proposal": ("Propose", "Proposal/Price Quote", "Proposal/Quote", "decisionmakerboughtin", "Quote"),
    "negotiation": ("Negotiation/Review", "contractsent", "Close", "Finalize", "Commit"),
    "won": ("Closed Won", "closedwon", "Closed - Won"),
    "lost": ("Closed Lost", "closedlost", "Closed - Lost", "Canceled", "Out-Sold"),
}
LED = {
    Deal.Lead.PARTNER: ("Partner-led", "Partner driven", "Yes", "True", "1", "Channel", "Indirect", "Reseller"),
    Deal.Lead.VENDOR: ("Vendor-led", "Direct", "No", "False", "0", "Sales", "Internal"),
}


class DealImporter(parts.SalesImporter):
    kind = "deal"
    label = gettext_lazy("Deals")
    hint = gettext_lazy("one a row: partner, name, stage, amount, expected close, id in your CRM …")
    verb = "deal.imported"
    undo_verb = "deal.import_undone"
    model = Deal
    list_url = "pipeline:deals"
    list_label = gettext_lazy("See the deals")

    def target(self) -> Target:
        field = parts.fields_of(DEAL)
        stages = tuple(Choice(row.key, row.name, STAGES.get(row.key, ())) for row in DealStage.objects.all())
        lead = tuple(Choice(value.value, str(value.label), LED[value]) for value in Deal.Lead)
        return Target(
            self.kind,
            str(self.label),
            (
                field("partner", _("Partner"), Kind.REFERENCE, required=True, refers_to=PartnerImporter.kind),
                field("name", _("Deal"), max_length=250),
                *parts.id_fields(field),
                *parts.customer_fields(field),
                field("stage", _("Stage"), Kind.CHOICE, required=True, for_all=True, creatable=True, choices=stages),
                field("amount", _("Amount"), Kind.DECIMAL, required=True, places=4, min_value=0, max_value=LARGEST),
                field("currency", _("Currency"), Kind.CURRENCY, required=True, for_all=True),
                field("probability", _("Probability, %"), Kind.PERCENT, places=2, min_value=0, max_value=100),
                field("expected_close", _("Expected close"), Kind.DATE),
                field("created_on", _("Created on"), Kind.DATE),
                field("registered_on", _("Registered on"), Kind.DATE),
                field("closed_on", _("Closed on"), Kind.DATE),
                field("stage_since", _("In this stage since"), Kind.DATE),
                field("led_by", _("Led by"), Kind.CHOICE, for_all=True, choices=lead),
                field("kind", _("Kind"), Kind.CHOICE, choices=parts.kinds()),
                field("product_line", _("Product line"), Kind.CHOICE, creatable=True, choices=parts.choices(ProductLine)),
                field("lost_reason", _("Why lost"), max_length=300),
                field("partner2", _("Second partner"), Kind.REFERENCE, refers_to=PartnerImporter.kind),
                field("partner2_percent", _("Second partner’s share, %"), Kind.PERCENT, places=2, min_value=0, max_value=100),
            ),
            (
                Identity(("source", "external_id"), unique=True),
                Identity(("partner", "name"), normalise=str.casefold),
            ),
            nouns=("opportunity", "deal"),
            finish=parts.joined_id,
            check=Judge(today(), dict(DealStage.objects.values_list("key", "outcome"))),
        )  # fmt: skip

    def preset(self) -> dict[str, str]:
        return {**super().preset(), "led_by": Deal.Lead.PARTNER.value}

    def more(self, draft: Draft, names: set[str], *, lock: bool) -> dict[str, Records]:
        ids = {row.values.get("external_id") for row in draft.rows} - {None}
        titles = {row.values.get("name") for row in draft.rows if not row.values.get("external_id")} - {None}
        rows = Deal.objects.unscoped("an import is matched to all deals").filter(
            Q(external_id__in=ids) | Q(name__in=titles)
        )
        if lock:
            rows = rows.select_for_update(no_key=True)
        lines, stages = (dict(model.objects.values_list("pk", "key")) for model in (ProductLine, DealStage))
        cells = list(
            rows.order_by("pk").values_list("pk", "partner_id", "customer_id", "product_line_id", "stage_id", *STORED)
        )
        shares = shares_of([pk for pk, *_rest in cells])
        found = []
        for pk, partner, customer, line, stage, *others in cells:
            values: dict[str, Any] = dict(zip(STORED, others, strict=True))
            values |= {
                "partner": partner,
                "customer": customer,
                "product_line": lines.get(line),
                "stage": stages[stage],
            }
            values |= {"shares": len(shares[pk])}
            second = [share for share in shares[pk] if share.partner_id != partner]
            if len(shares[pk]) == 2 and len(second) == 1:
                values |= {"partner2": second[0].partner_id, "partner2_percent": second[0].percent}
            found.append(Record(pk, values["name"], values))
        return {self.kind: Records(draft.target, found), "customer": parts.customers(draft, found)}

    def writer(self, journal: Journal, by: Any) -> Writer:
        return DealWriter(journal, by, {"product_line": ProductLine, "stage": DealStage})

    def owners(self, ids: Iterable[int]) -> set[int]:
        """All that have a share."""
        shares = DealShare.objects.unscoped("whose deals an import touches").filter(deal__in=list(ids))
        return super().owners(ids) | set(shares.order_by("partner").values_list("partner", flat=True).distinct())

    def tell(self, ids: Iterable[int], fields: Iterable[str], owners: Collection[int]) -> None:
        if owners:
            events.send(DealsChanged(tuple(sorted(owners)), tuple(ids)))


def shares_of(deals: Iterable[int]) -> dict[int, list[DealShare]]:
    found: dict[int, list[DealShare]] = defaultdict(list)
    for share in (
        DealShare.objects.unscoped("of deals an import is matched to").filter(deal__in=list(deals)).order_by("pk")
    ):
        found[share.deal_id].append(share)
    return found


class Judge:
    """What the cells of a deal come to together: when it was closed, since when it is in its stage, and what contradicts."""

    def __init__(self, day: dt.date, outcomes: Mapping[str, str]) -> None:
        self.day = day
        self.outcomes = outcomes

    def __call__(self, draft: Draft) -> None:
        parts.check_customers(draft)
        for row in draft.alive:
            before = draft.own.by_id[row.record].values if row.record is not None else {}
            self._split(draft, row, before)
            if not before and not (row.values.get("name") or row.values.get("external_id")):
                draft.fail(row, "name", marked("A deal needs a name or an id."))
            elif row.values.get("stage") or before:
                self._date(draft, row, before)

    def _is_closed(self, key: object) -> bool:
        return self.outcomes.get(str(key), DealStage.Outcome.OPEN) != DealStage.Outcome.OPEN

    def _date(self, draft: Draft, row: PlannedRow, before: Mapping[str, object]) -> None:
        values: dict[str, Any] = row.values
        stage, was = values.get("stage", before.get("stage")), before.get("stage")
        closed = self._is_closed(stage)
        if closed:
            values.pop("probability", None)
            if before.get("probability") is not None:
                values["probability"] = None
            if stage != was and not values.get("closed_on"):
                values["closed_on"] = self._closing(values, before)
        else:
            values.pop("closed_on", None)
            if before.get("closed_on"):
                values["closed_on"] = None
        if self.outcomes.get(str(stage)) != DealStage.Outcome.LOST:
            values.pop("lost_reason", None)
            if before.get("lost_reason"):
                values["lost_reason"] = ""
        if not before:
            given = [values.get("registered_on"), values.get("closed_on"), self.day]
            values.setdefault("created_on", min(day for day in given if day))
            values["stage_since"] = values["closed_on"] if closed else values.get("stage_since", values["created_on"])
        elif stage != was:
            values["stage_since"] = values["closed_on"] if closed else values.get("stage_since", self.day)
        else:
            values.pop("stage_since", None)
        days: dict[str, Any] = {name: values.get(name, before.get(name)) for name in DAYS}
        for name, why in rules.dates_refused(day=self.day, **days).items():
            draft.fail(row, name, REFUSED[why])

    def _closing(self, values: Mapping[str, Any], before: Mapping[str, Any]) -> dt.date:
        """When a deal was closed of which the file doesn't say it: on its expected day if that is past, else today."""
        expected = values.get("expected_close", before.get("expected_close"))
        created = values.get("created_on", before.get("created_on"))
        day: dt.date = expected if expected and expected <= self.day else self.day
        return max(day, created) if created and created <= self.day else day

    def _split(self, draft: Draft, row: PlannedRow, before: Mapping[str, object]) -> None:
        """Two partners' shares. More than two are divided on the deal's page."""
        second, percent = (row.values.get(name, before.get(name)) for name in SPLIT)
        shares = before.get("shares", 1)
        if shares not in (1, 2) and any(name in row.values for name in SPLIT):
            draft.fail(row, "partner2", marked("More than two partners share this deal. Divide it on its page."))
        elif second is not None and second == row.values.get("partner", before.get("partner")):
            draft.fail(row, "partner2", marked("The second partner is the first one."))
        elif (second is None) != (percent is None):
            draft.fail(row, "partner2", marked("A split needs the second partner and its share."))
        elif percent is not None and percent in (0, WHOLE):
            draft.fail(row, "partner2_percent", marked("Each of the two partners needs a share above 0 %%."))


class DealWriter(parts.SalesWriter):
    """Deals with their shares and the changes of their stage; new stages with the probability their deals have."""

    def prepare(self, rows: Sequence[PlannedRow]) -> None:
        super().prepare(rows)
        self.rows = list(rows)
        self.left: dict[int, tuple[int, int]] = {}  # the stage and the partner each deal had
        self.probabilities: dict[str, Counter[Decimal]] = defaultdict(Counter)
        for row in rows:
            stage, percent = str(row.values.get("stage", "")), row.values.get("probability")
            if stage.startswith(NEW_CHOICE) and isinstance(percent, Decimal):
                self.probabilities[stage][percent] += 1

    def more(self, name: str, key: str) -> dict[str, Any]:
        """The probability most of its deals have in the file."""
        if name != "stage":
            return {}
        seen = self.probabilities[key].most_common(1)
        return {"probability": seen[0][0] if seen else Decimal("0.00")}

    def columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return super().columns({name: value for name, value in values.items() if name not in SPLIT})

    def before(self, new: Sequence[Any], changes: Sequence[Change]) -> None:
        super().before(new, changes)
        for deal in new:
            deal.name = deal.name or _("Deal %(id)s") % {"id": deal.external_id}
        self.left = {change.instance.pk: (change.instance.stage_id, change.instance.partner_id) for change in changes}

    def after(self, new: Sequence[Any], changes: Sequence[Change]) -> None:
        moved = [one.instance for one in changes if "stage_id" in one.values]
        steps = [StageChange(deal=deal, to_stage_id=deal.stage_id, on=deal.stage_since, by=self.by) for deal in new]
        steps += [
            StageChange(
                deal=deal,
                from_stage_id=self.left[deal.pk][0],
                to_stage_id=deal.stage_id,
                on=deal.stage_since,
                by=self.by,
            )
            for deal in moved
        ]
        self.journal.create(steps, [None] * len(steps))
        self._share(new)
        self._share_again()

    def _share(self, new: Sequence[Any]) -> None:
        shares = []
        for deal, row in zip(new, self.rows, strict=False):
            second, percent = row.values.get("partner2"), row.values.get("partner2_percent")
            if isinstance(second, int) and isinstance(percent, Decimal):
                shares.append(DealShare(deal=deal, partner_id=deal.partner_id, percent=WHOLE - percent))
                shares.append(DealShare(deal=deal, partner_id=second, percent=percent))
            else:
                shares.append(DealShare(deal=deal, partner_id=deal.partner_id, percent=WHOLE))
        self.journal.create(shares, [None] * len(shares))

    def _share_again(self) -> None:
        """Shares of deals that got another partner, or are split in another way."""
        touched = {row.record: row for row in self.rows if {"partner", *SPLIT} & set(row.changes)}
        there = shares_of(pk for pk in touched if isinstance(pk, int))
        changes, fresh = [], []
        for pk, shares in there.items():
            row, was = touched[pk], self.left[pk][1]
            first = next((share for share in shares if share.partner_id == was), shares[0])
            partner, second, percent = (row.values.get(name) for name in ("partner", *SPLIT))
            values: dict[str, Any] = {"partner_id": partner} if "partner" in row.changes else {}
            if percent is not None and isinstance(percent, Decimal):
                values["percent"] = WHOLE - percent
            others = [share for share in shares if share is not first]
            if others and (second is not None or percent is not None):
                given = {"partner_id": second, "percent": percent}
                changes.append(Change(others[0], {name: value for name, value in given.items() if value is not None}))
            elif isinstance(second, int) and isinstance(percent, Decimal):
                fresh.append(DealShare(deal_id=pk, partner_id=second, percent=percent))
            changes.append(Change(first, values))
        self.journal.change(change for change in changes if change.values)
        self.journal.create(fresh, [None] * len(fresh))
