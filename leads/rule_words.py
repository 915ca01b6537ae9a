"""A policy of leads in words: what stands in the list of versions, and what partners are told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from leads.explaining import PART_NAMES
from leads.models import LeadSource
from leads.policies import GRADES, PARTS, LeadPolicy, Method, Near, Rule
from partners.models import Partner, Region, Tier
from pipeline.models import ProductLine
from prm.common.countries import COUNTRIES


@dataclass(frozen=True)
class RuleWords:
    name: str
    when: str
    to: str


@dataclass(frozen=True)
class PolicyWords:
    rules: list[RuleWords]
    choice: str
    clocks: str


class Words:
    """Names of all that policies refer to, read once for many of them."""

    @cached_property
    def names(self) -> dict[str, dict[str, str]]:
        found = {
            name: dict(model.objects.values_list("key", "name"))
            for name, model in (("regions", Region), ("tiers", Tier), ("lines", ProductLine), ("sources", LeadSource))
        }
        return {**found, "countries": {code: str(name) for code, name in COUNTRIES.items()}}

    def of(self, policy: LeadPolicy) -> PolicyWords:
        return PolicyWords([self._rule(rule) for rule in policy.rules], choice(policy), clocks(policy))

    def _rule(self, rule: Rule) -> RuleWords:
        conditions = [
            self._list(name, keys)
            for name in ("countries", "regions", "verticals", "lines", "grades", "sources")
            if (keys := getattr(rule.when, name)) is not None
        ]
        return RuleWords(rule.name, " · ".join(conditions) or _("all leads"), self._to(rule))

    def _to(self, rule: Rule) -> str:
        to = rule.to
        if to.direct is not None:
            person = User.objects.filter(pk=to.direct).first()
            return _("one of us: %(name)s") % {"name": person.display_name if person else f"#{to.direct}"}
        if to.partners is not None:
            rows = Partner.objects.unscoped("names in the rules, for those who set them").filter(pk__in=to.partners)
            return ", ".join(rows.order_by("name").values_list("name", flat=True)[:20])
        near = {
            Near.ANYWHERE: "",
            Near.SAME_COUNTRY: _("in the lead’s country"),
            Near.SAME_REGION: _("in the lead’s region"),
        }
        more = [self._list(name, keys) for name in ("regions", "tiers") if (keys := getattr(to, name)) is not None]
        return " · ".join(filter(None, [_("partners"), near[to.near], *more]))

    def _list(self, name: str, keys: Collection[Any]) -> str:
        known = self.names.get(name, {})
        return ", ".join(sorted(known.get(key, str(key)) for key in keys))


def choice(policy: LeadPolicy) -> str:
    """How one is chosen among the candidates."""
    if policy.method == Method.ROUND_ROBIN:
        return _("in turn")
    weights = [f"{PART_NAMES[part]} {getattr(policy.weights, part).normalize():f}" for part in PARTS]
    return _("ranked by %(weights)s") % {"weights": ", ".join(weights)}


def clocks(policy: LeadPolicy) -> str:
    """The working days for answer and contact."""
    contact = ", ".join(f"{grade} {policy.contact_days[grade]}" for grade in GRADES)
    return _("answer in %(days)s days, %(n)s offers at most; contact in days: %(contact)s; %(places)s open leads at once") % {
        "days": policy.accept_days, "n": policy.most_offers, "contact": contact, "places": policy.capacity,
    }  # fmt: skip
