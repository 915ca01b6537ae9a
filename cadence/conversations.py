"""The tools there are: where each conversation is held with a partner, and in which rows it can be read that it was."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accountplans.events import AccountPlanReviewed
from accountplans.models import PlanReview, Sharing
from accounts.models import User
from accounts.permissions import Permission as P
from cadence.models import SATISFACTION
from cadence.tools import Chase, Held, Tool, tool
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
