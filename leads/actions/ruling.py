"""How leads are given out is set: the policy, what holds for single partners, trials."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from leads import policies, reading, trial
from leads.actions.common import need
from leads.models import LeadCapacity, LeadSource, LeadTrial
from leads.policies import Known, LeadPolicy, Problem
from partners.models import Partner, Region, Tier
from pipeline.models import ProductLine
from pipeline.policy_actions import set_policy as put_policy
from prm.common import audit, jobs
from prm.common.countries import COUNTRIES
from prm.common.models import Policy
from scorecards.models import Questionnaire, QuestionnaireVersion

MOST_CAPACITY = 10_000
MOST_TURNS = 20
WORDS = {
    "missing": gettext_lazy("Choose at least one, or leave it open for all."),
    "unknown": gettext_lazy("There is no such entry any more."),
    "range": gettext_lazy("This is too low or too high."),
    "order": gettext_lazy("A needs more than B, and B more than C."),
    "repeated": gettext_lazy("Another rule has this name already."),
    "too_many": gettext_lazy("These are too many rules."),
    "never": gettext_lazy("No lead gets here: the rule above takes them all."),
}

audit.VERBS.update(
    {
        "leads.set": gettext_lazy("Rules for leads set"),
        "leads.removed": gettext_lazy("Rules for leads removed"),
        "lead_capacity.set": gettext_lazy("Places for leads set"),
        "lead_trial.started": gettext_lazy("Rules for leads tried"),
    }
)


def topics() -> list[tuple[str, str]]:
    """(key, name) of the topics whose score can count: those of the capability questionnaire that the partner sees, too."""
    pk = reading.now().questionnaire_id
    version = QuestionnaireVersion.objects.filter(questionnaire=pk, status="published").order_by("-number").first()
    if version is None or version.questionnaire.kind != Questionnaire.Kind.CAPABILITY:
        return []
    shared = (category for category in version.content.categories if not category.internal)
    return [(topic.key, topic.name) for category in shared for topic in category.topics]


def known() -> Known:
    """The keys and ids that a policy may name today."""
    people = User.objects.filter(is_active=True, groups__name__in=reading.HOLDERS)
    return Known(
        regions=set(Region.objects.values_list("key", flat=True)),
        tiers=set(Tier.objects.values_list("key", flat=True)),
        lines=set(ProductLine.objects.values_list("key", flat=True)),
        sources=set(LeadSource.objects.values_list("key", flat=True)),
        topics={key for key, _name in topics()},
        partners=set(Partner.objects.unscoped("whom a rule may name").values_list("pk", flat=True)),
        people=set(people.values_list("pk", flat=True)),
        countries=set(COUNTRIES),
    )


def checked(policy: LeadPolicy | Mapping[str, Any]) -> LeadPolicy:
    """The policy, of a document or as it is. Raises ValidationError by path: "rules.0.when.countries", "accept_days"; where a
    document is no policy at all, of the whole."""
    if not isinstance(policy, LeadPolicy):
        try:
            policy = policies.read(policy)
        except ValueError as error:
            raise ValidationError(_("These are no rules: %(why)s") % {"why": error}) from error
    if found := policies.problems(policy, known()):
        raise ValidationError({path(problem): WORDS[problem.code] for problem in reversed(found)})
    return policy


def path(problem: Problem) -> str:
    """Where in the document a problem is."""
    return problem.field if problem.rule is None else f"rules.{problem.rule}.{problem.field}"


@transaction.atomic
def set_policy(*, by: User, starts_on: dt.date, policy: LeadPolicy | Mapping[str, Any]) -> Policy:
    """A version of how leads are given out, from a day on, today or later; one that starts the same day is replaced.

    Offers that are open and clocks that run stay as they are. Raises ValidationError by path ("rules.0.name", "starts_on").
    """
    need(by, Permission.EDIT_LEAD_RULES)
    return put_policy(policies.KIND, policies.document(checked(policy)), by, starts_on)


@transaction.atomic
def set_capacity(*, by: User, partner: Partner, capacity: int | None, turns: int = 1) -> LeadCapacity:
    """How many leads the partner can have open at once (None: the policy's default; 0: it gets none), and its turns in a round.
    Raises ValidationError."""
    need(by, Permission.EDIT_LEAD_RULES)
    if capacity is not None and not 0 <= capacity <= MOST_CAPACITY:
        raise ValidationError({"capacity": _("Enter a number from 0 to 10,000, or nothing for the default.")})
    if not 1 <= turns <= MOST_TURNS:
        raise ValidationError({"turns": _("Enter a number from 1 to 20.")})
    rows = LeadCapacity.objects.unscoped("the caller may see the partner").select_for_update()
    row = rows.filter(partner=partner).first() or LeadCapacity(partner=partner)
    before = {"capacity": row.capacity, "turns": row.turns}
    row.capacity, row.turns, row.updated_by = capacity, turns, by
    row.save()
    if changes := audit.changes_between(before, {"capacity": capacity, "turns": turns}):
        audit.record(by=by, verb="lead_capacity.set", target=row, changes=changes)
    return row


@transaction.atomic
def start_trial(*, by: User, policy: LeadPolicy | Mapping[str, Any], since: dt.date, until: dt.date) -> LeadTrial:
    """Starts the job that runs other rules on the leads that came in from a day to a day (both included): who would have got which.
    Nothing is changed by it. Raises ValidationError for wrong rules, and for too many leads or none."""
    need(by, Permission.EDIT_LEAD_RULES)
    document = policies.document(checked(policy))
    if since > until:
        raise ValidationError({"until": _("This is before the first day.")})
    number = trial.past(since, until).count()
    if not number:
        raise ValidationError({"since": _("No leads came in then.")})
    if number > trial.MOST:
        raise ValidationError({"since": _("These are more than 5,000 leads: choose fewer days.")})
    row = LeadTrial.objects.create(policy=document, since=since, until=until, created_by=by)
    row.job = jobs.start(trial.JOB, by=by, title=_("Try rules on past leads"), params={"trial": row.pk})
    row.save(update_fields=["job"])
    audit.record(by=by, verb="lead_trial.started", target=row)
    return row
