"""QBRs of the partners whose people sign in: two held and shared with what was agreed, one built, one begun; and a batch that broke off.

Made after everything else, by the tools' own actions, and dated back: decks are read from what the rest of the demo left.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.db.models import Max

from accounts.models import User
from accounts.permissions import Role
from demo.profiles import Profile, Showcase
from partners import actions as partner_actions
from partners import facts
from partners.models import Action, Partner
from prm.common import audit
from prm.common.fiscal import FiscalCalendar, FiscalQuarter
from prm.common.models import AuditEntry, Job
from prm.common.scoping import PartnerOwned, ScopedQuerySet
from prm.common.vendor import remembered, vendor_settings
from prm.common.vendor import today as vendor_today
from prm.documents.slides import Deck
from qbr import actions, drawing, frozen, reading
from qbr.actions.building import BATCH_JOB, MOST_RESTARTS
from qbr.content.words import day as day_words
from qbr.models import Batch, BatchItem, Commitment, Qbr, Version

Status = Action.Status
AFTER = 12  # days from the end of a quarter to its review
IN_BATCH = 6


@dataclass(frozen=True)
class Promise:
    """What somebody of a side promised; `days` from the meeting until it is due, and until it was closed."""

    side: str
    text: str
    days: int
    status: str = Status.OPEN
    closed: int = 0


FIRST = (
    Promise("partner", "Send two engineers to the installation course", 40, Status.DONE, 33),
    Promise("vendor", "A joint reference with the clinic in the north", 55, Status.DONE, 60),
    Promise("partner", "Name one person for renewals", 21),
    Promise("vendor", "Prices for the bundle with managed backup", 30, Status.DROPPED, 24),
)
SECOND = (
    Promise("partner", "Go through the ten largest accounts for whitespace", 24, Status.DONE, 20),
    Promise("vendor", "Demo kit for the team in the second office", 35),
    Promise("partner", "A plan for the two customers whose contracts end in spring", 60),
)
PROPOSED = Promise("partner", "Two more certified engineers by the end of the next quarter", 90)
SAID = "The quarter stands and falls with the two large orders of its last month: we go through both together."


def make(profile: Profile, *, today: dt.date | None = None) -> None:
    """Of a vendor that has just been filled; the connection is in its schema."""
    Desk(profile, today or vendor_today()).make()


class Desk:
    """`yesterday`: nothing is dated later, so that at no hour of today it lies ahead."""

    def __init__(self, profile: Profile, today: dt.date) -> None:
        self.profile, self.today = profile, today
        self.yesterday = today - dt.timedelta(days=1)
        self.quarter = FiscalCalendar(profile.fiscal_start_month).quarter_of(today)
        self.cam = User.objects.get(email=f"{Role.CAM.value}@{profile.domain}")

    def make(self) -> None:
        first, second = (self._partner(showcase) for showcase in self.profile.showcases)
        champion = User.objects.get(email=f"champion@{self.profile.showcases[0].domain}")
        over, before = self.quarter.previous, self.quarter.shift(-2)
        self._shared(first, champion, before, FIRST)
        version = self._shared(first, champion, over, SECOND)
        self._begun(first, champion)
        at = self._moment(self._after(over))
        other = self._built(second, over, at)
        rest = Partner.objects.unscoped("the demo").filter(cam=self.cam).exclude(pk__in=[first.pk, second.pk])
        self._batch(at, over, [version, other], list(rest.order_by("name", "pk")[: IN_BATCH - 2]))
        facts.refresh(partner_ids=[first.pk])

    def _partner(self, showcase: Showcase) -> Partner:
        return Partner.objects.unscoped("the demo").select_related("cam", "cover").get(name=showcase.name)

    def _after(self, quarter: FiscalQuarter) -> dt.date:
        """When its review was held: some days after its end, a working day where one is left."""
        day = quarter.end + dt.timedelta(days=AFTER)
        return min(day - dt.timedelta(days=max(0, day.weekday() - 4)), self.yesterday)

    def _moment(self, day: dt.date, hour: int = 10) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(hour, 5), ZoneInfo(self.profile.time_zone))

    @contextmanager
    def _at(self, moment: dt.datetime) -> Iterator[None]:
        """What is done inside is said to have been done then."""
        last = AuditEntry.objects.aggregate(last=Max("pk"))["last"] or 0
        yield
        AuditEntry.objects.filter(pk__gt=last).update(at=moment)

    # ── Decks ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _start(self, partner: Partner, quarter: FiscalQuarter, at: dt.datetime) -> Qbr:
        with self._at(at):
            qbr = actions.start(partner=partner, by=self.cam, quarter=quarter.key)
        _rows(Qbr).filter(pk=qbr.pk).update(created_at=at, updated_at=at)
        qbr.partner = partner
        return qbr

    def _built(self, partner: Partner, quarter: FiscalQuarter, at: dt.datetime) -> Version:
        qbr = self._start(partner, quarter, at)
        with remembered(vendor_settings()):
            deck, day = reading.deck(qbr, self.cam, kind=Version.Kind.PARTNER)
        deck = _as_of(deck, day, at.date())
        version = Version(
            qbr=qbr, number=1, content=frozen.freeze(deck), slides=len(deck.slides), as_of=at.date(), built_by=self.cam
        )  # fmt: skip
        version.pptx.save("deck.pptx", ContentFile(drawing.draw_pptx(deck, None)), save=False)
        version.pdf.save("deck.pdf", ContentFile(drawing.draw_pdf(deck)), save=False)
        version.save()
        _rows(Version).filter(pk=version.pk).update(built_at=at)
        _rows(Qbr).filter(pk=qbr.pk).update(state=Qbr.State.BUILT)
        with self._at(at):
            audit.record(by=self.cam, verb="qbr.built", target=qbr, note="Version 1")
        return version

    def _shared(self, partner: Partner, champion: User, quarter: FiscalQuarter, promises: Sequence[Promise]) -> Version:
        """Built in the morning, held at noon with what was agreed, shared in the evening."""
        on = self._after(quarter)
        version = self._built(partner, quarter, self._moment(on))
        qbr = version.qbr
        people = [actions.Person("vendor", user=self.cam), actions.Person("partner", user=champion)]
        with self._at(self._moment(on, 12)):
            for promise in promises:
                self._promise(qbr, champion, promise, on)
            qbr = actions.hold(qbr=qbr, by=self.cam, held_on=on, people=people)
        evening = self._moment(on, 17)
        with self._at(evening):
            actions.share(qbr=qbr, by=self.cam, version=version)
        _rows(Qbr).filter(pk=qbr.pk).update(shared_at=evening, updated_at=evening)
        _rows(Commitment).filter(qbr=qbr).update(created_at=self._moment(on, 12))
        for promise, row in zip(promises, _rows(Commitment).filter(qbr=qbr).order_by("position"), strict=True):
            self._what_became(row, promise, on)
        return version

    def _promise(self, qbr: Qbr, champion: User, promise: Promise, on: dt.date) -> None:
        owner = champion if promise.side == "partner" else self.cam
        due = on + dt.timedelta(days=promise.days)
        actions.commit(qbr=qbr, by=self.cam, side=promise.side, owner=owner, text=promise.text, due_on=due)

    def _what_became(self, row: Commitment, promise: Promise, on: dt.date) -> None:
        """Its action, done or dropped by its owner; still open where the day lies ahead."""
        begun, closed = self._moment(on, 12), on + dt.timedelta(days=promise.closed)
        found = _rows(Action).filter(pk=row.action_id)
        found.update(created_at=begun)
        if promise.status == Status.OPEN or closed > self.yesterday:
            return
        at = self._moment(closed, 15)
        by = row.owner if promise.status == Status.DONE and row.owner else self.cam
        with self._at(at):
            partner_actions.set_action_status(by=by, action=found.get(), status=promise.status)
        found.update(closed_at=at)

    def _begun(self, partner: Partner, champion: User) -> None:
        """This quarter's: a sentence edited, a slide left out, one thing proposed."""
        at = self._moment(self.yesterday)
        qbr = self._start(partner, self.quarter, at)
        with self._at(at):
            actions.change(qbr=qbr, by=self.cam, commentary={"summary": [SAID]}, switched={"objectives": False})
            self._promise(qbr, champion, PROPOSED, self.yesterday)
        _rows(Commitment).filter(qbr=qbr).update(created_at=at)
        _rows(Qbr).filter(pk=qbr.pk).update(updated_at=at)

    # ── The batch ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _batch(
        self, at: dt.datetime, quarter: FiscalQuarter, built: Sequence[Version], rest: Sequence[Partner]
    ) -> None:
        """The decks that are there came of it; of the others one was given up after its worker died, the rest was stopped."""
        batch = Batch.objects.create(quarter=quarter.key, created_by=self.cam, told_at=at)
        Batch.objects.filter(pk=batch.pk).update(created_at=at)
        for version in built:
            self._item(batch, version.qbr, at, Job.State.DONE, version)
        for place, partner in enumerate(rest):
            qbr = self._start(partner, quarter, at)
            self._item(batch, qbr, at, Job.State.CANCELLED if place else Job.State.INTERRUPTED)

    def _item(self, batch: Batch, qbr: Qbr, at: dt.datetime, state: str, version: Version | None = None) -> None:
        given_up = state == Job.State.INTERRUPTED
        job = Job.objects.create(
            kind=BATCH_JOB, title=f"QBR {qbr.quarter} of {qbr.partner.name}"[:200], state=state, created_by=self.cam,
            params={"qbr": qbr.pk, "kind": Version.Kind.PARTNER.value}, started_at=at, finished_at=at,
            error="The worker stopped in the middle. Nothing was changed: you can run it again." if given_up else "",
        )  # fmt: skip
        Job.objects.filter(pk=job.pk).update(created_at=at)
        restarts = MOST_RESTARTS if given_up else 0
        BatchItem(batch=batch, partner=qbr.partner, job=job, version=version, restarts=restarts).save()


def _rows(model: type[PartnerOwned]) -> ScopedQuerySet:
    return model.objects.unscoped("the demo")


def _as_of(deck: Deck, today: dt.date, on: dt.date) -> Deck:
    """The deck as if it had been read on a day before: what says today's date says that one."""
    text = json.dumps(frozen.freeze(deck), ensure_ascii=False)
    for now, then in ((today.isoformat(), on.isoformat()), (day_words(today), day_words(on))):
        text = text.replace(now, then)
    return frozen.thaw(json.loads(text))
