"""For which tier partners qualified, night by night: a row only when something changed."""

import datetime as dt

from django.db import transaction

from partners.models import Partner
from partners.queries import lock
from prm.common import schedule
from prm.common.vendor import today
from scorecards.models import TierEvaluation
from scorecards.tiers import programs, standing
from scorecards.tiers.programs import Version
from scorecards.tiers.qualifying import Evaluation


@schedule.nightly
def nightly() -> None:
    record(day=today())


@transaction.atomic
def record(*, day: dt.date) -> int:
    """Judges every partner by the program of the day; returns how many have a new row.

    Version, assigned and qualified tier, or a requirement met or missed must have changed; else the last row's day moves on.
    Run twice it changes nothing more; of a day before the last one judged it leaves the history alone; days on which it
    did not run are in no row.
    """
    version = programs.in_force(day)
    if version is None or not version.program.tiers:
        return 0
    lock("tiers")
    assigned = dict(Partner.objects.unscoped("all are judged").order_by("pk").values_list("pk", "tier_id"))
    tiers = {tier.key: tier.pk for tier in standing.tiers_by_key().values()}
    last = {row.partner_id: row for row in _last_rows()}
    same: list[int] = []
    changed: list[TierEvaluation] = []
    new: list[TierEvaluation] = []
    for pk, evaluation in standing.evaluations(assigned, version.program, day):
        row = _row(pk, version, day, assigned[pk], tiers.get(evaluation.qualified or ""), evaluation)
        before = last.get(pk)
        if before is None:
            new.append(row)
        elif before.last_on > day:
            continue
        elif _said(before) == _said(row):
            same.append(before.pk)
        elif before.first_on == day:
            row.pk = before.pk
            changed.append(row)
        else:
            if before.last_on == day:
                before.last_on = day - dt.timedelta(days=1)
                changed.append(before)
            new.append(row)
    rows = TierEvaluation.objects.unscoped("all are judged")
    rows.filter(pk__in=same, last_on__lt=day).update(last_on=day)
    rows.bulk_update(
        changed, ["last_on", "program", "assigned", "qualified", "met", "required", "detail"], batch_size=1000
    )
    rows.bulk_create(new, batch_size=1000)
    return len(new)


def _last_rows() -> list[TierEvaluation]:
    rows = TierEvaluation.objects.unscoped("all are judged")
    return list(rows.order_by("partner_id", "-first_on").distinct("partner_id"))


def _row(
    pk: int, version: Version, day: dt.date, assigned: int | None, qualified: int | None, evaluation: Evaluation
) -> TierEvaluation:
    looked_at = evaluation.next or evaluation.tiers[-1]
    return TierEvaluation(
        partner_id=pk, first_on=day, last_on=day, program=version.policy, assigned_id=assigned, qualified_id=qualified,
        met=looked_at.met_count, required=len(looked_at.outcomes), detail=standing.as_detail(evaluation),
    )  # fmt: skip


def _said(row: TierEvaluation) -> tuple[object, ...]:
    """What makes a new row when it changes: not the figures themselves, which move every day."""
    met = [
        (tier["tier"], each["key"], each["met"])
        for tier in row.detail.get("tiers", [])
        for each in tier["requirements"]
    ]
    return row.program_id, row.assigned_id, row.qualified_id, row.met, row.required, met
