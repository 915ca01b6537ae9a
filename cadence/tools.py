"""The tasks of a cadence, and the tools that do them. A tool that comes registers itself; until then its task can't be in a policy.

A tool says where it is opened for a partner and in which rows its being held can be read: a due item is done on the first day
from the start of its period on which the conversation was held, whether the item was there by then or not.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accountplans.events import AccountPlanReviewed
from accountplans.models import PlanReview, Sharing
from accounts.models import User
from accounts.permissions import Permission as P
from cadence.models import SATISFACTION, TASKS
from marketing.events import MarketingPlanRecalled, MarketingPlanSubmitted
from marketing.models import MarketingPlan
from partners.events import ObjectiveProgressEntered
from partners.models import ObjectiveProgress
from planning.chasing import unsigned
from planning.events import PlanCommitted, ReforecastConfirmed
from planning.models import BusinessPlan, PlanSignature, Reforecast, Side
from prm.common.addresses import of_row
from qbr.events import QbrHeld
from qbr.models import Qbr
from scorecards.events import AssessmentSubmitted, PerformanceReviewed
from scorecards.models import Assessment, PerformanceReview, Questionnaire
from scorecards.queries import own_mode

PERFORMANCE = "performance_review"
CAPABILITIES = "capabilities"
ACCOUNT_PLAN = "account_plan"
BUSINESS_PLAN = "business_plan"
REFORECAST = "reforecast"
MARKETING_PLAN = "marketing_plan"
OBJECTIVES = "objectives"
QBR = "qbr"


@dataclass(frozen=True)
class Held:
    """Rows that say a conversation was held: each with its partner, the field of the day and that of the person."""

    rows: QuerySet[Any]
    day: str
    by: str


@dataclass(frozen=True)
class Chase:
    """What of a conversation is stuck and is run after: "plan unsigned 31 d", late since the day after `due_on`."""

    partner: int
    name: str
    words: str
    due_on: dt.date
    url: str
    button: str


@dataclass(frozen=True)
class Tool:
    """What does a task. `short` names it in a list, `brief` heads its narrow column; `url`: partner's id → the page where a person of the vendor does it.

    `permission`: who does it; others see only how it stands. `under_way`: (user, ids of partners) → addresses to go on at.
    `news`: kinds of events that tell of it, each with the partner's id in it, or None where it is about another task.
    `possible`: ids of partners → since when it can be done with each; who isn't there can't, and is asked for periods that start
    later only. None: with everybody, always. `chases`: (user, day) → what is stuck with partners the user sees.
    """

    task: str
    short: Any
    brief: Any
    order: int
    permission: P
    url: Callable[[int], str]
    button: Any
    held: Callable[[], Held]
    news: dict[type, Callable[[Any], int | None]]
    under_way: Callable[[User, Sequence[int]], dict[int, str]] = lambda user, partners: {}
    possible: Callable[[Sequence[int]], dict[int, dt.date]] | None = None
    chases: Callable[[User, dt.date], list[Chase]] = lambda user, day: []

    @property
    def label(self) -> str:
        return str(TASKS[self.task])


@dataclass(frozen=True)
class Watch:
    """What is run after though no policy asks for it: a lead nobody answers. `key` stands beside the tasks in the filter over
    what is late, as `label`; only who holds `permission` is told."""

    key: str
    label: Any
    permission: P
    chases: Callable[[User, dt.date], list[Chase]]


_tools: dict[str, Tool] = {}
_watches: dict[str, Watch] = {}


def tool(entry: Tool) -> Tool:
    """Registers a tool; its task may be in policies from now on."""
    _tools[entry.task] = entry
    return entry


def watch(entry: Watch) -> Watch:
    """Registers what is run after beside the conversations."""
    _watches[entry.key] = entry
    return entry


def tools() -> list[Tool]:
    return sorted(_tools.values(), key=lambda entry: entry.order)


def address(task: str, partner: int) -> str:
    """Where a task is done for a partner; the partner's page where its tool has gone."""
    return _tools[task].url(partner) if task in _tools else of_row("partners:hub", partner)


def seen_by(user: User) -> list[Tool]:
    """The tools whose items a person may see at all: those of satisfaction only channel management."""
    return [entry for entry in tools() if entry.task != SATISFACTION or user.can(P.SEE_SATISFACTION)]


def watched_by(user: User) -> list[Watch]:
    """What is run after beside the conversations, as far as a person is told."""
    return [entry for entry in _watches.values() if user.can(entry.permission)]


def stuck(user: User, day: dt.date) -> Iterator[tuple[str, Chase]]:
    """All that is stuck with partners a person sees: (the task, or the key of what is watched; what of it)."""
    for entry in seen_by(user):
        yield from ((entry.task, chase) for chase in entry.chases(user, day))
    for other in watched_by(user):
        yield from ((other.key, chase) for chase in other.chases(user, day))


# ── The tools there are ──────────────────────────────────────────────────────────────────────────────────────────────


def _performance_reviews() -> Held:
    return Held(PerformanceReview.objects.unscoped("whether a review was held"), "on", "by")


def _submissions(kind: str) -> Held:
    """Submitted assessments, also those that became one with the other side's since; not what they became, which was agreed
    and not answered."""
    rows = Assessment.objects.unscoped("whether one was submitted")
    settled = rows.filter(superseded_by=OuterRef("pk"))
    submitted = rows.filter(questionnaire__kind=kind).exclude(status=Assessment.Status.DRAFT).exclude(Exists(settled))
    return Held(submitted, "finished_on", "finished_by")


def _of_kind(kind: str) -> dict[type, Callable[[Any], int | None]]:
    return {AssessmentSubmitted: lambda event: event.partner_id if event.kind == kind else None}


def _drafts(user: User, partners: Sequence[int]) -> dict[int, str]:
    """Where this side's open scorecard goes on."""
    kind = Questionnaire.Kind.CAPABILITY
    rows = Assessment.objects.visible_to(user).filter(
        partner__in=partners, status=Assessment.Status.DRAFT, mode=own_mode(user), questionnaire__kind=kind
    )
    return {
        partner: of_row("scorecards:answer", pk) for partner, pk in rows.order_by("-pk").values_list("partner_id", "pk")
    }


tool(
    Tool(
        task=PERFORMANCE,
        short=_("Performance"),
        brief=_("Perf."),
        order=10,
        permission=P.REVIEW_PERFORMANCE,
        url=lambda partner: of_row("scorecards:performance", partner),
        button=_("Review"),
        held=_performance_reviews,
        news={PerformanceReviewed: lambda event: event.partner_id},
    )
)
tool(
    Tool(
        task=CAPABILITIES,
        short=_("Capabilities"),
        brief=_("Cap."),
        order=20,
        permission=P.RUN_SCORECARDS,
        url=lambda partner: of_row("scorecards:partner", partner),
        button=_("Start"),
        held=lambda: _submissions(Questionnaire.Kind.CAPABILITY),
        news=_of_kind(Questionnaire.Kind.CAPABILITY),
        under_way=_drafts,
    )
)


def _account_reviews() -> Held:
    return Held(PlanReview.objects.unscoped("whether a plan was gone through"), "on", "by")


def _shared_accounts(partners: Sequence[int]) -> dict[int, dt.date]:
    """A plan can be gone through with the partner as long as it lets the vendor see its targets."""
    rows = Sharing.objects.unscoped("since when, not what").filter(partner__in=partners, targets_since__isnull=False)
    return dict(rows.order_by().values_list("partner", "targets_since"))


def _committed() -> QuerySet[BusinessPlan]:
    """The plans that both sides signed, with who signed for the vendor."""
    rows: QuerySet[BusinessPlan] = BusinessPlan.objects.unscoped("whether one was signed").filter(
        status__in=BusinessPlan.FIXED
    )
    signatures = PlanSignature.objects.unscoped("of these plans").filter(
        plan=OuterRef("pk"), side=Side.VENDOR, voided_at=None
    )
    return rows.annotate(signed_by=Subquery(signatures.values("user")[:1]))


def _reforecasts() -> Held:
    rows = Reforecast.objects.unscoped("whether one was confirmed").annotate(partner=F("plan__partner"))
    return Held(rows, "on", "by")


def _first_plans(partners: Sequence[int]) -> dict[int, dt.date]:
    """A plan can be re-forecast from the first one on that was committed."""
    rows = BusinessPlan.objects.unscoped("whether there is one").filter(
        partner__in=partners, status__in=BusinessPlan.FIXED
    )
    return dict(rows.order_by().values_list("partner").annotate(first=Min("committed_on")))


def _plan_drafts(user: User, partners: Sequence[int]) -> dict[int, str]:
    rows = BusinessPlan.objects.visible_to(user).filter(partner__in=partners, status=BusinessPlan.Status.DRAFT)
    return {plan.partner_id: plan.get_absolute_url() for plan in rows}


def _unsigned(user: User, day: dt.date) -> list[Chase]:
    return [
        Chase(
            partner=found.partner.pk,
            name=found.partner.name,
            words=_now("Plan unsigned %(days)s d") % {"days": found.days},
            due_on=found.due_on,
            url=found.plan.get_absolute_url(),
            button=_now("Open"),
        )
        for found in unsigned(user, day)
    ]


def _submitted_marketing() -> Held:
    """Plans that were submitted and not taken back, with who submitted them."""
    return Held(
        MarketingPlan.objects.unscoped("whether one was submitted").filter(submitted_on__isnull=False),
        "submitted_on",
        "submitted_by",
    )


def _marketing_drafts(user: User, partners: Sequence[int]) -> dict[int, str]:
    """Where the newest plan that isn't submitted yet goes on."""
    rows = MarketingPlan.objects.visible_to(user).filter(
        partner__in=partners, state__in=MarketingPlan.EDITABLE, submitted_on=None
    )
    return {plan.partner_id: plan.get_absolute_url() for plan in rows.order_by("starts_on", "pk")}


def _held_reviews() -> Held:
    """Only a review that was held counts, on the day it was; whichever quarter it was of."""
    return Held(Qbr.objects.unscoped("whether one was held").filter(held_on__isnull=False), "held_on", "held_by")


def _built_reviews(user: User, partners: Sequence[int]) -> dict[int, str]:
    """Where the newest one that wasn't held yet goes on."""
    rows = Qbr.objects.visible_to(user).filter(partner__in=partners, held_on=None)
    return {qbr.partner_id: of_row("qbr:deck", qbr.pk) for qbr in rows.order_by("starts_on", "pk")}


def _progress() -> Held:
    """Progress entered of any objective of the partner, by either side: on the day it was entered first, corrections aside."""
    rows = ObjectiveProgress.objects.unscoped("whether progress was entered")
    return Held(rows.annotate(partner=F("objective__partner")), "on", "by")


tool(
    Tool(
        task=ACCOUNT_PLAN,
        short=_("Accounts"),
        brief=_("Acc."),
        order=30,
        permission=P.EDIT_ACCOUNT_PLANS,
        url=lambda partner: of_row("accountplans:partner", partner),
        button=_("Review"),
        held=_account_reviews,
        news={AccountPlanReviewed: lambda event: event.partner_id},
        possible=_shared_accounts,
    )
)
tool(
    Tool(
        task=BUSINESS_PLAN,
        short=_("Plan"),
        brief=_("Plan"),
        order=40,
        permission=P.EDIT_PLANS,
        url=lambda partner: of_row("planning:partner", partner),
        button=_("Start"),
        held=lambda: Held(_committed(), "committed_on", "signed_by"),
        news={PlanCommitted: lambda event: event.partner_id},
        under_way=_plan_drafts,
        chases=_unsigned,
    )
)
tool(
    Tool(
        task=REFORECAST,
        short=_("Re-forecast"),
        brief=_("Re-f."),
        order=50,
        permission=P.EDIT_PLANS,
        url=lambda partner: of_row("tracking:of_partner", partner),
        button=_("Confirm"),
        held=_reforecasts,
        news={ReforecastConfirmed: lambda event: event.partner_id},
        possible=_first_plans,
    )
)
tool(
    Tool(
        task=MARKETING_PLAN,
        short=_("Marketing"),
        brief=_("Mkt."),
        order=60,
        permission=P.EDIT_MARKETING,
        url=lambda partner: of_row("marketing:partner", partner),
        button=_("Start"),
        held=_submitted_marketing,
        news={
            MarketingPlanSubmitted: lambda event: event.partner_id,
            MarketingPlanRecalled: lambda event: event.partner_id,
        },
        under_way=_marketing_drafts,
    )
)
tool(
    Tool(
        task=QBR,
        short=_("QBR"),
        brief=_("QBR"),
        order=70,
        permission=P.EDIT_QBR,
        url=lambda partner: of_row("qbr:partner", partner),
        button=_("Build"),
        held=_held_reviews,
        news={QbrHeld: lambda event: event.partner_id},
        under_way=_built_reviews,
    )
)
tool(
    Tool(
        task=OBJECTIVES,
        short=_("Objectives"),
        brief=_("Obj."),
        order=80,
        permission=P.EDIT_PARTNERS,
        url=lambda partner: of_row("partners:objectives", partner),
        button=_("Enter progress"),
        held=_progress,
        news={ObjectiveProgressEntered: lambda event: event.partner_id},
    )
)
tool(
    Tool(
        task=SATISFACTION,
        short=_("Satisfaction"),
        brief=_("Sat."),
        order=90,
        permission=P.SEE_SATISFACTION,
        url=lambda partner: of_row("scorecards:ask_satisfaction", partner),
        button=_("Ask"),
        held=lambda: _submissions(Questionnaire.Kind.SATISFACTION),
        news=_of_kind(Questionnaire.Kind.SATISFACTION),
    )
)
