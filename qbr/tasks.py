"""Builds in the background, and batches gone on with after a worker died."""

from __future__ import annotations

import datetime as dt

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from prm.common import audit, events, jobs, schedule
from prm.common.jobs import JobContext, JobFailed
from prm.common.models import Job
from prm.common.notify import notify
from prm.common.reader import as_read_by
from prm.common.vendor import remembered, vendor_settings
from prm.documents.pdf import PdfUnavailable
from prm.documents.slides import Deck
from prm.webhooks import news
from qbr import actions, drawing, reading
from qbr.actions.building import BATCH_JOB, JOB, MOST_RESTARTS
from qbr.actions.common import BUILT, as_news, locked
from qbr.events import QbrBuilt
from qbr.frozen import freeze
from qbr.models import Batch, BatchItem, Qbr, Version
from qbr.naming import label_of

STEPS = 4


@jobs.kind(JOB)
def build(context: JobContext) -> None:
    """One deck."""
    version = build_version(context)
    context.result(url=version.qbr.get_absolute_url(), version=version.number, slides=version.slides)


@jobs.kind(BATCH_JOB, quiet=True)
def build_of_batch(context: JobContext) -> None:
    """One deck of a batch."""
    version = build_version(context)
    BatchItem.objects.unscoped("of the job").filter(job=context.job).update(version=version)
    context.result(url=version.qbr.get_absolute_url(), version=version.number, slides=version.slides)


def build_version(context: JobContext) -> Version:
    """Reads, draws and keeps the next version. JobFailed says why there is none."""
    qbr: Qbr | None = (
        Qbr.objects.visible_to(context.by).select_related("partner").filter(pk=context.params["qbr"]).first()
    )
    if qbr is None:
        raise JobFailed(_("This partner’s QBR is out of your reach by now."))
    context.progress(0, STEPS, _("Reading the figures"))
    with remembered(vendor_settings()):
        deck, as_of = reading.deck(qbr, context.by, kind=context.params["kind"])
    if not deck.slides:
        raise JobFailed(_("All slides are switched off, or have nothing to show. Switch one on, and build again."))
    context.progress(1, STEPS, _("Drawing the slides"))
    pptx = drawing.draw_pptx(deck, drawing.template_in_use())
    context.progress(2, STEPS, _("Printing the PDF"))
    try:
        pdf = drawing.draw_pdf(deck)
    except PdfUnavailable as error:
        raise JobFailed(str(error)) from error
    context.progress(3, STEPS, _("Keeping the files"))
    return _keep(context, qbr, deck, as_of, pptx, pdf)


def _keep(context: JobContext, qbr: Qbr, deck: Deck, as_of: dt.date, pptx: bytes, pdf: bytes) -> Version:
    """Under the review's lock, so that two builds of it get two numbers."""
    fresh = locked(qbr, context.by)
    rows = Version.objects.unscoped("of one review in reach").filter(qbr=fresh)
    number = (rows.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    version = Version(
        qbr=fresh, number=number, kind=context.params["kind"], content=freeze(deck), slides=len(deck.slides), as_of=as_of,
        built_by=context.by,
    )  # fmt: skip
    try:
        version.pptx.save("deck.pptx", ContentFile(pptx), save=False)
        version.pdf.save("deck.pdf", ContentFile(pdf), save=False)
        version.save()
        _tell_of(version, fresh, context.by)
    except BaseException:  # the rows go with the transaction, the files don't
        for file in (version.pptx, version.pdf):
            if file.name:
                file.storage.delete(file.name)
        raise
    return version


def _tell_of(version: Version, qbr: Qbr, by: User) -> None:
    internal = version.kind == Version.Kind.VENDOR
    if qbr.state == Qbr.State.DRAFT and not internal:
        qbr.state = Qbr.State.BUILT
        qbr.save(update_fields=["state", "updated_at"])
    audit.record(by=by, verb="qbr.built", target=qbr, note=_("Version %(n)s") % {"n": version.number}, in_history=not internal)  # fmt: skip
    events.send(QbrBuilt(qbr.partner_id, qbr.pk, version.pk))
    news.send(BUILT.key, as_news(qbr, version=version.number, kind=version.kind))


@schedule.sweep
def go_on_with_batches() -> None:
    """Takes up what a worker left, and tells of batches that are through."""
    for batch in Batch.objects.filter(told_at=None).select_related("created_by").order_by("pk"):
        with transaction.atomic():
            actions.resume(batch)
            _tell_if_through(batch)


def _tell_if_through(batch: Batch) -> None:
    items = BatchItem.objects.unscoped("counted only").filter(batch=batch)
    waits = items.filter(job__state__in=Job.OPEN) | items.filter(
        job__state=Job.State.INTERRUPTED, restarts__lt=MOST_RESTARTS
    )
    if waits.exists() or not Batch.objects.filter(pk=batch.pk, told_at=None).update(told_at=timezone.now()):
        return
    done = items.filter(job__state=Job.State.DONE).count()
    left = items.count() - done
    with as_read_by(batch.created_by):
        text = ngettext("%(n)s QBR of %(quarter)s is built", "%(n)s QBRs of %(quarter)s are built", done) % {
            "n": done,
            "quarter": label_of(batch.quarter),
        }
        if left:
            text += ngettext(", %(n)s isn’t", ", %(n)s aren’t", left) % {"n": left}
        notify(batch.created_by, text, batch.get_absolute_url())
