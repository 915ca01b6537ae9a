"""Decks built in the background: one, or one for each of many partners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Partner
from prm.common import audit, jobs
from prm.common.models import Job
from qbr.actions.common import locked, must_edit
from qbr.actions.drafting import quarter_given, start
from qbr.models import Batch, BatchItem, Qbr, Version
from qbr.refusals import Closed, NotAllowed

JOB, BATCH_JOB = "qbr.build", "qbr.build_of_batch"
MOST_PARTNERS = 500
MOST_RESTARTS = 3


@transaction.atomic
def build(*, qbr: Qbr, by: User, kind: str = Version.Kind.PARTNER) -> Job:
    """Starts the build of the next version, or gives the one that this person has under way. NotAllowed, ValidationError."""
    fresh = locked(qbr, by)
    if kind not in Version.Kind.values:
        raise ValidationError({"kind": _("Choose what to build.")})
    running = fresh.job
    if running is not None and running.is_open and running.created_by_id == by.pk and running.params["kind"] == kind:
        return running
    job = _begin(fresh, by, kind, JOB)
    fresh.job = job
    fresh.save(update_fields=["job"])
    return job


def _begin(qbr: Qbr, by: User, kind: str, job: str) -> Job:
    title = _("QBR %(quarter)s of %(partner)s") % {"quarter": qbr.quarter, "partner": qbr.partner.name}
    return jobs.start(job, by=by, title=title[:200], params={"qbr": qbr.pk, "kind": kind})


@transaction.atomic
def build_all(*, by: User, quarter: str | None = None, partners: Sequence[Partner] | None = None) -> Batch:
    """A job for each of the partners (None: all that are this person's own), decks for the partner. NotAllowed, ValidationError."""
    must_edit(by)
    found = quarter_given(quarter)
    rows = list(own_partners(by)) if partners is None else _reached(by, partners)
    if not rows:
        raise ValidationError({"partners": _("There is no partner to build for.")})
    if len(rows) > MOST_PARTNERS:
        raise ValidationError({"partners": _("Choose at most %(n)s partners.") % {"n": MOST_PARTNERS}})
    batch = Batch.objects.create(quarter=found.key, created_by=by)
    items = []
    for partner in rows:
        qbr = start(partner=partner, by=by, quarter=found.key)
        qbr.partner = partner
        job = _begin(qbr, by, Version.Kind.PARTNER, BATCH_JOB)
        items.append(BatchItem(batch=batch, partner=partner, job=job))
    BatchItem.objects.bulk_create(items)
    audit.record(by=by, verb="qbr_batch.started", target=batch, note=str(len(items)))
    return batch


def own_partners(user: User) -> list[Partner]:
    """Whom "all my partners" are: those one is CAM of; for who is nobody's, those one covers."""
    rows = Partner.objects.visible_to(user)
    owned = list(rows.filter(cam=user).order_by("name", "pk")[: MOST_PARTNERS + 1])
    return owned or list(rows.filter(cover=user).order_by("name", "pk")[: MOST_PARTNERS + 1])


def _reached(by: User, partners: Sequence[Partner]) -> list[Partner]:
    keys = list(dict.fromkeys(partner.pk for partner in partners))
    found = list(Partner.objects.visible_to(by).filter(pk__in=keys).order_by("name", "pk"))
    if len(found) != len(keys):
        raise NotAllowed(_("You may not work on all of these partners’ QBRs."))
    return found


@transaction.atomic
def again(*, item: BatchItem, by: User) -> BatchItem:
    """Tries one of a batch once more that failed or was stopped. Closed for others."""
    found: BatchItem | None = _items(by).filter(pk=item.pk).select_for_update(of=("self",)).first()
    if found is None or found.job is None:
        raise NotAllowed(_("You may not work on this batch."))
    if not jobs.run_again(found.job):
        raise Closed(_("This one is under way, or done."))
    Batch.objects.filter(pk=found.batch_id).update(told_at=None)
    return found


@transaction.atomic
def stop(*, batch: Batch, by: User) -> None:
    """Stops what hasn't finished; what has stays."""
    for item in _items(by).filter(batch=batch, job__state__in=Job.OPEN):
        if item.job is not None:
            jobs.cancel(item.job)


def _items(by: User) -> QuerySet[BatchItem]:
    rows: QuerySet[BatchItem] = BatchItem.objects.visible_to(by)
    return rows.select_related("job", "partner", "batch")


def resume(batch: Batch) -> int:
    """Goes on with what a worker left: interrupted jobs are run again, waiting ones sent again where nothing runs. How many."""
    items = BatchItem.objects.unscoped("by the system").filter(batch=batch).select_related("job")
    moved = 0
    runs = items.filter(job__state=Job.State.RUNNING).exists()
    old = timezone.now() - dt.timedelta(minutes=2)
    for item in items.filter(job__state=Job.State.INTERRUPTED, restarts__lt=MOST_RESTARTS).order_by("pk"):
        if jobs.run_again(item.job):
            item.restarts += 1
            item.save(update_fields=["restarts"])
            moved += 1
    if not runs:
        for item in items.filter(job__state=Job.State.QUEUED, job__created_at__lt=old).order_by("pk"):
            jobs.send_again(item.job)
            moved += 1
    return moved
