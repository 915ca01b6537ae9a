"""A card of the builder: what is typed of an activity, with its budget line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from marketing import queries, reading, waterfall
from marketing.figures import RATE_NAMES
from marketing.forms.fields import AmountField, NumberField, PercentField, date_field
from marketing.models import RATES, Activity, Payer
from pipeline.models import ProductLine
from prm.common.money import minor_units

MOST_LINES = 40
MOST_LINKS = 20
LONGEST_CYCLE = 1825
WIDEST = Decimal(2_147_483_647)  # people an activity reaches at most

COMPUTED = (*RATES, "reach", "deal_size", "margin", "cycle_days", "mdf_asked", "starts_on", "ends_on")


class LineForm(forms.Form):
    """A line of the budget."""

    what = forms.CharField(
        label=_l("What"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    payer = forms.ChoiceField(label=_l("Who pays"), choices=Payer.choices)

    def __init__(self, data: Any = None, *, currency: str, **more: Any) -> None:
        super().__init__(data, **more)
        amount = AmountField(label=_l("Amount"), currency=currency, places=minor_units(currency))
        self.fields = {"what": self.fields["what"], "amount": amount, "payer": self.fields["payer"]}
        self.fields["payer"].widget.attrs["data-figure"] = ""

    @property
    def is_empty(self) -> bool:
        """Nothing stands in it: it is the line to come, or one that was emptied to take it away."""
        return not any(str(self.data.get(self.add_prefix(name), "")).strip() for name in ("what", "amount"))

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if not self.errors and not self.is_empty:
            if given["amount"] is None:
                self.add_error("amount", _("Enter an amount."))
            elif not given["what"]:
                given["what"] = _("Cost")
        return given


@dataclass
class Line:
    """A line as the card shows it; the last one is `spare`: empty, to be written in."""

    number: int
    form: LineForm
    spare: bool = False


class LinksField(forms.CharField):
    """Links, one a line: some words, then the address. Kept as [{"label", "url"}]."""

    def __init__(self, **more: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 2, "placeholder": _l("Landing page https://…")})
        super().__init__(max_length=20_000, widget=widget, **more)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{each['label']} {each['url']}".strip() for each in value)

    def clean(self, value: Any) -> Any:
        found = []
        for line in super().clean(value).splitlines():
            label, _space, url = line.strip().rpartition(" ")
            if url:
                found.append({"label": label.strip()[:200], "url": _https(url)})
        if len(found) > MOST_LINKS:
            raise ValidationError(_("At most %(n)s links.") % {"n": MOST_LINKS})
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "").split() != str(data or "").split()


def _https(url: str) -> str:
    try:
        URLValidator(schemes=["https"])(url)
    except ValidationError:
        raise ValidationError(_("“%(url)s” is no address that begins with https://.") % {"url": url[:80]}) from None
    return url


class ActivityForm(forms.Form):
    """All of an activity. Its fields are empty where nothing is known yet; only what was changed is saved."""

    title = forms.CharField(label=_l("Title"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    product_lines = forms.ModelMultipleChoiceField(
        ProductLine.objects.all(), label=_l("Product lines"), required=False, to_field_name="key",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    assets = LinksField(label=_l("Links"), required=False)

    def __init__(self, data: Any = None, *, activity: Activity, people: Sequence[User] = ()) -> None:
        super().__init__(data, initial=initial_of(activity), prefix=f"a{activity.pk}")
        self.activity = activity
        currency = activity.plan.currency
        places = minor_units(currency)
        tactics = queries.tactics() | queries.tactics(active=False).filter(pk=activity.tactic_id)
        self.fields |= {
            "tactic": forms.ModelChoiceField(tactics, label=_l("Tactic"), empty_label=None),
            "starts_on": date_field(_l("From"), required=True),
            "ends_on": date_field(_l("To"), required=True),
            "owner": forms.ChoiceField(
                label=_l("Owner"), required=False,
                choices=[("", _l("Nobody yet")), *((str(person.pk), person.display_name) for person in people)],
            ),
            "reach": NumberField(label=_l("Audience reached"), most=WIDEST),
            **{name: PercentField(label=label) for name, label in RATE_NAMES.items()},
            "deal_size": AmountField(label=_l("Average deal"), currency=currency, places=places),
            "margin": PercentField(label=_l("Partner’s margin")),
            "cycle_days": NumberField(
                label=_l("Sales cycle"), unit=_l("days"), most=Decimal(LONGEST_CYCLE), required=True
            ),
            "mdf_asked": AmountField(label=_l("MDF asked"), currency=currency, places=places),
        }  # fmt: skip
        for name in ("starts_on", "ends_on"):
            self.fields[name].widget.attrs["data-figure"] = ""

    def clean_owner(self) -> int | None:
        chosen = self.cleaned_data["owner"]
        return int(chosen) if chosen else None

    def clean_product_lines(self) -> list[str]:
        return [line.key for line in self.cleaned_data["product_lines"]]

    def clean_mdf_asked(self) -> Decimal:
        return self.cleaned_data["mdf_asked"] or Decimal(0)

    @property
    def revision(self) -> int | None:
        """That of the activity the writer started from; None where it doesn't say."""
        found = str(self.data.get(f"{self.prefix}-revision", ""))
        return int(found) if re.fullmatch(r"[0-9]{1,9}", found) else None

    @cached_property
    def lines(self) -> list[Line]:
        """The budget as it is stored or posted, and an empty line after it."""
        found = list(self._posted() if self.is_bound else self._stored())
        found[-1].spare = True
        return found

    def _line(self, number: int, data: Any = None, **more: Any) -> Line:
        prefix = f"{self.prefix}-lines-{number}"
        return Line(number, LineForm(data, currency=self.activity.plan.currency, prefix=prefix, **more))

    def _stored(self) -> Iterator[Line]:
        rows = list(self.activity.budget.all())
        for number, row in enumerate(rows):
            yield self._line(number, initial={"what": row.what, "amount": row.amount, "payer": row.payer})
        yield self._line(len(rows), initial={"payer": Payer.PARTNER})

    def _posted(self) -> Iterator[Line]:
        name = re.compile(rf"{self.prefix}-lines-(\d{{1,3}})-amount", re.ASCII)
        numbers = sorted(int(found[1]) for key in self.data if (found := name.fullmatch(key)))
        every = [self._line(number, self.data) for number in numbers]
        yield from (line for line in every if not line.form.is_empty)
        yield self._line(max(numbers, default=-1) + 1, initial={"payer": Payer.PARTNER})

    def is_valid(self) -> bool:
        good = super().is_valid()
        lines = [line.form for line in self.lines if line.form.is_bound]
        if len(lines) > MOST_LINES:
            self.add_error(None, _("At most %(n)s budget lines.") % {"n": MOST_LINES})
            good = False
        return not any(form.errors for form in lines) and good

    @property
    def budget(self) -> list[dict[str, Any]]:
        """The lines, as actions take them."""
        rows = (line.form.cleaned_data for line in self.lines if line.form.is_bound)
        return [{"what": row["what"], "amount": row["amount"], "payer": row["payer"]} for row in rows]

    @property
    def changes(self) -> dict[str, Any]:
        """What was changed, as `actions.change_activity` takes it. Raises ValueError for a form that isn't valid."""
        if self.errors:
            raise ValueError("The form has errors")
        found = {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}
        stored = [{"what": row.what, "amount": row.amount, "payer": row.payer} for row in self.activity.budget.all()]
        if self.budget != stored:
            found["budget"] = self.budget
        return found

    def blame(self, error: ValidationError) -> None:
        """Puts what an action refused at the fields: "budget.0.amount" is the first line's."""
        filled = [line.form for line in self.lines if line.form.is_bound]
        for name, found in error.message_dict.items():
            place = re.fullmatch(r"budget\.(\d+)\.(\w+)", name)
            if place and int(place[1]) < len(filled) and place[2] in filled[0].fields:
                filled[int(place[1])].add_error(place[2], found)
            else:
                self.add_error(name if name in self.fields else "assets" if name.startswith("assets") else None, found)

    @property
    def wrong(self) -> dict[str, str]:
        """Messages by the id of the field; "" for what is no field's."""
        found: dict[str, str] = {}
        for form in (self, *(line.form for line in self.lines if line.form.is_bound)):
            for name, errors in form.errors.items():
                key = "" if name == "__all__" else form[name].auto_id or ""
                found[key] = " ".join(str(error) for error in errors)
        return found

    def planned(self) -> waterfall.Plan:
        """What the waterfall is computed from with what is typed; a rate that wasn't touched stays exact. Raises waterfall.Wrong."""
        stored, changes = reading.planned(self.activity), self.changes
        values = {
            name: changes[name] if name in changes else getattr(stored, name)
            for name in ("starts_on", "ends_on", *RATES, "reach", "deal_size", "margin")
        }
        return waterfall.Plan(
            **values,
            cost=sum((row["amount"] for row in self.budget), Decimal(0)),
            mdf=self.mdf,
            cycle_days=int(changes.get("cycle_days", stored.cycle_days)),
        )

    @property
    def mdf(self) -> Decimal:
        """MDF asked with what is typed: it follows the lines that MDF pays until it is something else."""
        asked, lines = self.activity.mdf_asked, paid_by(self.budget).get(Payer.MDF, Decimal(0))
        follows = asked == paid_by(
            {"payer": row.payer, "amount": row.amount} for row in self.activity.budget.all()
        ).get(Payer.MDF, Decimal(0))
        return Decimal(self.changes.get("mdf_asked", lines if follows else asked))


def paid_by(lines: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    """The sum of the lines by who pays."""
    found: dict[str, Decimal] = {}
    for line in lines:
        found[line["payer"]] = found.get(line["payer"], Decimal(0)) + line["amount"]
    return found


def initial_of(activity: Activity) -> dict[str, Any]:
    names = (
        "title", "starts_on", "ends_on", "reach", *RATES, "deal_size", "margin", "cycle_days", "mdf_asked", "assets",
    )  # fmt: skip
    found: dict[str, Any] = {name: getattr(activity, name) for name in names}
    found["tactic"] = activity.tactic_id
    found["owner"] = str(activity.owner_id or "")
    found["product_lines"] = [line.key for line in activity.product_lines.all()]
    return found
