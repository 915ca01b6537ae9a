"""What is typed around QBRs: which quarter, commentary, choices, commitments, the meeting, sharing, templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from partners.forms import PartnerPick, date_input
from partners.models import Contact
from prm.common.fiscal import FiscalQuarter
from prm.common.saving import saved
from qbr import actions
from qbr.actions import Person
from qbr.actions.sharing import LONGEST_MESSAGE
from qbr.choices import MOST_LINES
from qbr.models import Commitment, Qbr, Side, Version
from qbr.models.review import LONGEST_TEXT

SOMEBODY = {Side.VENDOR: "v", Side.PARTNER: "p"}  # of a side, who is neither user nor contact: named in words


class QuarterForm(forms.Form):
    """Which quarter is reviewed."""

    quarter = forms.ChoiceField(label=_l("Quarter"))

    def __init__(
        self, data: Any = None, *, quarters: Iterable[FiscalQuarter], usual: FiscalQuarter, **kwargs: Any
    ) -> None:
        super().__init__(data, initial={"quarter": usual.key}, **kwargs)
        field: Any = self.fields["quarter"]
        field.choices = [(quarter.key, quarter.label) for quarter in quarters]


class PartnerQuarterForm(QuarterForm):
    """Whose review, of which quarter."""

    def __init__(self, data: Any = None, *, user: User, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["partner"] = PartnerPick("partner", user, None, label=_l("Partner"))
        self.fields["partner"].required = True
        self.fields["partner"].error_messages["required"] = _l("Say whose review it is.")
        self.order_fields(["partner", "quarter"])


class CommentaryForm(forms.Form):
    """The sentences of a slide, one a line."""

    lines = forms.CharField(
        label=_l("Sentences"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_l("One sentence a line. Empty: the slide has none."),
    )  # fmt: skip

    def clean_lines(self) -> list[str]:
        said = [" ".join(line.split()) for line in str(self.cleaned_data["lines"]).splitlines()]
        return [line for line in said if line][: MOST_LINES + 1]


class PickForm(forms.Form):
    """Some of those there are: texts of the summary, deals, or actions. The value of a text is its place in the list."""

    def __init__(
        self, data: Any = None, *, kind: str, label: Any, options: Sequence[tuple[str, str]], chosen: Iterable[str]
    ) -> None:
        super().__init__(data, prefix=kind)
        self.fields["picked"] = forms.MultipleChoiceField(
            label=label, required=False, choices=options, initial=list(chosen), widget=forms.CheckboxSelectMultiple
        )


# ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class CommitmentForm(forms.Form):
    """What somebody does by when."""

    text = forms.CharField(
        label=_l("Commitment"), max_length=LONGEST_TEXT, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    owner = forms.ChoiceField(label=_l("Who"))
    owner_name = forms.CharField(label=_l("Name"), required=False, max_length=150, help_text=_l("Of somebody else."))
    due_on = forms.DateField(label=_l("By"), widget=date_input())

    def __init__(
        self,
        data: Any = None,
        *,
        ours: Sequence[User],
        theirs: Sequence[User],
        contacts: Sequence[Contact],
        initial: Any = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.people: dict[str, tuple[str, User | None, str]] = {
            **{f"u{user.pk}": (Side.VENDOR, user, "") for user in ours},
            **{f"u{user.pk}": (Side.PARTNER, user, "") for user in theirs},
            **{f"c{contact.pk}": (Side.PARTNER, None, contact.name) for contact in contacts},
        }
        field: Any = self.fields["owner"]
        field.choices = [
            (_("Ours"), [*((f"u{user.pk}", user.display_name) for user in ours), ("v", _("Somebody else of ours"))]),
            (
                _("The partner’s"),
                [
                    *((f"u{user.pk}", user.display_name) for user in theirs),
                    *((f"c{contact.pk}", contact.name) for contact in contacts),
                    ("p", _("Somebody else of theirs")),
                ],
            ),
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("owner") in ("v", "p") and not values.get("owner_name"):
            self.add_error("owner_name", _("Say who does it."))
        return values

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        sides = {"v": Side.VENDOR, "p": Side.PARTNER}
        side, owner, name = self.people.get(data["owner"]) or (sides[data["owner"]], None, data["owner_name"])
        return {"side": side, "owner": owner, "owner_name": name, "text": data["text"], "due_on": data["due_on"]}


def commitment_initial(row: Commitment, contacts: Sequence[Contact]) -> dict[str, Any]:
    """What the form shows of one there is."""
    named = next((f"c{contact.pk}" for contact in contacts if contact.name == row.owner_name), "")
    owner = f"u{row.owner_id}" if row.owner_id else named or SOMEBODY[Side(row.side)]
    return {
        "text": row.text,
        "owner": owner,
        "owner_name": "" if named or row.owner_id else row.owner_name,
        "due_on": row.due_on,
    }


class HeldForm(forms.Form):
    """When it was held, and who was there of both sides."""

    held_on = forms.DateField(label=_l("Held on"), widget=date_input())
    ours = forms.MultipleChoiceField(label=_l("Of our side"), required=False, widget=forms.CheckboxSelectMultiple)
    ours_more = forms.CharField(
        label=_l("Others of our side"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), help_text=_l("One name a line."),
    )  # fmt: skip
    theirs = forms.MultipleChoiceField(
        label=_l("Of the partner’s side"), required=False, widget=forms.CheckboxSelectMultiple
    )
    theirs_more = forms.CharField(
        label=_l("Others of the partner’s side"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), help_text=_l("One name a line."),
    )  # fmt: skip

    def __init__(
        self,
        data: Any = None,
        *,
        ours: Sequence[User],
        theirs: Sequence[User],
        contacts: Sequence[Contact],
        initial: Any = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.people: dict[str, Person] = {
            **{f"u{user.pk}": Person(Side.VENDOR, user=user) for user in ours},
            **{f"u{user.pk}": Person(Side.PARTNER, user=user) for user in theirs},
            **{f"c{contact.pk}": Person(Side.PARTNER, contact=contact) for contact in contacts},
        }
        fields: dict[str, Any] = self.fields
        fields["ours"].choices = [(f"u{user.pk}", user.display_name) for user in ours]
        fields["theirs"].choices = [
            *((f"u{user.pk}", user.display_name) for user in theirs),
            *((f"c{contact.pk}", contact.name) for contact in contacts),
        ]
        for name in ("ours", "theirs"):
            if not fields[name].choices:
                del fields[name]

    @property
    def attendees(self) -> list[Person]:
        data = self.cleaned_data
        found = [self.people[key] for name in ("ours", "theirs") for key in data.get(name, [])]
        for side, name in ((Side.VENDOR, "ours_more"), (Side.PARTNER, "theirs_more")):
            found += [Person(side, name=line.strip()) for line in data[name].splitlines() if line.strip()]
        return found


class ShareForm(forms.Form):
    """Which version the partner sees, and who is told."""

    version = forms.ModelChoiceField(Version.everything.none(), label=_l("Version"), empty_label=None)
    to = forms.MultipleChoiceField(
        label=_l("Mail with a link to"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_l("The link opens this review without a password. All users of the partner find it in the portal."),
    )  # fmt: skip
    message = forms.CharField(
        label=_l("Message"), required=False, max_length=LONGEST_MESSAGE, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any = None, *, versions: Any, people: Sequence[User]) -> None:
        newest = versions.first()
        super().__init__(data, initial={"version": newest.pk if newest else None, "to": [user.pk for user in people]})
        fields: dict[str, Any] = self.fields
        fields["version"].queryset = versions
        fields["version"].label_from_instance = lambda row: (
            _("Version %(n)s, data as of %(day)s")
            % {
                "n": row.number,
                "day": date_format(row.as_of, "SHORT_DATE_FORMAT"),
            }
        )
        self.people = {str(user.pk): user for user in people}
        fields["to"].choices = [(key, f"{user.display_name} ({user.email})") for key, user in self.people.items()]
        if not people:
            del fields["to"]

    @property
    def readers(self) -> list[User]:
        return [self.people[key] for key in self.cleaned_data.get("to", [])]


def hold(form: HeldForm, qbr: Qbr, by: User) -> bool:
    """Whether it was written down; else the form says why not."""
    return saved(form, actions.hold, qbr=qbr, by=by, held_on=form.cleaned_data["held_on"], people=form.attendees)


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class TemplateForm(forms.Form):
    file = forms.FileField(
        label=_l("PowerPoint file"),
        widget=forms.FileInput(attrs={"accept": ".pptx,.potx"}),
        help_text=_l(
            "A .pptx or .potx of at most 20 MB, without macros. Its layouts and its theme are used; its slides aren’t."
        ),
    )


class LogoForm(forms.Form):
    logo = forms.FileField(
        label=_l("Logo"), widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,.webp"}), help_text=_l("PNG, JPEG or WebP, at most 1 MB.")
    )  # fmt: skip


class SlidesForm(forms.Form):
    """The usual slides: each with its place and whether it is on."""

    starts_on = forms.DateField(
        label=_l("In force from"), widget=date_input(), help_text=_l("Decks that are built stay as they are.")
    )

    def __init__(
        self, data: Any = None, *, order: Sequence[str], off: Iterable[str], labels: Any, day: dt.date
    ) -> None:
        super().__init__(data, initial={"starts_on": day})
        self.rows = []
        for place, key in enumerate(order, 1):
            fields: dict[str, Any] = self.fields
            fields[f"place_{key}"] = forms.IntegerField(
                label=_("Place of %(slide)s") % {"slide": labels[key]}, min_value=1, max_value=99, initial=place
            )
            fields[f"on_{key}"] = forms.BooleanField(
                label=_("%(slide)s is on") % {"slide": labels[key]}, required=False, initial=key not in off
            )
            self.rows.append((key, labels[key], self[f"place_{key}"], self[f"on_{key}"]))
        self.keys = list(order)

    @property
    def order(self) -> list[str]:
        return sorted(self.keys, key=lambda key: (self.cleaned_data[f"place_{key}"], self.keys.index(key)))

    @property
    def off(self) -> list[str]:
        return [key for key in self.keys if not self.cleaned_data[f"on_{key}"]]
