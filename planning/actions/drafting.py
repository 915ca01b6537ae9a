"""A plan's draft: begun, changed by both sides, shared, thrown away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import links
from accounts.models import User
from accounts.permissions import Permission
from partners import history
from partners.models import Partner
from partners.queries import lock
from pipeline.models import ProductLine
from planning import document, prefill, queries, reading
from planning.actions.benchmarking import make_missing_benchmarks
from planning.actions.voiding import void_signatures
from planning.document import Invalid
from planning.models import BusinessPlan
from planning.refusals import Changed, Closed, NotAllowed
from planning.signing import LINKS
from prm.common import audit
from prm.common.currencies import MINOR_UNITS
from prm.common.fiscal import Month
from prm.common.vendor import today

Status = BusinessPlan.Status
BACK, AHEAD = 12, 24  # months before and after this one in which a plan may begin

VERBS = {
    "plan.started": gettext_lazy("Business plan started"),
    "plan.changed": gettext_lazy("Business plan changed"),
    "plan.shared": gettext_lazy("Business plan shared"),
    "plan.discarded": gettext_lazy("Business plan discarded"),
}
audit.VERBS.update(VERBS)
history.VERBS.update(VERBS)


@transaction.atomic
def start(*, partner: Partner, by: User) -> BusinessPlan:
    """The partner's draft: the one there is as it is, else a new one, prefilled from the plan in force or from benchmarks.

    A draft that the partner's side starts is shared from the beginning. NotAllowed for who doesn't build plans of this partner,
    Closed for the partner's side while the vendor prepares one that it hasn't shared.
    """
    _builds(by, partner)
    lock(f"business plan {partner.pk}")
    own = BusinessPlan.objects.unscoped("of one partner in reach").filter(partner=partner)
    draft = own.filter(status=Status.DRAFT).select_related("partner").first()
    if draft is not None:
        if by.is_partner_side and not draft.shared:
            raise Closed(_("Your channel account manager is preparing a plan already. Ask to have it shared with you."))
        return draft
    last = own.filter(status=Status.COMMITTED).select_related("partner").first()
    make_missing_benchmarks()
    begun = prefill.for_partner(partner, last)
    plan = BusinessPlan.objects.create(
        partner=partner, number=(own.aggregate(n=Max("number"))["n"] or 0) + 1, first_month=begun.first_month,
        currency=begun.currency, scenario=begun.scenario, content=document.write(begun.plan), follows=last,
        shared=by.is_partner_side, created_by=by, updated_by=by,
    )  # fmt: skip
    audit.record(by=by, verb="plan.started", target=plan, note=str(prefill.WORDS[begun.source]))
    return plan


def _builds(by: User, partner: Partner) -> None:
    if not queries.works_on_plans(by):
        raise NotAllowed(_("You may not work on business plans."))
    if not Partner.objects.visible_to(by).filter(pk=partner.pk).exists():
        raise NotAllowed(_("You may not work on this partner's plans."))


def locked(plan: BusinessPlan, by: User) -> BusinessPlan:
    """The plan as it is now, locked for this transaction. NotAllowed out of reach, Closed where it is no draft."""
    rows = BusinessPlan.objects.visible_to(by).filter(pk=plan.pk)
    fresh: BusinessPlan | None = rows.select_related("partner").select_for_update(of=("self",)).first()
    if fresh is None:
        raise NotAllowed(_("You may not work on this plan."))
    if fresh.status == Status.DISCARDED:
        raise Closed(_("This plan was discarded."))
    if fresh.status != Status.DRAFT:
        raise Closed(_("This plan is signed by both sides. Start a new version to change it."))
    return fresh


@transaction.atomic
def save(
    *,
    plan: BusinessPlan,
    by: User,
    parts: Mapping[str, Any] | None = None,
    base: Mapping[str, str] | None = None,
    revision: int | None = None,
    first_month: dt.date | str | None = None,  # or as "2026-07"
    currency: str | None = None,
    scenario: str | None = None,
) -> BusinessPlan:
    """Changes parts of a draft's document ("texts", "lines", "terms" …) and its fields; what isn't given stays.

    `base`: for each name (of a part or field) the `reading.digest` of the value the writer started from; `revision`: that of
    the whole plan. What is given as the writer found it is no change. Raises Changed where somebody else changed the same part
    since, document.Invalid with each wrong place, NotAllowed, Closed; then nothing is saved. A change makes signatures void.
    """
    if not queries.works_on_plans(by):
        raise NotAllowed(_("You may not work on business plans."))
    fresh = locked(plan, by)
    before = reading.values(fresh)
    fields = {"first_month": first_month, "currency": currency, "scenario": scenario}
    given = {**(parts or {}), **_as_values({name: value for name, value in fields.items() if value is not None})}
    wanted = _untouched_left_out(given, before, base or {})
    if revision is not None and revision != fresh.revision:
        raise _changed(dict.fromkeys(wanted), before)
    _apply(fresh, wanted, before)
    after = reading.values(fresh)
    changes = _differences(before, after)
    if not changes:
        return fresh
    fresh.revision += 1
    fresh.updated_by = by
    fresh.save()
    audit.record(by=by, verb="plan.changed", target=fresh, changes=changes, in_history=False)
    void_signatures(plan=fresh, by=by, reason=_("The plan was changed by %(name)s.") % {"name": by.display_name})
    return fresh


def _as_values(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: f"{value:%Y-%m}" if isinstance(value, dt.date) else value for name, value in fields.items()}


def _untouched_left_out(given: Mapping[str, Any], before: Mapping[str, Any], base: Mapping[str, str]) -> dict[str, Any]:
    """What the writer changed, checked against what others did meanwhile."""
    wanted: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    for name, value in given.items():
        mark, started_from = reading.digest(value), base.get(name)
        if started_from == mark:
            continue  # as the writer found it: whatever others made of it stays
        now = reading.digest(before.get(name))
        if started_from is not None and now not in (started_from, mark):
            theirs[name] = before.get(name)
        wanted[name] = value
    if theirs:
        raise _changed(theirs, before)
    return wanted


def _changed(names: Mapping[str, Any], before: Mapping[str, Any]) -> Changed:
    message = _("Somebody changed this plan while you were typing. Nothing of yours is saved yet.")
    return Changed(message, {name: before.get(name) for name in names})


def _apply(plan: BusinessPlan, wanted: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Puts what is wanted into the plan. Raises Invalid."""
    errors: dict[str, str] = {}
    for name in wanted.keys() - {*reading.PARTS, *reading.FIELDS}:
        errors[name] = _("There is no such field.")
    if "first_month" in wanted and wanted["first_month"] != before["first_month"]:
        try:
            plan.first_month = first_month(wanted["first_month"])
        except Invalid as invalid:
            errors |= invalid.errors
    if "currency" in wanted:
        if wanted["currency"] in MINOR_UNITS:
            plan.currency = wanted["currency"]
        else:
            errors["currency"] = _("Choose a currency.")
    if "scenario" in wanted:
        if wanted["scenario"] in BusinessPlan.Scenario.values:
            plan.scenario = wanted["scenario"]
        else:
            errors["scenario"] = _("Choose one of the scenarios.")
    parts = {name: wanted[name] for name in reading.PARTS if name in wanted}
    current = {name: before[name] for name in reading.PARTS}
    was = document.read(current, reading.places(before["currency"]))
    try:
        found = document.read({**current, **parts}, reading.places(plan.currency))
    except Invalid as invalid:
        raise Invalid(errors | invalid.errors) from None
    _check_products(found, current, errors)
    if errors:
        raise Invalid(errors)
    written = document.write(found)
    # Written otherwise, "35.0" for "35", it is no change, and what others signed stays good.
    plan.content = current | {name: written[name] for name in parts if _part(found, name) != _part(was, name)}


def _part(plan: document.Plan, name: str) -> Any:
    return getattr(plan if name in ("texts", "scenarios") else plan.assumptions, name)


def first_month(value: Any) -> dt.date:
    """The first day of a month given as "2026-07", in which a plan may begin. Raises Invalid."""
    now = today()
    this = Month(now.year, now.month)
    try:
        first = dt.datetime.strptime(str(value), "%Y-%m").date()
    except ValueError:
        raise Invalid({"first_month": _("Choose a month.")}) from None
    if not this.shift(-BACK).start <= first <= this.shift(AHEAD).start:
        words = {"first": this.shift(-BACK).key, "last": this.shift(AHEAD).key}
        raise Invalid({"first_month": _("Choose a month from %(first)s to %(last)s.") % words})
    return first


def _check_products(found: document.Plan, current: Mapping[str, Any], errors: dict[str, str]) -> None:
    """A product line chosen now must be one of the vendor's; one that was chosen before may have gone since."""
    known = {row.get("product") for row in current["lines"]}
    new = {line.product for line in found.assumptions.lines if line.product is not None} - known
    there = set(ProductLine.objects.filter(pk__in=new).values_list("pk", flat=True)) if new else set()
    for i, line in enumerate(found.assumptions.lines):
        if line.product in new - there:
            errors[f"lines.{i}.product"] = _("There is no such product line.")


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """[old, new] by place ("lines.a1.margin"): rows by their keys."""
    old, new = _leaves(before), _leaves(after)
    return {name: [old.get(name), new.get(name)] for name in {**old, **new} if old.get(name) != new.get(name)}


def _leaves(value: Any, place: str = "") -> dict[str, Any]:
    if isinstance(value, Mapping):
        named = {str(name): inner for name, inner in value.items()}
    elif isinstance(value, list):
        named = {str(row["key"]): {"position": i, **row} for i, row in enumerate(value)}
    else:
        return {place: value}
    found: dict[str, Any] = {}
    for name, inner in named.items():
        if name != "key":
            found |= _leaves(inner, f"{place}.{name}" if place else name)
    return found


@transaction.atomic
def share(
    *, plan: BusinessPlan, by: User, with_partner: bool | None = None, with_distributor: bool | None = None
) -> BusinessPlan:
    """Shows the plan to the partner or its distributor (who sees it once committed), or no longer. None leaves it as it is.

    NotAllowed for others than those of the vendor's side who build plans; ValidationError by field where it can't be hidden.
    """
    if not by.can(Permission.EDIT_PLANS) or not queries.sees(by, plan):
        raise NotAllowed(_("The vendor's side shares its plans."))
    rows = BusinessPlan.objects.unscoped("one plan in reach").filter(pk=plan.pk).select_related("partner")
    fresh: BusinessPlan = rows.select_for_update(of=("self",)).get()
    if fresh.status == Status.DISCARDED:
        raise Closed(_("This plan was discarded."))
    before = {"shared": fresh.shared, "shared_with_distributor": fresh.shared_with_distributor}
    if with_partner is False and fresh.created_by is not None and fresh.created_by.is_partner_side:
        raise ValidationError({"with_partner": _("The partner began this plan, and goes on seeing it.")})
    if with_partner is False and fresh.shared and (fresh.is_fixed or queries.asked(fresh, "partner")):
        raise ValidationError({"with_partner": _("The partner was asked to sign this plan, and goes on seeing it.")})
    fresh.shared = before["shared"] if with_partner is None else with_partner
    fresh.shared_with_distributor = before["shared_with_distributor"] if with_distributor is None else with_distributor
    after = {"shared": fresh.shared, "shared_with_distributor": fresh.shared_with_distributor}
    if changes := audit.changes_between(before, after):
        fresh.save(update_fields=["shared", "shared_with_distributor"])
        audit.record(by=by, verb="plan.shared", target=fresh, changes=changes)
    return fresh


@transaction.atomic
def discard(*, plan: BusinessPlan, by: User) -> BusinessPlan:
    """Throws a draft away: it is in no list any more, its links are closed. NotAllowed for the partner's side where the vendor
    began it, Closed for what both sides signed."""
    if not queries.works_on_plans(by):
        raise NotAllowed(_("You may not work on business plans."))
    fresh = locked(plan, by)
    if by.is_partner_side and fresh.created_by is not None and not fresh.created_by.is_partner_side:
        raise NotAllowed(_("Your channel account manager began this plan, and can discard it."))
    void_signatures(plan=fresh, by=by, reason=_("The plan was discarded by %(name)s.") % {"name": by.display_name})
    fresh.status, fresh.updated_by = Status.DISCARDED, by
    fresh.save(update_fields=["status", "updated_by", "updated_at"])
    for purpose in LINKS.values():
        links.close(purpose=purpose, target_id=fresh.pk)
    audit.record(by=by, verb="plan.discarded", target=fresh)
    return fresh
