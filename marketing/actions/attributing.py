"""A lead or deal gets its source activity: the first that touched it. Later ones are kept apart, as influence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from leads.models import Lead
from marketing import codes
from marketing.events import AttributionChanged
from marketing.models import Activity, Attribution, How, Influence
from marketing.queries import sources
from pipeline.models import Deal
from prm.common import audit, events
from prm.common.vendor import today

LONGEST_REASON = 300
WHY = "where leads and deals come from, whoever holds them"

audit.VERBS |= {
    "attribution.chosen": gettext_lazy("Source activity chosen"),
    "attribution.changed": gettext_lazy("Source activity changed"),
    "attribution.removed": gettext_lazy("Source activity removed"),
}


def touch(
    *, activity: Activity, how: How, lead: Lead | None = None, deal: Deal | None = None, by: User | None = None
) -> bool:
    """The activity touched a lead or a deal: its source where it is the first, else an influence. Whether it is the source now.
    Call it within the action's transaction."""
    return _touched([(activity, how, lead.pk if lead else None, deal.pk if deal else None)], by)


@transaction.atomic
def _touched(touches: Iterable[tuple[Activity, How, int | None, int | None]], by: User | None) -> bool:
    """Writes touches, in their order; whether the last one is the source."""
    now, told = timezone.now(), set()
    is_source = False
    for activity, how, lead, deal in touches:
        thing = {"lead_id": lead} if lead is not None else {"deal_id": deal}
        Attribution.everything.bulk_create(
            [Attribution(activity=activity, how=how, at=now, by=by, **thing)], ignore_conflicts=True
        )
        source = Attribution.objects.unscoped(WHY).get(**thing).activity_id
        is_source = source == activity.pk
        if not is_source:
            Influence.everything.bulk_create(
                [Influence(activity=activity, how=how, at=now, by=by, **thing)], ignore_conflicts=True
            )
        told.add(activity.pk)
    _tell(told)
    return is_source


def _tell(activities: Iterable[int]) -> None:
    pks = sorted(set(activities))
    if pks:
        rows = Activity.objects.unscoped("whose figures change").filter(pk__in=pks).order_by()
        partners = tuple(sorted(set(rows.values_list("plan__partner", flat=True))))
        events.send(AttributionChanged(partner_ids=partners, activity_ids=tuple(pks)))


# ── By code, UTM or link ─────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def by_codes(lead_ids: Iterable[int] | None = None, *, imported: bool = False) -> int:
    """Reads the campaign of these leads (None: of all without a source) for codes of activities; how many named one.

    `imported`: they came in a file.
    """
    rows = Lead.objects.unscoped(WHY).exclude(campaign="").order_by("created_at", "pk")
    rows = rows.filter(attribution__isnull=True) if lead_ids is None else rows.filter(pk__in=list(lead_ids))
    named = {pk: codes.found_in(campaign) for pk, campaign in rows.values_list("pk", "campaign")}
    wanted = {code for found in named.values() for code in found}
    if not wanted:
        return 0
    by_code = {each.code: each for each in sources(Activity.objects.unscoped(WHY)).filter(code__in=wanted)}
    touches = [
        (by_code[code], How.IMPORT if imported else How(how), pk, None)
        for pk, found in named.items()
        for code, how in found.items()
        if code in by_code
    ]
    leads = {pk for _activity, _how, pk, _deal in touches if pk is not None}
    known, none = _known(leads), _from_none(leads)
    new = [each for each in touches if each[2] not in none and (each[0].pk, each[2]) not in known]
    _touched(new, None)
    return len({pk for _activity, _how, pk, _deal in new})


def _known(leads: set[int]) -> set[tuple[int, int]]:
    """(activity, lead) that are written down already."""
    found: set[tuple[int, int]] = set()
    for model in (Attribution, Influence):
        rows = model.objects.unscoped(WHY).filter(lead__in=leads).order_by()
        found |= set(rows.values_list("activity", "lead"))
    return found


def _from_none(leads: set[int]) -> set[int]:
    """Of these leads those somebody said came from no activity, whatever their campaign names."""
    rows = Attribution.objects.unscoped(WHY).filter(lead__in=leads, activity__isnull=True).order_by()
    return {pk for pk in rows.values_list("lead", flat=True) if pk is not None}


# ── From a lead to its deal ──────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def pass_on(lead_ids: Iterable[int] | None = None) -> int:
    """The deals of these leads (None: of all) that have no source get that of their lead; how many did."""
    rows = Attribution.objects.unscoped(WHY).filter(
        activity__isnull=False, lead__deal__isnull=False, lead__deal__attribution__isnull=True
    )
    if lead_ids is not None:
        rows = rows.filter(lead__in=list(lead_ids))
    found = list(rows.select_related("activity", "lead").order_by("at", "pk"))
    _touched([(row.activity, How.LEAD, None, row.lead.deal_id) for row in found if row.activity], None)
    return len({row.lead.deal_id for row in found})


@transaction.atomic
def of_registration(*, deal: Deal, lead: Lead | None, chosen: Activity | None, by: User | None) -> None:
    """A registration became this deal: the source of the lead it was made of comes first, then what was chosen."""
    if lead is not None:
        row = Attribution.objects.unscoped(WHY).filter(lead=lead).select_related("activity").first()
        if row is not None and row.activity is not None:
            touch(activity=row.activity, how=How.LEAD, deal=deal)
    if chosen is not None and sources(Activity.objects.unscoped(WHY).filter(pk=chosen.pk)).exists():
        touch(activity=chosen, how=How.CHOICE, deal=deal, by=by)


# ── By choice ────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def choose(
    *, by: User, activity: Activity | None, reason: str = "", lead: Lead | None = None, deal: Deal | None = None
) -> None:
    """Says where a lead or deal came from; None: from no activity, which stays so whatever a code names. In place of another source it
    needs a reason, and what was there before stands in the audit log. The deal that has its source of the lead gets the lead's new one.
    PermissionDenied, ValidationError by field (activity, reason)."""
    thing: Any = lead or deal
    needed = Permission.EDIT_LEADS if lead is not None else Permission.EDIT_DEALS
    if not (by.can(needed) and by.can(Permission.SEE_MARKETING)):
        raise PermissionDenied
    key = {"lead": lead} if lead is not None else {"deal": deal}
    rows = Attribution.objects.unscoped(WHY).filter(**key)
    if activity is not None:  # a row to lock, so that of two who choose at once the second finds what the first did
        empty = Attribution(activity=None, how=How.CHOICE, at=timezone.now(), by=by, **key)
        Attribution.everything.bulk_create([empty], ignore_conflicts=True)
    row = rows.select_for_update(of=("self",)).first()
    before: Activity | None = row.activity if row else None
    if row is None or before == activity:
        return
    _check(activity, reason, before)
    _put(row, activity, thing, by=by, reason=reason)
    if lead is not None:
        for follower in _followers(lead, before):
            _put(follower, activity, follower.deal, by=by, reason=reason, how=How.LEAD)
        pass_on([lead.pk])
    _tell(each.pk for each in (before, activity) if each is not None)


def _put(
    row: Attribution, activity: Activity | None, thing: Any, *, by: User, reason: str, how: How = How.CHOICE
) -> None:
    """Writes the source of a lead or deal into its row, which is locked, and into the audit log."""
    before = row.activity
    row.activity, row.how, row.at, row.by = activity, how, timezone.now(), by
    row.save()
    if activity is not None:
        same = {"lead": row.lead_id, "deal": row.deal_id}
        Influence.objects.unscoped(WHY).filter(activity=activity, **same).delete()
    verb = "chosen" if before is None else "changed" if activity else "removed"
    changes: Mapping[str, list[Any]] = {"source activity": [_said(before), _said(activity)]}
    # Not in a partner's history: the activity may be another's.
    audit.record(
        by=by, verb=f"attribution.{verb}", target=thing, changes=changes, note=reason.strip(), in_history=False
    )


def _followers(lead: Lead, before: Activity | None) -> list[Attribution]:
    """What the lead's deal has of this lead; none where the deal's source was chosen, or is another lead's."""
    if lead.deal_id is None:
        return []
    rows = Attribution.objects.unscoped(WHY).filter(deal=lead.deal_id, how=How.LEAD, activity=before)
    return list(rows.select_for_update(of=("self",)).select_related("deal"))


def _check(activity: Activity | None, reason: str, before: Activity | None) -> None:
    errors: dict[str, Any] = {}
    if activity is not None and not sources(Activity.objects.unscoped(WHY).filter(pk=activity.pk)).exists():
        errors["activity"] = _("Only an approved activity can be a source.")
    if before is not None and not reason.strip():
        errors["reason"] = _("Say why the source changes.")
    elif len(reason.strip()) > LONGEST_REASON:
        errors["reason"] = _("This is too long: at most %(n)s characters.") % {"n": LONGEST_REASON}
    if errors:
        raise ValidationError(errors)


def _said(activity: Activity | None) -> str | None:
    return f"{activity} (#{activity.pk})" if activity else None


# ── Clicks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def count_click(activity: Activity, on: dt.date | None = None) -> None:
    """One more on that day (today where None)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO marketing_clicks AS c (activity_id, "on", number) VALUES (%s, %s, 1)
            ON CONFLICT (activity_id, "on") DO UPDATE SET number = c.number + 1""",
            [activity.pk, on or today()],
        )
