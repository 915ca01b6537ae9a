"""Forms of how leads are given out: one version of the policy, its rules in order, and days to try it on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from leads import people
from leads.actions.ruling import topics
from leads.explaining import PART_NAMES
from leads.filters import REACHABLE
from leads.models import Grade, LeadSource
from leads.policies import (
    COUNTS,
    GRADES,
    LONGEST_NAME,
    MOST_DAYS,
    MOST_RULES,
    MOST_WEIGHT,
    PARTS,
    LeadPolicy,
    Method,
    Near,
    To,
    Weights,
    When,
)
from leads.policies import Rule as LeadRule
from partners.forms import PartnerPick, date_input, option_text
from partners.models import Partner, Region, Tier
from pipeline.models import ProductLine
from prm.common.countries import COUNTRIES
from prm.common.filters import CheckMenu, MenuField
from prm.common.vendor import today

EMPTY_RULES = 1
TRIED_DAYS = 90
OVERALL = "-"  # the overall score, where the policy's topic can be chosen instead
METHODS = {
    Method.RANKED: _("Ranked: the highest total"),
    Method.ROUND_ROBIN: _("In turn: each partner its places in a round"),
}
NEAR = {
    Near.ANYWHERE: _("anywhere"),
    Near.SAME_COUNTRY: _("same country"),
    Near.SAME_REGION: _("same region"),
}
COUNT_LABELS = {
    "accept_days": _("Answer within, working days"),
    "most_offers": _("Offers before a person decides"),
    "capacity": _("Open leads at once"),
    "pull_back_days": _("Taken back after the reminder, days"),
}


class PolicyForm(forms.Form):
    """All of a version but its rules."""

    starts_on = forms.DateField(label=_("In force from"), widget=date_input(), required=False)
    method = forms.ChoiceField(
        label=_("Among the candidates"), choices=[(each.value, name) for each, name in METHODS.items()]
    )
    topic = forms.ChoiceField(label=_("Topic whose score counts"), required=False)
    seed = forms.CharField(label=_("Seed of the round"), max_length=40)
    since = forms.DateField(label=_("Leads from"), widget=date_input(), required=False, validators=REACHABLE)
    until = forms.DateField(label=_("Leads to"), widget=date_input(), required=False, validators=REACHABLE)

    def __init__(self, data: Any = None, *, policy: LeadPolicy, starts_on: dt.date | None = None) -> None:
        day = today()
        values: dict[str, Any] = {
            "starts_on": starts_on or day + dt.timedelta(days=1),
            "method": policy.method.value,
            "topic": policy.topic,
            "seed": policy.seed,
            "since": day - dt.timedelta(days=TRIED_DAYS),
            "until": day,
        }
        super().__init__(data, initial=values)
        counted: Any = self.fields["topic"]
        counted.choices = [("", _("Overall score")), *topics()]
        for part in PARTS:
            self._number(f"weights_{part}", PART_NAMES[part], getattr(policy.weights, part), 0, MOST_WEIGHT)
        for grade in GRADES[:-1]:
            self._number(f"grades_{grade}", _("%(grade)s from score") % {"grade": grade}, policy.grades[grade], 0, 100)
        for grade in GRADES:
            self._days(
                f"contact_days_{grade}",
                _("%(grade)s: contact within") % {"grade": grade},
                policy.contact_days[grade],
                0,
                MOST_DAYS,
            )
        for name, (least, most) in COUNTS.items():
            self._days(name, COUNT_LABELS[name], getattr(policy, name), least, most)

    def _number(self, name: str, label: Any, value: Decimal, least: Any, most: Any) -> None:
        self.fields[name] = forms.DecimalField(
            label=label, min_value=least, max_value=most, max_digits=6, decimal_places=2
        )
        self.initial[name] = f"{value.normalize():f}"

    def _days(self, name: str, label: Any, value: int, least: int, most: int) -> None:
        self.fields[name] = forms.IntegerField(label=label, min_value=least, max_value=most)
        self.initial[name] = value

    def _named(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names]

    @property
    def weights(self) -> list[forms.BoundField]:
        return self._named(*(f"weights_{part}" for part in PARTS), "topic")

    @property
    def clocks(self) -> list[forms.BoundField]:
        return self._named(
            "accept_days", "most_offers", *(f"contact_days_{grade}" for grade in GRADES), "pull_back_days"
        )

    @property
    def grades(self) -> list[forms.BoundField]:
        return self._named(*(f"grades_{grade}" for grade in GRADES[:-1]), "capacity")

    def policy(self, rules: Sequence[LeadRule]) -> LeadPolicy:
        values = self.cleaned_data
        return LeadPolicy(
            rules=tuple(rules),
            method=Method(values["method"]),
            topic=values["topic"],
            seed=values["seed"],
            weights=Weights(**{part: values[f"weights_{part}"] for part in PARTS}),
            grades={grade: values[f"grades_{grade}"] for grade in GRADES[:-1]},
            contact_days={grade: values[f"contact_days_{grade}"] for grade in GRADES},
            **{name: values[name] for name in COUNTS},
        )


def _menu(label: Any, any_label: Any = None) -> MenuField:
    return MenuField(label=label, any_label=any_label or _("All"))


class RuleForm(forms.Form):
    """One rule; a line left without a name is none."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, required=False)
    when_countries = _menu(_("Countries"))
    when_regions = _menu(_("Regions"))
    when_verticals = forms.CharField(
        label=_("Verticals, with commas"), max_length=500, required=False,
        widget=forms.TextInput(attrs={"placeholder": _("All"), "autocomplete": "off"}),
    )  # fmt: skip
    when_lines = _menu(_("Product lines"))
    when_grades = _menu(_("Grades"))
    when_sources = _menu(_("Sources"))
    to_direct = forms.ChoiceField(label=_("To"), required=False)
    to_near = forms.ChoiceField(
        label=_("Partners"), choices=[(each.value, name) for each, name in NEAR.items()], required=False
    )
    to_regions = _menu(_("Their regions"), _("Any"))
    to_tiers = _menu(_("Their tiers"), _("Any"))
    to_partners = forms.CharField(
        label=_("Only these, with ;"), max_length=4000, required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Any"), "autocomplete": "off"}),
    )  # fmt: skip
    topic = forms.ChoiceField(label=_("Topic"), required=False)

    def __init__(self, *args: Any, user: User, choices: dict[str, list[tuple[str, Any]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for name, offered in choices.items():
            field: Any = self.fields[name]
            field.choices = offered
        for field in self.fields.values():
            if isinstance(field.widget, CheckMenu):
                field.widget.label = field.label

    def _part(self, prefix: str, *more: str) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(prefix) or name in more]

    @property
    def when(self) -> list[forms.BoundField]:
        return self._part("when_")

    @property
    def to(self) -> list[forms.BoundField]:
        return self._part("to_", "topic")

    def clean_to_partners(self) -> list[int] | None:
        pick = PartnerPick("partner", self.user, None)
        found = []
        for name in filter(None, (part.strip() for part in self.cleaned_data["to_partners"].split(";"))):
            try:
                partner = pick.clean(name)
            except ValidationError as error:
                raise ValidationError(f"{name}: {' '.join(error.messages)}") from error
            found.append(partner.pk)
        return found or None

    @property
    def rule(self) -> LeadRule:
        values = self.cleaned_data

        def keys(name: str) -> frozenset[str] | None:
            return frozenset(values[name]) or None

        verticals = frozenset(part.strip() for part in values["when_verticals"].split(",") if part.strip())
        direct = values["to_direct"]
        return LeadRule(
            name=values["name"].strip(),
            when=When(
                countries=keys("when_countries"), regions=keys("when_regions"), verticals=verticals or None,
                lines=keys("when_lines"), grades=keys("when_grades"), sources=keys("when_sources"),
            ),
            to=To(direct=int(direct)) if direct else To(
                near=Near(values["to_near"] or Near.ANYWHERE), regions=keys("to_regions"), tiers=keys("to_tiers"),
                partners=frozenset(values["to_partners"]) if values["to_partners"] else None,
            ),
            topic=None if not values["topic"] else values["topic"].removeprefix(OVERALL),
        )  # fmt: skip


class BaseRules(forms.BaseFormSet):
    """The rules of a version; `kept` are those with a name, in the order of their places."""

    def __init__(self, data: Any = None, *, user: User, rules: Sequence[LeadRule] = ()) -> None:
        names = _partner_names(user, rules)
        initial = [_shown(rule, names) for rule in rules]
        super().__init__(data, initial=initial, prefix="rules", form_kwargs={"user": user, "choices": _choices()})

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].label = _("Place")
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Remove")

    @property
    def kept(self) -> list[Any]:
        found = [
            form for form in self.forms if form not in self.deleted_forms and form.cleaned_data.get("name", "").strip()
        ]
        return sorted(found, key=lambda form: form.cleaned_data.get("ORDER") or MOST_RULES)

    @property
    def rules(self) -> list[LeadRule]:
        return [form.rule for form in self.kept]

    def clean(self) -> None:
        if any(self.errors):
            return
        if not self.kept:
            raise ValidationError(_("There has to be a rule: name one."))
        for form in self.forms:
            said = {
                name
                for name, value in form.cleaned_data.items()
                if value and name not in ("ORDER", "DELETE", "to_near")
            }
            if form not in self.deleted_forms and said and "name" not in said:
                form.add_error("name", _("Give the rule a name."))


def _partner_names(user: User, rules: Sequence[LeadRule]) -> dict[int, str]:
    named = {pk for rule in rules for pk in rule.to.partners or ()}
    return {partner.pk: option_text(partner) for partner in Partner.objects.visible_to(user).filter(pk__in=named)}


def _shown(rule: LeadRule, names: dict[int, str]) -> dict[str, Any]:
    when = {
        f"when_{name}": sorted(getattr(rule.when, name) or ())
        for name in ("countries", "regions", "lines", "grades", "sources")
    }
    return {
        "name": rule.name,
        **when,
        "when_verticals": ", ".join(sorted(rule.when.verticals or ())),
        "to_direct": str(rule.to.direct or ""),
        "to_near": rule.to.near.value,
        "to_regions": sorted(rule.to.regions or ()),
        "to_tiers": sorted(rule.to.tiers or ()),
        "to_partners": "; ".join(names.get(pk, f"#{pk}") for pk in sorted(rule.to.partners or ())),
        "topic": "" if rule.topic is None else rule.topic or OVERALL,
    }


def _choices() -> dict[str, list[tuple[str, Any]]]:
    def named(model: Any) -> list[tuple[str, Any]]:
        return [(row.key, row.name) for row in model.objects.all()]

    regions = named(Region)
    return {
        "when_countries": sorted(COUNTRIES.items(), key=lambda item: item[1]),
        "when_regions": regions,
        "when_lines": named(ProductLine),
        "when_grades": list(Grade.choices),
        "when_sources": named(LeadSource),
        "to_direct": [("", _("Partners"))] + [(str(user.pk), user.display_name) for user in people.who_can_hold()],
        "to_regions": regions,
        "to_tiers": named(Tier),
        "topic": [("", _("The version’s")), (OVERALL, _("Overall score")), *topics()],
    }


RuleFormSet: Any = forms.formset_factory(
    RuleForm, formset=BaseRules, extra=EMPTY_RULES, can_delete=True, can_delete_extra=False, can_order=True, max_num=MOST_RULES
)  # fmt: skip


def blame(form: PolicyForm, rules: Any, error: ValidationError) -> None:
    """Each message at its field: the action names them by their path in the document."""
    for path, messages in _by_path(error):
        names = path.split(".")
        if names[0] == "rules" and len(names) > 2 and names[1].isdigit():
            of_rule = rules.kept[int(names[1])]
            name = "_".join(names[2:])
            of_rule.add_error(name if name in of_rule.fields else None, messages)
        else:
            name = "_".join(names)
            form.add_error(name if name in form.fields else None, messages)


def _by_path(error: ValidationError) -> Iterator[tuple[str, list[str]]]:
    if hasattr(error, "error_dict"):
        yield from error.message_dict.items()
    else:
        yield "", error.messages
