"""What partners asked of the funds with their marketing plans, what was decided, claimed and paid: each amount from budget to result."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models

from accounts.models import User
from accounts.permissions import Role
from demo.mdf import Funds
from demo.world import World
from marketing.models import Activity, ActivityResult, MarketingPlan
from mdf import claiming, steps
from mdf.models import ApprovalStep, Claim, Fund, Happening, Line, Proof, Receipt, Request
from mdf.steps import Level, Rules
from prm.common.workcal import WorkCalendar

State, Kind, Decision = Request.State, Happening.Kind, Line.Decision
RULES = Rules()
BECAME = {
    MarketingPlan.State.SUBMITTED: State.SUBMITTED,
    MarketingPlan.State.IN_REVIEW: State.IN_REVIEW,
    MarketingPlan.State.CHANGES_REQUESTED: State.RETURNED,
    MarketingPlan.State.REJECTED: State.REJECTED,
}  # fmt: skip
SUPPLIERS = ("Brandt & Partner", "Studio North", "Halle 9 Events", "Callwerk", "Adline Media")
NOTES = ("As agreed on the phone.", "The same as last year, with a smaller hall.", "")
ASKS_BACK = "The second page of the invoice is missing."
NOT_THIS = "This isn’t part of what was approved."
LATE = dt.timedelta(days=2)  # after a fund was opened
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def _a_page(words: str) -> bytes:
    """A PDF of one page that says so."""
    drawn = b"BT /F1 14 Tf 72 760 Td (%b) Tj ET" % words.encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out, places = b"%PDF-1.4\n", b"0000000000 65535 f \n"
    for number, content in enumerate(objects, 1):
        places += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    size = len(objects) + 1
    ending = b"xref\n0 %d\n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return out + ending % (size, places, size, len(out))


_PDF = _a_page("A sample: here stands what a partner sent in.")


@dataclass
class Desk:
    """What the makers share; chances of their own. `claimed`: what each partner claimed of a fund for a quarter until now."""

    world: World
    funds: Funds
    random: Random
    calendar: WorkCalendar
    paper: str  # where the one invoice of all these lies
    later: list[models.Model] = field(default_factory=list)  # what refers to requests and claims
    claimed: dict[tuple[int, int, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def reference(self, letter: str) -> str:
        return f"{letter}-" + "".join(self.random.choice(_LETTERS) for _letter in range(7))

    def after(self, moment: dt.datetime, least: int, most: int) -> dt.datetime | None:
        """Some working hour of a day that many days later; None where that isn't over yet."""
        day = moment.astimezone(ZoneInfo(self.world.profile.time_zone)).date() + dt.timedelta(
            days=self.random.randint(least, most)
        )
        clock = dt.time(self.random.randrange(9, 17), self.random.randrange(60))
        return None if day > self.world.yesterday else dt.datetime.combine(day, clock, self.zone)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.world.profile.time_zone)

    def day(self, moment: dt.datetime) -> dt.date:
        return moment.astimezone(self.zone).date()


def make(world: World, funds: Funds) -> None:
    """Requests of all plans that were handed in, and claims of what was done. Noted in the books of the funds, which are posted after."""
    name = f"mdf/proofs/{hashlib.sha256(str(world.profile.seed).encode()).hexdigest()[:32]}.pdf"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(_PDF))
    random = Random(f"{world.profile.seed} requests")
    desk = Desk(world, funds, random, WorkCalendar(world.profile.time_zone), name)
    _undecide(world)
    rows = MarketingPlan.objects.unscoped("the demo").exclude(submitted_at=None)
    parts: dict[int, list[Activity]] = defaultdict(list)
    activities = Activity.objects.unscoped("the demo").select_related("tactic", "plan")
    for activity in activities.order_by("plan", "position", "pk"):
        parts[activity.plan_id].append(activity)
    results = {
        row.activity_id: row
        for row in ActivityResult.objects.unscoped("the demo").exclude(state="reopened").order_by("pk")
    }
    for plan in rows.select_related("partner__cam", "submitted_by").order_by("submitted_at", "pk"):
        _request(desk, plan, parts[plan.pk], results)
    world.batch.add(*desk.later)
    world.batch.flush()


def _undecide(world: World) -> None:
    """What a step says of single activities is theirs only once the last step is done."""
    Activity.objects.unscoped("the demo").filter(plan__state=MarketingPlan.State.IN_REVIEW).update(
        decision=Activity.Decision.UNDECIDED, mdf_approved=None, decided_by=None, decided_at=None
    )


def _request(
    desk: Desk, plan: MarketingPlan, activities: Sequence[Activity], results: dict[int, ActivityResult]
) -> None:
    asked = sum((row.mdf_asked for row in activities), Decimal(0))
    fund = desk.funds.fund(plan.starts_on) if asked else None
    needed = RULES.needed(asked if fund else Decimal(0))
    state = BECAME.get(MarketingPlan.State(plan.state), State.APPROVED)
    if state == State.IN_REVIEW and len(needed) == 1:
        state = State.SUBMITTED
        MarketingPlan.objects.unscoped("the demo").filter(pk=plan.pk).update(state=MarketingPlan.State.SUBMITTED)
    assert plan.submitted_at is not None
    decided = plan.decided_at and _decided(desk, plan, fund)
    approved = (
        sum((row.mdf_approved or Decimal(0) for row in activities), Decimal(0)) if state == State.APPROVED else None
    )
    is_full = all(row.decision == Activity.Decision.AS_ASKED for row in activities) if state == State.APPROVED else None
    request = Request(
        partner=plan.partner, plan=plan, reference=desk.reference("M"), fund=fund if asked else None,
        account=_account(desk, fund, plan) if fund else None, currency=plan.currency, state=state, round=1,
        asked=asked if fund else Decimal(0), approved=approved, is_full=is_full,
        share=fund.share if fund and decided and state == State.APPROVED else None,
        claim_days=fund.claim_days if fund and decided and state == State.APPROVED else None,
        note=desk.random.choice(NOTES), submitted_by=plan.submitted_by, submitted_at=plan.submitted_at,
        submitted_on=desk.day(plan.submitted_at), decided_at=decided,
        approved_on=desk.day(decided) if decided and state == State.APPROVED else None,
        reason=next((row.decision_reason for row in activities if row.decision_reason), ""), released=Decimal(0),
        created_at=plan.submitted_at, updated_at=decided or plan.submitted_at,
    )  # fmt: skip
    lines = [_line(request, fund, position, row) for position, row in enumerate(activities)]
    desk.world.batch.add(request, *lines)
    steps_made = _steps(desk, request, list(needed), plan.submitted_at, decided)
    request.decided_by = steps_made[-1].decided_by if decided else None
    _happened(desk, request, Kind.SUBMITTED, plan.submitted_at, plan.submitted_by)
    if decided is None:
        return
    kind = {State.RETURNED: Kind.RETURNED, State.REJECTED: Kind.REJECTED}.get(state, Kind.APPROVED)
    _happened(desk, request, kind, decided, request.decided_by, request.reason if kind != Kind.APPROVED else "")
    if state == State.APPROVED and request.account is not None:
        _granted(desk, request, [(line, results.get(line.activity_id)) for line in lines], decided)


def _account(desk: Desk, fund: Fund, plan: MarketingPlan) -> Any:
    accounts = desk.funds.accounts
    return accounts.get((fund.pk, "region", plan.partner.region_id or 0)) or accounts[fund.pk, "fund", 0]


def _decided(desk: Desk, plan: MarketingPlan, fund: Fund | None) -> dt.datetime:
    """When the plan was, but not before there was a fund to decide about."""
    assert plan.decided_at is not None
    if fund is None:
        return plan.decided_at
    opened = min(fund.starts_on, desk.world.yesterday - dt.timedelta(days=30)) + LATE
    return max(plan.decided_at, dt.datetime.combine(opened, dt.time(9), desk.zone))


def _line(request: Request, fund: Fund | None, position: int, activity: Activity) -> Line:
    is_granted = request.state == State.APPROVED
    decided = activity.mdf_approved if request.decided_at and activity.decision != "returned" else None
    approved = (activity.mdf_approved or Decimal(0)) if is_granted else None
    return Line(
        request=request, position=position, activity=activity,
        asked_in_plan=activity.mdf_asked if fund else Decimal(0), asked=activity.mdf_asked if fund else Decimal(0),
        decision=activity.decision if request.decided_at else Decision.UNDECIDED, decided_in_plan=decided, approved=approved,
        claimed=Decimal(0), note=activity.decision_reason,
        claim_until=claiming.deadline(activity.ends_on, fund.claim_days) if fund and approved else None,
    )  # fmt: skip


# ── Steps and history ────────────────────────────────────────────────────────────────────────────────────────────────


def _steps(
    desk: Desk, of: Request | Claim, needed: Sequence[Level], begun: dt.datetime, decided: dt.datetime | None
) -> list[ApprovalStep]:
    """The steps of the one round there was: passed until `decided`, or waiting; of one in review all but the last are passed."""
    rows = []
    under_review = of.state in ("submitted", "in_review")
    done = len(needed) if not under_review else len(needed) - 1 if of.state == "in_review" else 0
    at = begun
    for position, level in enumerate(needed):
        step = ApprovalStep(
            **({"claim": of} if isinstance(of, Claim) else {"request": of}), round=1, position=position, level=level.value,
            state=ApprovalStep.State.AHEAD,
        )  # fmt: skip
        if position <= done and (position < len(needed)):
            clock = steps.clock(at, RULES, desk.calendar)
            step.started_at, step.remind_at = at, clock.remind_at
            step.decide_by, step.escalate_at = clock.decide_by, clock.escalate_at
            step.state = ApprovalStep.State.WAITING
        if position < done:
            last = position == len(needed) - 1
            at = decided if last and decided else min(at + dt.timedelta(hours=3), decided or at + dt.timedelta(hours=3))
            _pass(desk, of, step, level, at, last)
        rows.append(step)
    desk.later += rows
    return rows


def _pass(desk: Desk, of: Request | Claim, step: ApprovalStep, level: Level, at: dt.datetime, last: bool) -> None:
    ended = {"returned": ApprovalStep.State.RETURNED, "rejected": ApprovalStep.State.REJECTED}
    step.state = ended.get(of.state, ApprovalStep.State.APPROVED) if last else ApprovalStep.State.APPROVED
    owner = of.submitted_by
    people = {
        Level.CAM: of.partner.cam, Level.MARKETING: desk.world.staff[Role.MARKETING], Level.CHIEF: desk.world.staff[Role.CHIEF],
    }  # fmt: skip
    stands = next(one for one in (level, Level.MARKETING, Level.CHIEF) if people[one] and people[one] != owner)
    step.decided_by, step.decided_level, step.decided_at = people[stands], stands.value, at
    step.amount = of.approved if of.approved is not None else None
    step.reason = of.reason if last else ""


def _happened(
    desk: Desk, of: Request | Claim, kind: Happening.Kind, at: dt.datetime, by: User | None, reason: str = ""
) -> None:
    which: dict[str, Any] = {"claim": of} if isinstance(of, Claim) else {"request": of}
    desk.later.append(Happening(**which, kind=kind, reason=reason, details={}, by=by, at=at))
    name = "mdf_claim" if isinstance(of, Claim) else "mdf_request"
    desk.world.batch.log(at, by, f"{name}.{kind.value}", of, note=reason)


# ── What was granted ─────────────────────────────────────────────────────────────────────────────────────────────────


def _granted(
    desk: Desk, request: Request, lines: Iterable[tuple[Line, ActivityResult | None]], decided: dt.datetime
) -> None:
    last, is_open = decided, False
    held = [(line, result) for line, result in lines if line.approved]
    for line, result in held:
        assert request.account is not None
        desk.funds.books.reserve(
            decided, request.account, line.approved or Decimal(0), line, request, request.partner, by=request.decided_by
        )
        if result is None or result.closed_at is None:
            is_open = is_open or (line.claim_until or desk.world.today) >= desk.world.today
            continue
        ended = _claim(desk, request, line, result)
        is_open = is_open or ended is None
        last = max(last, ended or last)
    if held and not is_open:
        _end(desk, request, [line for line, _result in held], last)


def _claim(desk: Desk, request: Request, line: Line, result: ActivityResult) -> dt.datetime | None:
    """What was spent is claimed after the results are in; gives when it was paid, or rejected: None while something is open."""
    assert result.closed_at is not None
    assert request.fund is not None
    world, random = desk.world, desk.random
    sent = desk.after(max(result.closed_at, request.decided_at or result.closed_at), 1, 14)
    if sent is None or (line.claim_until and desk.day(sent) > line.claim_until):
        return None
    by = request.submitted_by
    approved = desk.after(sent, 1, 6)
    drawn = random.random()
    state = (
        Claim.State.PAID if approved and drawn < 0.93 else Claim.State.REJECTED if approved else Claim.State.SUBMITTED
    )
    paid = desk.after(approved, 3, 18) if approved and state == Claim.State.PAID else None
    if paid and approved and (world.today - desk.day(approved)).days < 100 and random.random() < 0.12:
        paid = None  # something about the bank is still asked
    if state == Claim.State.PAID and paid is None:
        state = Claim.State.APPROVED
    cost = result.cost if result.cost > 0 else Decimal(100)
    parts = (
        [cost]
        if cost < 4000
        else [(cost * Decimal("0.6")).quantize(Decimal(1)), cost - (cost * Decimal("0.6")).quantize(Decimal(1))]
    )
    asked = claiming.rounded(Fraction(request.fund.share) * Fraction(cost), request.currency)
    payable = claiming.payable(share=request.fund.share, eligible=parts, approved=line.approved or 0, claimed=[])
    amount = claiming.rounded(payable.amount, request.currency) if state in Claim.GRANTED else None
    claim = Claim(
        partner=request.partner, request=request, line=line, reference=desk.reference("C"), state=state, round=1,
        currency=request.currency, results=result.remark, claimed=asked, approved=amount,
        is_full=amount >= asked if amount is not None else None, submitted_by=by, submitted_at=sent,
        submitted_on=desk.day(sent), decided_at=approved, approved_on=desk.day(approved) if approved and amount else None,
        reason=NOT_THIS if state == Claim.State.REJECTED else "",
        paid_reference=f"MDF {random.randrange(10_000, 99_999)}" if paid else "", paid_on=desk.day(paid) if paid else None,
        paid_by=world.staff[Role.MARKETING] if paid else None, revision=1, created_by=by, amounts_by=by,
        created_at=sent - dt.timedelta(minutes=7), updated_at=paid or approved or sent,
    )  # fmt: skip
    world.batch.add(claim)
    _papers(desk, claim, line, parts, sent)
    key = (request.partner_id, request.fund.pk, request.plan.first_quarter)
    desk.claimed[key] += asked
    rows = _steps(desk, claim, RULES.needed(desk.claimed[key]), sent, approved)
    claim.decided_by = rows[-1].decided_by if approved else None
    _happened(desk, claim, Kind.SUBMITTED, sent, by)
    if approved is None:
        return None
    _happened(desk, claim, Kind.REJECTED if amount is None else Kind.APPROVED, approved, claim.decided_by, claim.reason)
    if amount is not None:
        line.claimed += amount
        desk.funds.books.spend(approved, line, amount, claim, by=claim.decided_by)
    if paid:
        _happened(desk, claim, Kind.PAID, paid, claim.paid_by)
    return paid or (approved if amount is None else None)


def _papers(desk: Desk, claim: Claim, line: Line, parts: Sequence[Decimal], at: dt.datetime) -> None:
    common: dict[str, Any] = {
        "claim": claim, "file": desk.paper, "content_type": "application/pdf", "size": len(_PDF), "digest": hashlib.sha256(_PDF).hexdigest(),
        "uploaded_by": claim.submitted_by, "uploaded_at": at - dt.timedelta(minutes=3),
    }  # fmt: skip
    invoice = Proof(kind=Proof.Kind.INVOICE, requirement="", name="invoice.pdf", **common)
    desk.world.batch.add(invoice)
    for wanted in line.activity.tactic.proofs:
        desk.world.batch.add(Proof(kind=Proof.Kind.PROOF, requirement=wanted, name="proof.pdf", **common))
    supplier = desk.random.choice(SUPPLIERS)
    for position, amount in enumerate(parts):
        desk.world.batch.add(
            Receipt(
                claim=claim, position=position, supplier=supplier, number=f"{desk.random.randrange(1000, 9999)}-{position + 1}",
                dated=min(line.activity.ends_on, desk.day(at)), amount=amount, currency=claim.currency, proof=invoice,
            )
        )  # fmt: skip


def _end(desk: Desk, request: Request, lines: Sequence[Line], last: dt.datetime) -> None:
    """Closed once all is paid, or expired with its last day to claim; what is left is released."""
    deadline = max(line.claim_until for line in lines if line.claim_until)
    over = deadline < desk.world.today
    expires = dt.datetime.combine(deadline + dt.timedelta(days=1), dt.time(0, 15), desk.zone)
    at = expires if over and expires > last else desk.after(last, 2, 6)
    if at is None:
        return
    request.state = State.EXPIRED if at == expires else State.CLOSED
    by = None if request.state == State.EXPIRED else desk.world.staff[Role.MARKETING]
    request.closed_at, request.closed_by, request.updated_at = at, by, at
    request.released = sum((line.left for line in lines), Decimal(0))
    for line in lines:
        desk.funds.books.release(at, line, request, by=by)
    _happened(desk, request, Kind.CLOSED if by else Kind.EXPIRED, at, by)
