"""The worksheet as a form: three columns of numbers, factors of the base, and how the MGOs are shared out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from marketing.program.document import MOST_FACTORS, OTHERS, Case, Sheet, Way
from marketing.worksheet import DEAL, FACTOR, RATES, Stage
from partners.models import Tier
from prm.common.numbers import round_half_away

LARGEST = Decimal("99999999999999.99")
PERCENT_PLACES = 4
MOST_WEIGHT = 1000

CASES: dict[Case, Any] = {Case.BLEAK: _l("Bleak"), Case.BASE: _l("Base"), Case.STRETCH: _l("Stretch")}
LABELS: dict[str, Any] = {
    "response": _l("Response"),
    "mql": _l("Inquiry to MQL"),
    "sal": _l("MQL to SAL"),
    "sql": _l("SAL to MGO"),
    "win": _l("MGO to win"),
    DEAL: _l("Average deal"),
    FACTOR: _l("Factors together"),
}
STARTS: dict[str, Any] = {
    Stage.REACH.value: _l("Reach"),
    Stage.INQUIRY.value: _l("Inquiries"),
    Stage.MQL.value: _l("MQLs"),
    Stage.SAL.value: _l("SALs"),
    Stage.MGO.value: _l("MGOs"),
}
WAYS: dict[Way, Any] = {
    Way.EQUAL: _l("Equal for each partner"),
    Way.TIER: _l("By weight of the tier"),
    Way.TARGET: _l("By revenue target"),
}


@dataclass(frozen=True)
class Line:
    """A row of numbers: what they are, their unit, and the fields of the columns; None where the column has none."""

    name: str
    label: Any
    unit: str
    fields: list[forms.BoundField | None]


class WorksheetForm(forms.Form):
    """Typed in per cent. A bleak or stretch number that is empty, or left as it was filled in, follows the base."""

    revenue = forms.DecimalField(
        label=_l("Revenue wanted"), required=False, min_value=0, max_value=LARGEST, localize=True
    )
    way = forms.ChoiceField(label=_l("Share out"), choices=[(way.value, name) for way, name in WAYS.items()])
    revision = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, sheet: Sheet, currency: str, revision: int) -> None:
        super().__init__(
            data, initial={"way": sheet.way.value, "revision": revision, "revenue": _tidy(sheet.revenue, 2)}
        )
        self.sheet, self.currency = sheet, currency
        for case, title in CASES.items():
            for name in (*RATES, DEAL, *((FACTOR,) if case in OTHERS else ())):
                self._number(case, name, f"{title}: {LABELS[name]}")
        for place in range(MOST_FACTORS):
            name, share = sheet.factors[place] if place < len(sheet.factors) else ("", None)
            self.fields[f"factor_{place}_name"] = forms.CharField(
                label=_("Factor %(n)s") % {"n": place + 1}, max_length=80, required=False, initial=name,
                widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("Partners taking part")}),
            )  # fmt: skip
            self.fields[f"factor_{place}_share"] = _percent(
                _("Share of factor %(n)s, %%") % {"n": place + 1}, None if share is None else share * 100
            )
        self.tiers = list(Tier.objects.order_by("order", "pk"))
        for tier in self.tiers:
            self.fields[f"weight_{tier.key}"] = forms.IntegerField(
                label=tier.name, required=False, min_value=0, max_value=MOST_WEIGHT, initial=sheet.weights.get(tier.key)
            )

    def _number(self, case: Case, name: str, label: str) -> None:
        value = shown(self.sheet, case, name)
        if name == DEAL:
            self.fields[f"{case}_{name}"] = forms.DecimalField(
                label=label, required=False, min_value=0, max_value=LARGEST, localize=True, initial=value
            )
        else:
            self.fields[f"{case}_{name}"] = _percent(label, value)

    # ── As the page shows it ─────────────────────────────────────────────────────────────────────────────────────────

    @property
    def lines(self) -> list[Line]:
        found = []
        for name in (*RATES, DEAL, FACTOR):
            unit = self.currency if name == DEAL else "%"
            cells = [self[f"{case}_{name}"] if f"{case}_{name}" in self.fields else None for case in CASES]
            found.append(Line(name, LABELS[name], unit, cells))
        return found

    @property
    def factors(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Those there are and one more, two at least."""
        rows = [(self[f"factor_{n}_name"], self[f"factor_{n}_share"]) for n in range(MOST_FACTORS)]
        used = [n for n, row in enumerate(rows) if any(bound.value() not in (None, "") for bound in row)]
        return rows[: max(2, (used[-1] + 2) if used else 0)]

    @property
    def weights(self) -> list[forms.BoundField]:
        return [self[f"weight_{tier.key}"] for tier in self.tiers]

    @property
    def following(self) -> list[SafeString]:
        """The inputs that may change with another, to be put in the place of those there are: the mark of what was saved, and what
        follows the base."""
        names = ["revision", *(f"{case}_{name}" for case in OTHERS for name in (*RATES, DEAL, FACTOR))]
        return [self[name].as_widget(attrs={"hx-swap-oob": "true"}) for name in names]

    # ── What was typed ───────────────────────────────────────────────────────────────────────────────────────────────

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        for place in range(MOST_FACTORS):
            name, share = values.get(f"factor_{place}_name"), values.get(f"factor_{place}_share")
            if share is not None and not name:
                values[f"factor_{place}_name"] = _("Factor %(n)s") % {"n": place + 1}
            if name and share is None and f"factor_{place}_share" not in self.errors:
                self.add_error(f"factor_{place}_share", ValidationError(_("Enter a share.")))
        return values

    @property
    def typed(self) -> Sheet:
        """The worksheet as it was typed; only of a valid form."""
        values = self.cleaned_data
        factors = tuple(
            (values[f"factor_{n}_name"], values[f"factor_{n}_share"] / 100)
            for n in range(MOST_FACTORS)
            if values.get(f"factor_{n}_share") is not None
        )
        own: dict[Case, dict[str, Decimal | None]] = {}
        for case in OTHERS:
            own[case] = {name: self._stored(case, name) for name in (*RATES, DEAL, FACTOR) if self._is_own(case, name)}
        return replace(
            self.sheet,
            revenue=values["revenue"],
            base={name: self._stored(Case.BASE, name) for name in (*RATES, DEAL)},
            factors=factors,
            own=own,
            way=Way(values["way"]),
            weights={tier.key: values.get(f"weight_{tier.key}") or 0 for tier in self.tiers},
        )

    def _stored(self, case: Case, name: str) -> Decimal | None:
        value: Decimal | None = self.cleaned_data[f"{case}_{name}"]
        return value if value is None or name == DEAL else value / 100

    def _is_own(self, case: Case, name: str) -> bool:
        value = self.cleaned_data[f"{case}_{name}"]
        if value is None:
            return False
        return name in self.sheet.own.get(case, {}) or value != shown(self.sheet, case, name)


class AheadForm(forms.Form):
    """Where the way forward begins: so many at a stage."""

    stage = forms.ChoiceField(label=_l("Start from"), choices=list(STARTS.items()))
    count = forms.DecimalField(label=_l("How many"), min_value=0, max_value=LARGEST, localize=True)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="ahead_%s")


def shown(sheet: Sheet, case: Case, name: str) -> Decimal | None:
    """A number of a column as it stands in its field: rates in per cent."""
    value = getattr(sheet.column(case), name)
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return _tidy(exact, 2) if name == DEAL else _tidy(exact * 100, PERCENT_PLACES)


def _tidy(value: Decimal | None, places: int) -> Decimal | None:
    return None if value is None else Decimal(f"{round_half_away(value, places).normalize():f}")


def _percent(label: str, initial: Decimal | None) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_value=100, decimal_places=PERCENT_PLACES, localize=True,
        initial=_tidy(initial, PERCENT_PLACES),
    )  # fmt: skip
