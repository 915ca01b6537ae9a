"""A marketing plan's draft: begun empty, from a play or from an earlier plan; its goals changed, shared, thrown away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from marketing import prefill, queries
from marketing.actions import values
from marketing.actions.activities import put_new
from marketing.actions.common import changed, check_revision, locked, must_be, must_build
from marketing.models import RATES, Activity, MarketingPlan, Play
from marketing.refusals import Closed, NotAllowed
from partners.models import Partner
from partners.queries import lock
from prm.common import audit
from prm.common.currencies import MINOR_UNITS
from prm.common.fiscal import FiscalQuarter
from prm.common.money import NoRate
from prm.common.vendor import fiscal_calendar, today, vendor_settings

BACK, AHEAD = 8, 8  # quarters before and after this one in which a plan may begin
FIELDS = ("title", "message", "audience", "pipeline_goal", "revenue_goal", "product_lines", "vendor_note")
State = MarketingPlan.State


@transaction.atomic
def start(
    *,
    partner: Partner,
    by: User,
    quarter: str | None = None,
    quarters: int = 1,
    play: Play | None = None,
    copy_of: MarketingPlan | None = None,
    title: str = "",
    currency: str | None = None,
    once_in: dt.timedelta | None = None,
) -> MarketingPlan:
    """A new draft for `quarter` ("2027Q1"; None: the next one) and one or two `quarters`, with the activities of a play, of an
    earlier plan moved to the new days, or none.

    The partner's side sees what it starts; what the vendor starts once it is shared. NotAllowed for who doesn't build plans of this
    partner; ValidationError by field. `once_in`: the same begun by the same person within that time is given back instead of a second one.
    """
    must_build(by, partner)
    if play is not None and copy_of is not None:
        raise ValidationError({"copy_of": _("Start from a play or from an earlier plan, not from both.")})
    if copy_of is not None and (copy_of.partner_id != partner.pk or not queries.sees(by, copy_of)):
        raise NotAllowed(_("You may not copy this plan."))
    first = quarter_given(quarter)
    if quarters not in (1, 2):
        raise ValidationError({"quarters": _("A plan is for one quarter, or two in a row.")})
    if currency is None:
        currency = copy_of.currency if copy_of else vendor_settings().reporting_currency
    if currency not in MINOR_UNITS:
        raise ValidationError({"currency": _("Choose a currency.")})
    last = first.shift(quarters - 1)
    words = first.label if quarters == 1 else f"{first.label} – {last.label}"
    plan = MarketingPlan(
        partner=partner,
        title=values.text({"title": title}, "title", 200) or _("Marketing plan %(quarter)s") % {"quarter": words},
        first_quarter=first.key, quarters=quarters, starts_on=first.start, ends_on=last.end, currency=currency,
        shared=by.is_partner_side, play=play, copied_from=copy_of, created_by=by, updated_by=by, amounts_by=by,
    )  # fmt: skip
    if once_in is not None and (twin := _twin(plan, once_in)):
        return twin
    if copy_of is not None:
        plan.message, plan.audience = copy_of.message, copy_of.audience
        if currency == copy_of.currency:
            plan.pipeline_goal, plan.revenue_goal = copy_of.pipeline_goal, copy_of.revenue_goal
    plan.save()
    if copy_of is not None:
        plan.product_lines.set(copy_of.product_lines.all())
        _copy_activities(copy_of, plan, by)
    elif play is not None:
        _play_activities(play, plan, by)
    audit.record(by=by, verb="marketing_plan.started", target=plan, in_history=plan.shared)
    changed([plan])
    return plan


def _twin(draft: MarketingPlan, ago: dt.timedelta) -> MarketingPlan | None:
    """The same draft by the same person, begun within `ago` and still untouched. A second click waits for the first."""
    lock(f"marketing plans {draft.partner_id}")
    rows = MarketingPlan.objects.unscoped("of the one who begins it").filter(
        partner=draft.partner, created_by=draft.created_by, created_at__gt=timezone.now() - ago, revision=0,
        state=State.DRAFT, first_quarter=draft.first_quarter, quarters=draft.quarters, currency=draft.currency,
        play=draft.play, copied_from=draft.copied_from, title=draft.title,
    )  # fmt: skip
    return rows.order_by("-pk").first()


def quarter_given(key: str | None) -> FiscalQuarter:
    """The quarter in which a plan begins. ValidationError for one that isn't near."""
    now = fiscal_calendar().quarter_of(today())
    if key is None:
        return now.next
    try:
        found = fiscal_calendar().parse(key)
    except ValueError:
        found = None
    if not isinstance(found, FiscalQuarter):
        raise ValidationError({"quarter": _("Choose a quarter, as 2027Q1.")})
    if not now.shift(-BACK).start <= found.start <= now.shift(AHEAD).start:
        span = {"first": now.shift(-BACK).key, "last": now.shift(AHEAD).key}
        raise ValidationError({"quarter": _("Choose a quarter from %(first)s to %(last)s.") % span})
    return found


def _play_activities(play: Play, plan: MarketingPlan, by: User) -> None:
    ground = prefill.of_partner(plan.partner, plan.currency)
    for part in play.activities.select_related("tactic").order_by("position", "id"):
        begins = min(plan.starts_on + dt.timedelta(days=part.offset_days), plan.ends_on)
        given: dict[str, Any] = {
            "title": part.title,
            "starts_on": begins,
            "ends_on": begins + dt.timedelta(days=part.length_days - 1),
        }
        if part.reach is not None:
            given["reach"] = part.reach
        if part.budget:
            given["budget"] = _converted_budget(part.budget, play.currency, plan.currency)
        put_new(plan, part.tactic, given, by=by, ground=ground)


def _converted_budget(budget: list[dict[str, Any]], currency: str, into: str) -> list[dict[str, Any]]:
    """Lines in the plan's currency. ValidationError where an amount has no rate: it would begin at nothing, and the plan too cheap."""
    try:
        return [{**line, "amount": prefill.converted(Decimal(line["amount"]), currency, into)} for line in budget]
    except NoRate as error:
        said = {"currency": error.currency, "day": error.on.isoformat()}
        raise ValidationError(
            {"currency": _("There is no rate for %(currency)s on %(day)s, to take the budget over.") % said}
        ) from None


def _copy_activities(source: MarketingPlan, plan: MarketingPlan, by: User) -> None:
    """Moved by as many days as the plans' first days are apart; whatever can't be in the new currency is filled in afresh."""
    ground = prefill.of_partner(plan.partner, plan.currency)
    moved = plan.starts_on - source.starts_on
    for old in queries.activities(by).filter(plan=source):
        begins = min(old.starts_on + moved, plan.ends_on)
        given: dict[str, Any] = {
            "title": old.title,
            "starts_on": begins,
            "ends_on": begins + (old.ends_on - old.starts_on),
            "reach": old.reach,
            "cycle_days": old.cycle_days,
            "margin": old.margin,
            "product_lines": [line.key for line in old.product_lines.all()],
            **{name: getattr(old, name) for name in RATES},
        }
        lines = [{"what": line.what, "amount": line.amount, "payer": line.payer} for line in old.budget.all()]
        given["budget"] = _converted_budget(lines, source.currency, plan.currency)
        if plan.currency == source.currency:
            given |= {"deal_size": old.deal_size, "mdf_asked": old.mdf_asked}
        sources = {
            name: {**old.sources[name], "copied": True}
            for name in old.sources
            if name != "deal_size" or plan.currency == source.currency
        }
        put_new(plan, old.tactic, given, by=by, ground=ground, sources=sources)


@transaction.atomic
def save(*, plan: MarketingPlan, by: User, fields: Mapping[str, Any], revision: int | None = None) -> MarketingPlan:
    """Changes fields of the draft's own (FIELDS; product lines as keys); what isn't given stays.

    `revision`: that of the plan the writer started from; Changed where it isn't that any more. NotAllowed, Closed, ValidationError by
    field. The internal note is the vendor's side's.
    """
    fresh = locked(plan, by)
    must_build(by, fresh.partner)
    must_be(fresh, *MarketingPlan.EDITABLE)
    before = field_values(fresh, by)
    check_revision(fresh, revision, before)
    errors = values.Errors()
    for name in fields.keys() - set(before):
        errors.add(name, _("There is no such field."))
    if "title" in fields:
        fresh.title = errors.of(values.text, fields, "title", 200, required=True) or fresh.title
    for name in ("message", "audience", "vendor_note"):
        if name in fields and name in before:
            setattr(fresh, name, errors.of(values.text, fields, name, 2000, multiline=True) or "")
    for name in ("pipeline_goal", "revenue_goal"):
        if name in fields:
            setattr(fresh, name, errors.of(values.money, fields, name, fresh.currency))
    lines = errors.of(values.product_lines, fields, "product_lines") if "product_lines" in fields else None
    errors.stop()
    if lines is not None:
        fresh.product_lines.set(lines)
    after = {**field_values(fresh, by)}
    changes = audit.changes_between(before, after)
    if changes:
        fresh.revision += 1
        fresh.updated_by = by
        fresh.save()
        audit.record(by=by, verb="marketing_plan.changed", target=fresh, changes=changes, in_history=False)
        changed([fresh])
    return fresh


def field_values(plan: MarketingPlan, user: User) -> dict[str, Any]:
    """FIELDS of the plan as this person sees them; product lines as keys."""
    names = FIELDS if not user.is_partner_side else FIELDS[:-1]
    found = {name: getattr(plan, name) for name in names if name != "product_lines"}
    found["product_lines"] = sorted(plan.product_lines.values_list("key", flat=True))
    return found


@transaction.atomic
def share(*, plan: MarketingPlan, by: User) -> MarketingPlan:
    """Shows a plan that the vendor began to the partner, for good. NotAllowed for others than those of the vendor who build plans."""
    fresh = locked(plan, by)
    if not by.can(Permission.EDIT_MARKETING):
        raise NotAllowed(_("The vendor's side shares its plans."))
    if not fresh.shared:
        fresh.shared = True
        fresh.save(update_fields=["shared"])
        audit.record(by=by, verb="marketing_plan.shared", target=fresh)
        changed([fresh])
    return fresh


@transaction.atomic
def discard(*, plan: MarketingPlan, by: User) -> None:
    """Throws away a draft that was never submitted. Closed for others; NotAllowed for the partner's side where the vendor began it."""
    fresh = locked(plan, by)
    must_build(by, fresh.partner)
    must_be(fresh, State.DRAFT)
    if fresh.submitted_at is not None:
        raise Closed(_("This plan was submitted before: it stays."))
    if by.is_partner_side and fresh.created_by is not None and not fresh.created_by.is_partner_side:
        raise NotAllowed(_("Your channel account manager began this plan, and can discard it."))
    audit.record(by=by, verb="marketing_plan.discarded", target=fresh, in_history=fresh.shared)
    changed([fresh])
    Activity.objects.unscoped("of one plan in reach").filter(plan=fresh).delete()
    fresh.delete()
