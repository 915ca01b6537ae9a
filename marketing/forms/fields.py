"""Numbers of a marketing plan as people type them: counts, amounts, percents; and how they are shown again."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from planning.forms.typed import document_number, typed_number

LARGEST = Decimal(10) ** 12  # of amounts and counts; less than a column of the database holds


class NumberInput(forms.TextInput):
    """A number with its unit beside it; an empty one says what it then is."""

    def __init__(self, *, unit: Any = "", empty: str = "", **attrs: Any) -> None:
        shown = {"inputmode": "decimal", "autocomplete": "off", **attrs}
        super().__init__(attrs={**shown, "placeholder": empty} if empty else shown)
        self.unit = unit


class NumberField(forms.Field):
    """A number from `least` to `most` with at most `places` decimals, as the reader's language writes it. None where empty."""

    widget = NumberInput

    def __init__(
        self,
        *,
        places: int = 0,
        least: Decimal = Decimal(0),
        most: Decimal = LARGEST,
        unit: Any = "",
        figure: bool = True,
        **more: Any,
    ) -> None:
        attrs = {"data-figure": ""} if figure else {}
        super().__init__(widget=NumberInput(unit=unit, **attrs), **{"required": False, **more})
        self.places, self.least, self.most = places, least, most

    def to_python(self, value: Any) -> Decimal | None:
        typed = str(value or "").strip()
        if not typed:
            return None
        try:
            found = Decimal(document_number(typed))
        except InvalidOperation:
            raise ValidationError(_("Enter a number.")) from None
        if not found.is_finite():
            raise ValidationError(_("Enter a number."))
        return self._fitting(found)

    def _fitting(self, found: Decimal) -> Decimal:
        if found < self.least:
            raise ValidationError(_("At least %(number)s.") % {"number": typed_number(self.least)})
        if found > self.most:
            raise ValidationError(_("At most %(number)s.") % {"number": typed_number(self.most)})
        if found != found.quantize(Decimal(1).scaleb(-self.places)):
            raise ValidationError(
                _("A whole number.") if not self.places else _("At most %(n)s decimals.") % {"n": self.places}
            )
        return found

    def prepare_value(self, value: Any) -> Any:
        return typed_number(value) if isinstance(value, int | Decimal) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != data)


class PercentField(NumberField):
    """A share from 0 to 1, typed and shown as percent: "2.5" is 0.025. What is over 100 % is refused."""

    def __init__(self, *, places: int = 4, **more: Any) -> None:
        super().__init__(places=places, most=Decimal(100), unit="%", **more)

    def to_python(self, value: Any) -> Decimal | None:
        found = super().to_python(value)
        return None if found is None else found.scaleb(-2)

    def _fitting(self, found: Decimal) -> Decimal:
        if found > self.most:
            raise ValidationError(_("A rate is at most 100%."))
        if found < self.least:
            raise ValidationError(_("A rate is at least 0%."))
        return super()._fitting(found)

    def prepare_value(self, value: Any) -> Any:
        return typed_number(Decimal(value).scaleb(2)) if isinstance(value, int | Decimal) else value


class AmountField(NumberField):
    """An amount in the plan's currency, at its minor unit."""

    def __init__(self, *, currency: str, places: int, **more: Any) -> None:
        super().__init__(places=places, unit=currency, **more)


def date_field(label: Any, **more: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **more.pop("attrs", {})})
    return forms.DateField(label=label, widget=widget, **{"required": False, **more})
