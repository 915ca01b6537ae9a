"""Activities of a plan: added, changed, put in order, removed; rates of the vendor's own history accepted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from marketing import prefill, queries
from marketing.actions import values
from marketing.actions.common import changed, check_revision, locked, locked_activity, must_be, must_build
from marketing.models import RATES, Activity, BudgetLine, MarketingPlan, Payer, Tactic
from marketing.prefill import HISTORY, TYPED, Start
from marketing.refusals import Closed
from prm.common import audit
from prm.common.numbers import round_half_away

MOST = 40  # activities of a plan
LONGEST = 366  # days of an activity
LONGEST_CYCLE = prefill.LONGEST_CYCLE
TRACED = (*RATES, "reach", "deal_size", "margin", "cycle_days")  # whose source is kept
FIELDS = ("title", "tactic", "starts_on", "ends_on", "owner", "product_lines", *TRACED, "mdf_asked", "budget", "assets")
ALWAYS = ("owner", "assets")  # may change as long as the plan isn't over
State = MarketingPlan.State


@transaction.atomic
def add_activity(
    *,
    plan: MarketingPlan,
    by: User,
    tactic: Tactic,
    fields: Mapping[str, Any] | None = None,
    once_in: dt.timedelta | None = None,
) -> Activity:
    """A new activity at the end of the plan, filled in from its tactic and the partner's medians; `fields` as in `change_activity` go
    before that. `once_in`: where the last one is of the tactic, untouched and that young, it is given back: a second click. NotAllowed,
    Closed, ValidationError by field."""
    fresh = locked(plan, by)
    must_build(by, fresh.partner)
    must_be(fresh, *MarketingPlan.EDITABLE)
    if not tactic.active:
        raise ValidationError({"tactic": _("This tactic isn’t in use any more.")})
    if once_in is not None and (twin := _twin(fresh, tactic, once_in)):
        return twin
    activity = put_new(
        fresh, tactic, dict(fields or {}), by=by, ground=prefill.of_partner(fresh.partner, fresh.currency)
    )
    _touched(fresh, by, amounts=True)
    audit.record(by=by, verb="marketing_activity.added", target=activity, in_history=False)
    changed([fresh])
    return activity


def _twin(plan: MarketingPlan, tactic: Tactic, ago: dt.timedelta) -> Activity | None:
    rows = Activity.objects.unscoped("of one plan in reach").filter(plan=plan).order_by("-position", "-pk")
    last = rows.first()
    if last is None or last.tactic_id != tactic.pk or last.revision or last.created_at <= timezone.now() - ago:
        return None
    return last


def put_new(
    plan: MarketingPlan,
    tactic: Tactic,
    given: dict[str, Any],
    *,
    by: User,
    ground: Start,
    sources: Mapping[str, Any] | None = None,
) -> Activity:
    """Writes a new activity into a plan that is locked. `sources`: where given values are from, else they were typed."""
    places = Activity.objects.unscoped("of one plan in reach").filter(plan=plan)
    last = places.aggregate(last=Max("position"))["last"]
    if last is not None and places.count() >= MOST:
        raise ValidationError({"tactic": _("A plan has %(n)s activities at most.") % {"n": MOST}})
    usual = prefill.of_tactic(tactic, plan.currency)
    activity = Activity(
        plan=plan, tactic=tactic, title=tactic.name, position=0 if last is None else last + 1,
        starts_on=plan.starts_on, ends_on=min(plan.starts_on + dt.timedelta(days=29), plan.ends_on), amounts_by=by,
    )  # fmt: skip
    cost = usual.values.pop("cost", None)
    for start in (ground, usual):
        for name, value in start.values.items():
            setattr(activity, name, value)
        activity.sources |= start.sources
    if "budget" not in given and cost:
        given["budget"] = [{"what": tactic.name, "amount": cost, "payer": Payer.PARTNER}]
    if "starts_on" in given and "ends_on" not in given:
        begins = values.day(given, "starts_on")
        _check_first_day(begins, plan)
        given["ends_on"] = begins + dt.timedelta(days=29)
    lines, budget = _apply(activity, given)
    for name, source in (sources or {}).items():
        activity.sources[name] = dict(source)
    activity.save()
    if lines is not None:
        activity.product_lines.set(lines)
    if budget is not None:
        _write_budget(activity, budget)
    return activity


@transaction.atomic
def change_activity(
    *, activity: Activity, by: User, fields: Mapping[str, Any], revision: int | None = None
) -> Activity:
    """Changes what is given (FIELDS) of an activity of a draft; owner and assets also later. What is written as it was is no change.

    Rates and margin are fractions ("0.02" is 2 %), `budget` a list of {"what", "amount", "payer"} that takes the place of the one
    before, `assets` of {"label", "url"}, `owner` a user's id, `product_lines` keys, `tactic` a Tactic or its key: rates and audience of the one
    before give way to its own. While MDF asked is what the lines say that MDF pays, it follows them. Changed where `revision` is no
    longer the activity's; NotAllowed, Closed, ValidationError by field ("budget.0.amount").
    """
    fresh = locked_activity(activity, by)
    plan = fresh.plan
    must_build(by, plan.partner)
    if set(fields) <= set(ALWAYS):
        if plan.state in (State.REJECTED, State.VERIFIED):
            raise Closed(_("This plan is over."))
    else:
        must_be(plan, *MarketingPlan.EDITABLE)
    before = field_values(fresh)
    check_revision(fresh, revision, before)
    given = dict(fields)
    followed = fresh.mdf_asked == _mdf_lines(before["budget"])
    lines, budget = _apply(fresh, given)
    if budget is not None and "mdf_asked" not in given and followed:
        fresh.mdf_asked = _mdf_lines(budget)
    if lines is not None:
        fresh.product_lines.set(lines)
    if budget is not None and budget != before["budget"]:
        _write_budget(fresh, budget)
    changes = audit.changes_between(_plain(before), _plain(field_values(fresh)))
    if changes:
        amounts = bool({"budget", "mdf_asked"} & set(changes))
        if amounts:
            fresh.amounts_by = by
        fresh.revision += 1
        fresh.save()
        _touched(plan, by, amounts=amounts)
        audit.record(by=by, verb="marketing_activity.changed", target=fresh, changes=changes, in_history=False)
        changed([plan])
    return fresh


@transaction.atomic
def accept_history(
    *, activity: Activity, by: User, rates: Sequence[str] | None = None, revision: int | None = None
) -> Activity:
    """Takes the rates (None: all) that the vendor's own verified activities of the tactic had, exactly. ValidationError where none is
    offered; NotAllowed, Closed, Changed."""
    fresh = locked_activity(activity, by)
    must_build(by, fresh.plan.partner)
    must_be(fresh.plan, *MarketingPlan.EDITABLE)
    before = field_values(fresh)
    check_revision(fresh, revision, before)
    offered = queries.history([fresh.tactic_id]).get(fresh.tactic_id, {})
    wanted = [name for name in RATES if name in offered] if rates is None else list(rates)
    if not wanted or not set(wanted) <= set(offered):
        raise ValidationError({"rates": _("There are too few verified activities of this tactic to go by.")})
    for name in wanted:
        found = offered[name]
        setattr(fresh, name, decimal_rate(found.rate))
        fresh.sources[name] = {
            "from": HISTORY, "in": str(found.into), "out": str(found.out), "count": found.count,
            "low": str(decimal_rate(found.low)), "high": str(decimal_rate(found.high)),
        }  # fmt: skip
    fresh.revision += 1
    fresh.save()
    _touched(fresh.plan, by)
    changes = audit.changes_between(_plain(before), _plain(field_values(fresh)))
    audit.record(by=by, verb="marketing_activity.changed", target=fresh, changes=changes, in_history=False)
    changed([fresh.plan])
    return fresh


@transaction.atomic
def remove_activity(*, activity: Activity, by: User) -> None:
    """Takes an activity out of a draft. NotAllowed, Closed."""
    fresh = locked_activity(activity, by)
    must_build(by, fresh.plan.partner)
    must_be(fresh.plan, *MarketingPlan.EDITABLE)
    audit.record(by=by, verb="marketing_activity.removed", target=fresh, in_history=False)
    _touched(fresh.plan, by, amounts=True)
    changed([fresh.plan])
    fresh.delete()


@transaction.atomic
def reorder(*, plan: MarketingPlan, by: User, order: Sequence[int]) -> None:
    """Puts the activities in this order of ids. ValidationError where they aren't just the plan's; NotAllowed, Closed."""
    fresh = locked(plan, by)
    must_build(by, fresh.partner)
    must_be(fresh, *MarketingPlan.EDITABLE)
    rows = {row.pk: row for row in Activity.objects.unscoped("of one plan in reach").filter(plan=fresh)}
    if sorted(order) != sorted(rows):
        raise ValidationError({"order": _("Name each activity of the plan once.")})
    for position, pk in enumerate(order):
        rows[pk].position = position
    Activity.objects.unscoped("of one plan in reach").bulk_update(rows.values(), ["position"])
    _touched(fresh, by)


def field_values(activity: Activity) -> dict[str, Any]:
    """FIELDS as they are: product lines and tactic as keys, the owner as an id, the budget as a list."""
    found = {
        name: getattr(activity, name) for name in FIELDS if name not in ("owner", "product_lines", "tactic", "budget")
    }
    lines = activity.budget.order_by("position", "id")
    return found | {
        "owner": activity.owner_id,
        "tactic": activity.tactic.key,
        "product_lines": sorted(activity.product_lines.values_list("key", flat=True)),
        "budget": [{"what": line.what, "amount": line.amount, "payer": line.payer} for line in lines],
    }


def _apply(activity: Activity, given: Mapping[str, Any]) -> tuple[list[Any] | None, list[dict[str, Any]] | None]:
    """Puts what is given into the row, and gives the product lines and budget to write with it. Raises ValidationError."""
    plan, errors = activity.plan, values.Errors()
    for name in given.keys() - set(FIELDS):
        errors.add(name, _("There is no such field."))
    if "title" in given:
        activity.title = errors.of(values.text, given, "title", 200, required=True) or activity.title
    before = activity.tactic_id
    if "tactic" in given:
        activity.tactic = errors.of(_tactic, given["tactic"], activity) or activity.tactic
    for name in ("starts_on", "ends_on"):
        if name in given:
            setattr(activity, name, errors.of(values.day, given, name) or getattr(activity, name))
    if {"starts_on", "ends_on"} & set(given) and not {"starts_on", "ends_on"} & set(errors.found):
        errors.of(_check_days, activity, plan)
    if "owner" in given:
        activity.owner_id = errors.of(_owner, given, plan)
    for name in TRACED:
        if name in given:
            _trace(activity, name, errors.of(_traced_value, given, name, plan.currency), errors)
    if "mdf_asked" in given:
        activity.mdf_asked = errors.of(values.money, given, "mdf_asked", plan.currency) or Decimal(0)
    if "assets" in given:
        activity.assets = errors.of(values.links, given, "assets") or []
    lines = errors.of(values.product_lines, given, "product_lines") if "product_lines" in given else None
    budget = errors.of(values.budget, given, "budget", plan.currency) if "budget" in given else None
    errors.stop()
    if activity.tactic_id != before:
        _follow_tactic(activity, given)
    if activity.pk is None and budget and "mdf_asked" not in given:
        activity.mdf_asked = _mdf_lines(budget)
    return lines, budget


def _follow_tactic(activity: Activity, given: Mapping[str, Any]) -> None:
    """Another tactic: what came of the one before, its figures or its history, is the new one's now. What was typed stays."""
    usual = prefill.of_tactic(activity.tactic, activity.plan.currency)
    for name in (*RATES, "reach"):
        source = activity.sources.get(name, {}).get("from")
        unknown = source is None and getattr(activity, name) is None
        if not unknown and source not in (prefill.TACTIC, HISTORY):
            continue
        if name in given:
            activity.sources[name] = {"from": TYPED}
            continue
        setattr(activity, name, usual.values.get(name))
        activity.sources.pop(name, None)
        if name in usual.sources:
            activity.sources[name] = dict(usual.sources[name])


def _traced_value(given: Mapping[str, Any], name: str, currency: str) -> Any:
    if name == "deal_size":
        return values.money(given, name, currency)
    if name in ("reach", "cycle_days"):
        cycle = name == "cycle_days"
        return values.count(given, name, most=LONGEST_CYCLE if cycle else values.MOST_COUNT, required=cycle)
    return values.rate(given, name)


def _trace(activity: Activity, name: str, value: Any, errors: values.Errors) -> None:
    """A value typed anew is the writer's; written as it was it stays where it came from."""
    if name in errors.found or value == getattr(activity, name):
        return
    setattr(activity, name, value)
    activity.sources[name] = {"from": TYPED}


def _tactic(wanted: Any, activity: Activity) -> Tactic:
    found = wanted if isinstance(wanted, Tactic) else Tactic.objects.filter(key=str(wanted)).first()
    if found is None or (not found.active and found.pk != activity.tactic_id):
        raise ValidationError({"tactic": _("There is no such tactic.")})
    return found


def _check_first_day(day: dt.date, plan: MarketingPlan) -> None:
    if not plan.starts_on <= day <= plan.ends_on:
        span = {"first": plan.starts_on.isoformat(), "last": plan.ends_on.isoformat()}
        raise ValidationError({"starts_on": _("Begin between %(first)s and %(last)s, in the plan’s quarter.") % span})


def _check_days(activity: Activity, plan: MarketingPlan) -> None:
    _check_first_day(activity.starts_on, plan)
    if activity.ends_on < activity.starts_on:
        raise ValidationError({"ends_on": _("This is before the first day.")})
    if (activity.ends_on - activity.starts_on).days >= LONGEST:
        raise ValidationError({"ends_on": _("An activity takes a year at most.")})


def _owner(given: Mapping[str, Any], plan: MarketingPlan) -> int | None:
    found = values.count(given, "owner")
    if found is not None and not queries.may_be_owner(found, plan.partner):
        raise ValidationError({"owner": _("Choose one of the partner’s people, or of the vendor’s who build plans.")})
    return found


def _write_budget(activity: Activity, lines: Sequence[Mapping[str, Any]]) -> None:
    rows = BudgetLine.objects.unscoped("of one activity in reach")
    rows.filter(activity=activity).delete()
    rows.bulk_create(BudgetLine(activity=activity, position=i, **line) for i, line in enumerate(lines))


def _mdf_lines(budget: Sequence[Mapping[str, Any]]) -> Decimal:
    return sum((line["amount"] for line in budget if line["payer"] == Payer.MDF), Decimal(0))


def _touched(plan: MarketingPlan, by: User, *, amounts: bool = False) -> None:
    plan.updated_by = by
    names = ["updated_by", "updated_at"]
    if amounts:
        plan.amounts_by = by
        names.append("amounts_by")
    plan.save(update_fields=names)


def decimal_rate(rate: Fraction) -> Decimal:
    """A rate as it is kept and shown: to twelve decimals."""
    return round_half_away(Decimal(rate.numerator) / Decimal(rate.denominator), values.RATE_PLACES)


def _plain(found: Mapping[str, Any]) -> dict[str, Any]:
    """As the audit log tells it."""
    return {name: _words(name, value) for name, value in found.items()}


def _words(name: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if name == "budget":
        return "; ".join(f"{line['what']} {line['amount'].normalize():f} ({line['payer']})" for line in value)
    if name == "assets":
        return " ".join(link["url"] for link in value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value.isoformat() if isinstance(value, dt.date) else value
