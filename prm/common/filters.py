"""The filter over a list: a GET form, so that its state is the address and a view can be bookmarked and sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

BOX = '<label><input type="checkbox" name="{}" value="{}" id="{}"{}> {}</label>'


@dataclass(frozen=True)
class Chip:
    """One thing the list is narrowed by, and the address without it."""

    label: str
    value: str
    url: str


class CheckMenu(forms.CheckboxSelectMultiple):
    """Several of a few: a closed box that says what is chosen and opens to checkboxes. Works without script."""

    template_name = "common/check_menu.html"
    label: Any = ""
    any_label: Any = gettext_lazy("Any")

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        # Not Django's: it makes a dictionary and a template's turn of each choice, of which there are hundreds of CAMs.
        context = forms.Widget.get_context(self, name, value, attrs)
        chosen, prefix = self.format_value(value), context["widget"]["attrs"].get("id", name)
        choices = [(str(key), str(label)) for key, label in self.choices]
        boxes = (
            (name, key, f"{prefix}_{number}", mark_safe(" checked") if key in chosen else "", label)
            for number, (key, label) in enumerate(choices)
        )
        context["widget"] |= {
            "label": self.label,
            "any": self.any_label,
            "chosen": [label for key, label in choices if key in chosen],
            "boxes": format_html_join("\n", BOX, boxes),
        }
        return context


class MenuField(forms.MultipleChoiceField):
    """A filter by any of several values of one thing."""

    widget = CheckMenu

    def __init__(self, *, any_label: Any = None, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        if any_label:
            self.widget.any_label = any_label
        self.error_messages["invalid_choice"] = _("“%(value)s” is not among the choices. It may have been removed.")


class FilterForm(forms.Form):
    """A subclass names its fields, none required, and narrows a queryset by `cleaned_data` in `narrow`.

    Values that can't be understood give the field its error, and no rows: nobody takes an unfiltered list for a filtered one.
    """

    data: QueryDict
    keeps: tuple[str, ...] = ("sort",)  # of the address, beside the filter: what removing a chip leaves as it is

    def __init__(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        said = QueryDict(mutable=True)  # an empty value filters nothing, also where several may be chosen
        for key, values in data.lists() if isinstance(data, QueryDict) else data.items():
            _put(said, key, [value for value in values if value.strip()] if isinstance(values, list) else values)
        super().__init__(said, auto_id="filter_%s", **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, CheckMenu):
                field.widget.label = field.label

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        raise NotImplementedError

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows the filter finds among those of `queryset`."""
        return self.narrow(queryset) if self.is_valid() else queryset.none()

    @property
    def problems(self) -> list[str]:
        """What is wrong with parts of the filter that the bar doesn't show."""
        hidden = [f"{bound.label}: {error}" for bound in self.hidden_fields() for error in bound.errors]
        return [*map(str, self.non_field_errors()), *hidden]

    @property
    def active(self) -> dict[str, list[str]]:
        """The parameters that filter, as they stand in the address."""
        found = {}
        for name in self.fields:
            if values := self.data.getlist(name):
                found[name] = values
        return found

    def query_string(self, **changes: Any) -> str:
        """The address part of this filter with `changes`: a value, several, or None to leave that parameter out.

        Starts with "?"; "" when nothing filters. This is how a figure links to the rows behind it.
        """
        query = QueryDict(mutable=True)
        for name, values in self.active.items():
            query.setlist(name, values)
        for name in self.keeps:
            if name in self.data:
                query.setlist(name, self.data.getlist(name))
        for name, value in changes.items():
            _put(query, name, value)
        return f"?{query.urlencode()}" if query else ""

    @property
    def chips(self) -> list[Chip]:
        """What the list is narrowed by, each removable by itself."""
        self.is_valid()
        chips = []
        for name, values in self.active.items():
            for value in values:
                rest = [other for other in values if other != value]
                label = self.fields[name].label or name
                chips.append(Chip(str(label), self.describe(name, value), self.query_string(**{name: rest}) or "?"))
        return chips

    def describe(self, name: str, value: str) -> str:
        """`value` of the parameter `name` in words."""
        choices: Iterable[tuple[Any, Any]] = getattr(self.fields[name], "choices", ())
        return next((str(label) for key, label in choices if str(key) == value), value)


def _put(query: QueryDict, key: str, value: Any) -> None:
    if value is None or value == "":
        query.pop(key, None)
    elif isinstance(value, list | tuple | set):
        query.setlist(key, [str(one) for one in value])
        if not value:
            query.pop(key, None)
    else:
        query[key] = str(value)
