"""Every operation of the OpenAPI document × every role × another partner's object × another vendor's token.

An operation that is not in CALLS fails: adding one means saying here what it stands for.
"""

import datetime as dt
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accountplans.models import AccountTarget, Sharing
from accounts import tokens
from accounts.permissions import Permission, Role
from accounts.tokens import Scope
from cadence.models import DueItem, Handover
from partners.models import (
    Action,
    Certificate,
    Certification,
    Contact,
    Objective,
    ObjectiveProgress,
    Partner,
    Task,
    Tier,
    Touch,
)
from pipeline.deals import actions as deals
from pipeline.models import Customer, DealStage, Metric, MetricValue, ProductLine, SalesResult
from planning import actions as plans
from planning.models import BusinessPlan, PlanBenchmark
from prm.api.site import api
from prm.common.models import Job, Policy
from prm.common.vendor import today
from prm.webhooks import actions as webhooks
from prm.webhooks.models import Endpoint
from scorecards import actions, queries
from scorecards.models import Assessment, Goal, TierAppeal, TierOverride
from tests.api import matrix_funds as funds
from tests.api import matrix_leads as leads
from tests.api import matrix_marketing as marketing
from tests.api import matrix_qbr as qbr
from tests.api import matrix_requests as requests
from tests.api import matrix_results as results
from tests.api.conftest import ROOT, Api
from tests.dealdesk import making as registering
from tests.imports.support import checked, csv
from tests.planning.committed import committed
from tests.scorecards.conftest import example, filled

NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Call:
    """How to call an operation for an object of a partner: parameters of the path, the body.

    `owned`: the object belongs to a partner, so that whoever doesn't see the partner gets 404.
    `also`: what of the vendor's side it asks for besides, because the object is about a partner. `query`: of the address.
    """

    path: Callable[[Any, Any, Any], dict[str, Any]] = lambda world, partner, user: {}
    body: Callable[[Any, Any], Any] = lambda world, partner: None
    owned: bool = False
    also: Permission | None = None
    query: str = ""


RUN = Permission.RUN_SCORECARDS


def _partner(world, partner, user):
    return {"partner_id": partner.pk}


def _row(model, parameter, **fields):
    return lambda world, partner, user: {parameter: model.everything.create(partner=partner, **fields).pk}


_contact = _row(Contact, "contact_id", name="Ana Berg")
_touch = _row(Touch, "touch_id", on="2026-11-01", note="Called")
_result = _row(SalesResult, "result_id", on="2026-01-05", amount=10, currency="USD")
_action = _row(Action, "action_id", title="Name a sponsor", shared=True)


def _deal(world, partner, user):
    deal = deals.add_deal(
        by=world.users[Role.ADMIN], partner=partner, name="Servers", amount=Decimal(10), currency="USD"
    )
    return {"deal_id": deal.pk}


def _registering(state):
    """A registration in this state, begun by the user's side."""

    def make(world, partner, user):
        team = world.users_a if partner == world.partner_a else world.users_b
        by = team[Role.PARTNER_SELLER] if user.is_partner_side else world.users[Role.ADMIN]
        changes = {"customer_name": f"Customer {next(NUMBERS)}", "domain": ""}
        if state == "draft":
            return {"registration_id": registering.drafted(world, partner, by=by, **changes).pk}
        make = registering.approved if state == "approved" else registering.submitted
        return {"registration_id": make(world, partner, by=by, **changes).pk}

    return make


def _new_registration(world, partner):
    return {"partner": partner.pk, "customer_name": f"Customer {next(NUMBERS)}"}


def _registration_policy(world, partner):
    return {"starts_on": (today() + dt.timedelta(days=next(NUMBERS))).isoformat()}


def _seller_of(world, partner):
    return {"user": registering.seller(world, partner).pk}


def _registration_version(world, partner, user):
    starts_on = dt.date(2092, 1, 1) + dt.timedelta(days=next(NUMBERS))
    return {"version_id": Policy.objects.create(kind="registration", starts_on=starts_on, data={}).pk}


PROGRAM = {"name": "P", "tiers": [{"tier": "gold", "requirements": []}]}


def _rules(world, partner, user):
    """A version that has not started."""
    start = dt.date(2090, 1, 1) + dt.timedelta(days=next(NUMBERS))
    return {"rules_id": Policy.objects.create(kind="tiers", starts_on=start, data=PROGRAM).pk}


def _judged(world, partner, user):
    Policy.objects.get_or_create(kind="tiers", starts_on="2020-01-01", defaults={"data": PROGRAM})
    return {"partner_id": partner.pk}


def _override(world, partner, user):
    TierOverride.everything.filter(partner=partner, ended_at=None).update(ended_at=timezone.now())
    made = TierOverride.everything.create(
        partner=partner, tier=Tier.objects.get(key="gold"), reason="New", starts_on=today(), ends_on=today()
    )
    return {"override_id": made.pk}


def _appeal(world, partner, user):
    made = _override(world, partner, user)["override_id"]
    return {"appeal_id": TierAppeal.everything.create(override_id=made, text="We grew").pk}


def _plan(world, partner, user):
    """A shared draft, begun by the user's side."""
    team = world.users_a if partner == world.partner_a else world.users_b
    BusinessPlan.everything.filter(partner=partner, status="draft").update(status="discarded")
    by = team[Role.PARTNER_CHAMPION] if user.is_partner_side else world.users[Role.ADMIN]
    plan = plans.start(partner=partner, by=by)
    return {"plan_id": plans.share(plan=plan, by=world.users[Role.ADMIN], with_partner=True).pk}


def _in_force(world, partner, user):
    """The second version of two that were committed."""
    there = BusinessPlan.everything.filter(partner=partner, status="committed").first()
    if there is None:
        first = committed(world, partner, status="superseded", number=901)
        there = committed(world, partner, number=902, follows=first)
    return {"plan_id": there.pk}


def _signers(world, partner):
    team = world.users_a if partner == world.partner_a else world.users_b
    return {"vendor_signer": partner.cam_id, "partner_signer": team[Role.PARTNER_EXECUTIVE].pk}


def _benchmark(world, partner, user):
    made = PlanBenchmark.objects.get_or_create(size="large", partner_type=None, defaults={"currency": "USD"})[0]
    return {"benchmark_id": made.pk}


def _new_deal(world, partner):
    return {"partner": partner.pk, "name": "Servers", "amount": {"amount": "10", "currency": "USD"}}


def _certificate():
    return Certificate.objects.get_or_create(key="pro", defaults={"name": "Professional"})[0]


def _certification(world, partner, user):
    level = f"Level {next(NUMBERS)}"
    row = Certification.everything.create(
        partner=partner, certificate=_certificate(), level=level, earned_on="2026-01-05"
    )
    return {"certification_id": row.pk}


def _new_certification(world, partner):
    return {"certificate": _certificate().key, "earned_on": "2026-01-05", "level": f"Level {next(NUMBERS)}"}


def _task(world, partner, user):
    return {"key": Task.objects.create(key=f"task-{next(NUMBERS)}", name=f"Task {next(NUMBERS)}").key}


def _task_of_partner(world, partner, user):
    return {**_partner(world, partner, user), **_task(world, partner, user)}


def _objective(world, partner, user):
    """The partner's own, which both sides write."""
    title = f"Objective {next(NUMBERS)}"
    row = Objective.everything.create(
        partner=partner, fiscal_year=today().year, title=title, yardstick="Deals", baseline=0, goal=10
    )
    return {"objective_id": row.pk}


def _entered(world, partner, user):
    found = _objective(world, partner, user)
    ObjectiveProgress.everything.create(**found, quarter=1, value=5, on=today())
    return {**found, "quarter": 1}


def _last_years(world, partner, user):
    row = Objective.everything.get(pk=_objective(world, partner, user)["objective_id"])
    Objective.everything.filter(pk=row.pk).update(fiscal_year=row.fiscal_year - 1)
    return {"partner_id": partner.pk}


def _new_objective(world, partner):
    return {"title": f"Objective {next(NUMBERS)}", "yardstick": "Deals won"}


def _customer(world, partner, user):
    return {"customer_id": Customer.everything.create(partner=partner, name=f"Customer {next(NUMBERS)}").pk}


def _account(world, partner, user):
    """A customer of a plan that is shared whole."""
    Sharing.everything.update_or_create(partner=partner, defaults={"level": "all", "targets_since": today()})
    row = Customer.everything.create(partner=partner, name=f"Customer {next(NUMBERS)}", known_to_vendor=False)
    return {"customer_id": row.pk}


def _shared_plan(world, partner, user):
    _account(world, partner, user)
    return _partner(world, partner, user)


def _line():
    return ProductLine.objects.get_or_create(key="servers", defaults={"name": "Servers"})[0]


def _account_cell(world, partner, user):
    return {**_account(world, partner, user), "key": _line().key}


def _account_target(world, partner, user):
    row = AccountTarget.everything.create(
        **_account(world, partner, user), product_line=_line(), touched_at=timezone.now()
    )
    return {"target_id": row.pk}


def _touched_plan(world, partner, user):
    _account_target(world, partner, user)
    AccountTarget.everything.update(touched_at=timezone.now())
    return _partner(world, partner, user)


def _metric():
    return Metric.objects.get_or_create(key="usage", defaults={"name": "Usage"})[0]


def _value(world, partner, user):
    on = dt.date(2026, 1, 1) + dt.timedelta(days=next(NUMBERS))
    return {"value_id": MetricValue.everything.create(partner=partner, metric=_metric(), on=on, value=1).pk}


def _new_value(world, partner):
    on = dt.date(2025, 1, 1) + dt.timedelta(days=next(NUMBERS) % 300)
    return {"metric": _metric().key, "on": on.isoformat(), "value": "1.5"}


def _entry(model):
    """An entry of one of the vendor's lists that nothing is with."""
    return lambda world, partner, user: {
        "key": model.objects.create(key=f"k{(n := next(NUMBERS))}", name=f"Name {n}").key
    }


def _named(world, partner):
    return {"name": f"Name {next(NUMBERS)}"}


def _due_item(world, partner, user):
    period = {"period": f"{next(NUMBERS)}", "starts_on": "2026-01-01", "ends_on": "2026-01-31", "due_on": "2026-01-30"}
    return {"due_item_id": DueItem.everything.create(partner=partner, task="capabilities", **period).pk}


def _to_come(world, partner, user):
    starts_on = today() + dt.timedelta(days=next(NUMBERS))
    return {"version_id": Policy.objects.create(kind="cadence", starts_on=starts_on, data={"rules": []}).pk}


def _assessment(world, partner, user):
    """The draft of the user's side."""
    mode, by = ("self", user) if user.is_partner_side else ("cam", partner.cam)
    version = queries.published()[-1]
    return {"assessment_id": actions.start_assessment(partner=partner, version=version, mode=mode, by=by).pk}


def _submitted(world, partner, user):
    by = (world.users_a if partner == world.partner_a else world.users_b)[Role.PARTNER_CHAMPION]
    by = by if user.is_partner_side else partner.cam
    return {"assessment_id": filled(partner, queries.published()[-1], by).pk}


def _together(world, partner, user):
    """One filled in together and submitted, both sides' to agree."""
    made = filled(partner, queries.published()[-1], partner.cam)
    Assessment.everything.filter(pk=made.pk).update(mode="joint")
    return {"assessment_id": made.pk}


def _goal(world, partner, user):
    questionnaire = queries.published()[-1].questionnaire
    Goal.everything.filter(partner=partner).delete()
    goal = Goal.everything.create(
        partner=partner, questionnaire=questionnaire, topic_key="a2", topic_name="Topic a2", score_from=25, score_to=75,
        by_on="2099-01-01", proposed_at=timezone.now(),
    )  # fmt: skip
    return {"goal_id": goal.pk}


def _new_goal(world, partner):
    Goal.everything.filter(partner=partner).delete()
    made = _together(world, partner, None)["assessment_id"]
    return {"assessment": made, "topic": "a2", "score_to": 75, "by_on": "2099-01-01"}


def _invitation(world, partner):
    team = world.users_a if partner == world.partner_a else world.users_b
    return {"questionnaire": "example", "user": team[Role.PARTNER_SELLER].pk}


def _answer(world, partner, user):
    return {**_assessment(world, partner, user), "question_key": "a1q1"}


def _job(world, partner, user):
    return {"job_id": Job.objects.create(kind="none", title="Mine", created_by=user).pk}


def _finished_job(world, partner, user):
    job = Job.objects.create(kind="none", title="Mine", created_by=user, state="done")
    job.result_file.save("a.txt", ContentFile(b"a"))
    return {"job_id": job.pk}


def _token(world, partner, user):
    return {"token_id": tokens.create(user, "Other", ["jobs:read"], 1)[0].pk}


def _import(world, partner, user):
    return {
        "import_id": checked(
            csv("Name,External id,Type", f"New,N-{next(NUMBERS)},Reseller"), world.users[Role.ADMIN]
        ).pk
    }


def _definition(world, partner):
    from scorecards.definition_json import to_json

    return {**to_json(example()), "key": f"q{next(NUMBERS)}"}


def _next_version(world, partner):
    from scorecards.definition_json import to_json

    return to_json(example())


def _to_publish(world, partner, user):
    from scorecards import drafts

    key = f"d{next(NUMBERS)}"
    drafts.save_draft(by=world.users[Role.ADMIN], key=key, content=example(), new=True)
    return {"key": key}


def _example(**more):
    return lambda world, partner, user: {"key": "example", **more}


def _body(**fields):
    return lambda world, partner: fields


CALLS: dict[str, Call] = {
    "list_tokens": Call(),
    "revoke_token": Call(_token),
    "me": Call(),
    "list_users": Call(),
    "list_life_stages": Call(),
    "list_partner_types": Call(),
    "list_tiers": Call(),
    "list_regions": Call(),
    "list_partners": Call(),
    "create_partner": Call(body=lambda world, partner: {"name": f"New {next(NUMBERS)}", "type": "reseller"}),
    "get_partner": Call(_partner, owned=True),
    "update_partner": Call(_partner, _body(city="Bergen"), owned=True),
    "list_partner_users": Call(_partner, owned=True),
    "list_contacts": Call(),
    "list_partner_contacts": Call(_partner, owned=True),
    "create_contact": Call(_partner, _body(name="Bo"), owned=True),
    "get_contact": Call(_contact, owned=True),
    "update_contact": Call(_contact, _body(title="CEO"), owned=True),
    "delete_contact": Call(_contact, owned=True),
    "list_touches": Call(_partner, owned=True),
    "create_touch": Call(_partner, _body(note="Met"), owned=True),
    "get_touch": Call(_touch, owned=True),
    "delete_touch": Call(_touch, owned=True),
    "list_actions": Call(),
    "create_action": Call(_partner, _body(title="Train two"), owned=True),
    "get_action": Call(_action, owned=True),
    "update_action": Call(_action, _body(status="done"), owned=True),
    "list_questionnaires": Call(),
    "create_questionnaire": Call(body=_definition),
    "get_questionnaire": Call(_example()),
    "create_questionnaire_version": Call(_example(), _next_version),
    "get_questionnaire_version": Call(_example(number=1)),
    "get_questionnaire_file": Call(_example(number=1)),
    "publish_questionnaire": Call(_to_publish),
    "upload_questionnaire": Call(_example(), _body()),
    "discard_questionnaire_draft": Call(_to_publish),
    "retire_questionnaire": Call(_to_publish),
    "list_assessments": Call(),
    "start_assessment": Call(body=lambda world, partner: {"partner": partner.pk, "questionnaire": "example"}, also=RUN),
    "get_assessment": Call(_assessment, owned=True),
    "discard_assessment": Call(_assessment, owned=True, also=RUN),
    "submit_assessment": Call(_assessment, owned=True, also=RUN),
    "list_answers": Call(_assessment, owned=True),
    "list_changes": Call(_answer, owned=True),
    "patch_answers": Call(_assessment, _body(answers={"a1q1": {"na": True}}), owned=True, also=RUN),
    "put_answer": Call(_answer, _body(na=True), owned=True, also=RUN),
    "confirm_answers": Call(_assessment, _body(all=True), owned=True, also=RUN),
    "list_invitations": Call(_partner, owned=True),
    "create_invitation": Call(_partner, _invitation, owned=True),
    "get_result": Call(_submitted, owned=True),
    "get_proposed_plan": Call(_submitted, owned=True),
    "agree": Call(_together, _body(), owned=True),
    "list_goals": Call(_partner, owned=True),
    "propose_goal": Call(_partner, _new_goal, owned=True),
    "change_goal": Call(_goal, _body(score_to=80), owned=True),
    "agree_goal": Call(_goal, owned=True),
    "accept_plan": Call(_submitted, _body(items=[{"question": "a2q1"}]), owned=True),
    "list_program_versions": Call(),
    "create_program_version": Call(body=_body(starts_on="2089-01-01", program=PROGRAM)),
    "get_program_version": Call(_rules),
    "replace_program_version": Call(_rules, _body(starts_on="2089-06-01", program=PROGRAM)),
    "delete_program_version": Call(_rules),
    "try_program_version": Call(_rules),
    "get_partner_program": Call(_judged, owned=True),
    "list_partner_program_history": Call(_partner, owned=True),
    "list_tier_overrides": Call(_partner, owned=True),
    "create_tier_override": Call(_partner, _body(tier="gold", reason="New", ends_on="2099-01-01"), owned=True),
    "end_tier_override": Call(_override, _body(), owned=True),
    "appeal_tier_override": Call(_override, _body(text="We grew"), owned=True),
    "decide_tier_appeal": Call(_appeal, _body(decision="rejected", answer="It stays"), owned=True),
    "get_performance": Call(_partner, owned=True),
    "get_capabilities_rollup": Call(),
    "get_satisfaction_rollup": Call(),
    "get_own_satisfaction": Call(),
    "get_groups_rollup": Call(),
    "get_distribution_rollup": Call(),
    "get_movers_rollup": Call(),
    "get_investment_rollup": Call(),
    "get_completion_rollup": Call(),
    "get_time_rollup": Call(),
    "get_performance_rollup": Call(),
    "get_performance_trend": Call(),
    "get_performance_concentration": Call(),
    "get_performance_movers": Call(),
    "list_performance_ranking": Call(),
    "list_imports": Call(),
    "create_import": Call(body=_body()),
    "get_import": Call(_import),
    "choose_import_columns": Call(_import, _body()),
    "list_import_rows": Call(_import),
    "decide_import_rows": Call(_import, _body(decisions={"2": None})),
    "commit_import": Call(_import, _body()),
    "undo_import": Call(_import),
    "discard_import": Call(_import),
    "list_due_items": Call(),
    "get_due_item": Call(_due_item, owned=True),
    "skip_due_item": Call(_due_item, _body(reason="On holiday"), owned=True),
    "reopen_due_item": Call(_due_item, owned=True),
    "list_cadence_versions": Call(),
    "set_cadence_version": Call(body=_body(starts_on="2099-01-01", rules=[])),
    "remove_cadence_version": Call(_to_come),
    "list_handovers": Call(),
    "get_handover": Call(_row(Handover, "handover_id"), owned=True),
    "hand_over": Call(body=lambda world, partner: {"partners": [partner.pk], "cam": partner.cam_id}),
    "list_jobs": Call(),
    "get_job": Call(_job),
    "cancel_job": Call(_job),
    "get_job_file": Call(_finished_job),
    "list_deals": Call(),
    "create_deal": Call(body=_new_deal),
    "get_deal": Call(_deal, owned=True),
    "update_deal": Call(_deal, _body(kind="renewal"), owned=True),
    "move_deal": Call(_deal, _body(stage="won"), owned=True),
    "delete_deal": Call(_deal, owned=True),
    "list_deal_history": Call(_deal, owned=True),
    "list_certificates": Call(),
    "create_certificate": Call(body=lambda world, partner: {"name": f"Certificate {next(NUMBERS)}"}),
    "list_certifications": Call(),
    "list_partner_certifications": Call(_partner, owned=True),
    "create_certification": Call(_partner, _new_certification, owned=True),
    "get_certification": Call(_certification, owned=True),
    "update_certification": Call(_certification, _body(level="Expert"), owned=True),
    "delete_certification": Call(_certification, owned=True),
    "list_required_tasks": Call(),
    "create_required_task": Call(body=lambda world, partner: {"name": f"Task {next(NUMBERS)}"}),
    "update_required_task": Call(_task, _body(detail="Both pages")),
    "delete_required_task": Call(_task),
    "list_partner_tasks": Call(_partner, owned=True),
    "do_partner_task": Call(_task_of_partner, _body(who="Ana"), owned=True),
    "undo_partner_task": Call(_task_of_partner, owned=True),
    "list_objectives": Call(),
    "list_partner_objectives": Call(_partner, owned=True),
    "create_objective": Call(_partner, _new_objective, owned=True),
    "get_objective": Call(_objective, owned=True),
    "update_objective": Call(_objective, _body(unit="deals"), owned=True),
    "delete_objective": Call(_objective, owned=True),
    "put_objective_progress": Call(_entered, _body(value="7"), owned=True),
    "delete_objective_progress": Call(_entered, owned=True),
    "list_objective_proposals": Call(_partner, owned=True),
    "take_over_objectives": Call(_last_years, _body(), owned=True),
    "get_objectives_rollup": Call(),
    "list_sales_results": Call(),
    "create_sales_result": Call(
        _partner, _body(on="2026-01-05", amount={"amount": "10", "currency": "USD"}), owned=True
    ),
    "get_sales_result": Call(_result, owned=True),
    "update_sales_result": Call(_result, _body(kind="renewal"), owned=True),
    "delete_sales_result": Call(_result, owned=True),
    "list_customers": Call(),
    "get_customer": Call(_customer, owned=True),
    "delete_customer": Call(_customer, owned=True),
    "list_metric_values": Call(),
    "create_metric_value": Call(_partner, _new_value, owned=True),
    "get_metric_value": Call(_value, owned=True),
    "update_metric_value": Call(_value, _body(value="2"), owned=True),
    "delete_metric_value": Call(_value, owned=True),
    "list_targets": Call(),
    "list_partner_targets": Call(_partner, owned=True),
    "set_targets": Call(_partner, _body(periods={"2026": "1200"}, currency="USD"), owned=True),
    "generate_targets": Call(body=_body(year="2026", factor="1.1")),
    **{
        f"{verb}_{name}": call
        for name, model in (("product_line", ProductLine), ("deal_stage", DealStage), ("metric", Metric))
        for verb, call in (
            ("create", Call(body=_named)),
            ("update", Call(_entry(model), _named)),
            ("delete", Call(_entry(model))),
        )
    },
    "list_product_lines": Call(),
    "list_deal_stages": Call(),
    "list_metrics": Call(),
    "list_actuals": Call(),
    "set_actuals": Call(body=_body(starts_on="2099-01-01")),
    "list_seasonality": Call(),
    "set_seasonality": Call(body=_body(starts_on="2099-01-01", weights=[1] * 12)),
}
PLAN = {
    "lines": [
        {
            "key": "a",
            "name": "Servers",
            "deals": {"kind": "ramp", "first": "2"},
            "sale": {"kind": "one_time", "deal_size": "1000"},
        }
    ]
}
CALLS |= {
    "list_business_plans": Call(),
    "list_partner_plans": Call(_partner, owned=True),
    "start_business_plan": Call(_partner, owned=True),
    "get_business_plan": Call(_plan, owned=True),
    "save_business_plan": Call(_plan, _body(revision=0, scenario="bleak"), owned=True),
    "share_business_plan": Call(_plan, _body(with_partner=True), owned=True),
    "ask_to_sign_business_plan": Call(_plan, _signers, owned=True),
    "sign_business_plan": Call(_plan, _body(name="Ana", content_hash="0" * 64), owned=True),
    "discard_business_plan": Call(_plan, owned=True),
    "get_business_plan_forecast": Call(_plan, owned=True),
    "forecast_assumptions": Call(body=_body(document=PLAN)),
    "list_plan_benchmarks": Call(),
    "set_plan_benchmark": Call(body=_body(currency="USD", size="small", document=PLAN)),
    "remove_plan_benchmark": Call(_benchmark),
    "get_plan_beginning": Call(query="type=reseller"),
    "get_plan_actuals": Call(_in_force, owned=True),
    "list_plan_reforecasts": Call(_in_force, owned=True),
    "confirm_plan_reforecast": Call(_in_force, _body(note="Slow start"), owned=True),
    "compare_plan_versions": Call(_in_force, owned=True, query="version=901"),
    "list_unsigned_plans": Call(),
    "get_commitment_rollup": Call(query="by=region"),
    "list_commitment_partners": Call(),
}  # fmt: skip


def _webhook(world, partner, user):
    made = webhooks.add_endpoint(
        by=world.users[Role.ADMIN], name="CRM", url="https://crm.example/", kinds=["deal.moved"]
    )
    Endpoint.objects.exclude(pk=made.pk).delete()  # there is an end to how many there can be
    return {"webhook_id": made.pk}


def _message(world, partner, user):
    endpoint = Endpoint.objects.get(pk=_webhook(world, partner, user)["webhook_id"])
    return {"delivery_id": webhooks.send_test(by=world.users[Role.ADMIN], endpoint=endpoint).pk}


CALLS |= {
    "get_deals_pace": Call(query="span=year"),
    "list_webhook_kinds": Call(),
    "list_webhooks": Call(),
    "create_webhook": Call(body=_body(name="CRM", url="https://crm.example/", kinds=["deal.moved"])),
    "get_webhook": Call(_webhook),
    "update_webhook": Call(_webhook, _body(name="ERP")),
    "delete_webhook": Call(_webhook),
    "rotate_webhook_secret": Call(_webhook),
    "send_webhook_test": Call(_webhook),
    "replay_webhook_failures": Call(_webhook, _body(since="2026-01-01T00:00:00Z")),
    "list_webhook_deliveries": Call(),
    "get_webhook_delivery": Call(_message),
    "replay_webhook_delivery": Call(_message),
}


CALLS |= {
    "list_accounts": Call(_partner, owned=True),
    "create_account": Call(_shared_plan, _named, owned=True),
    "get_account": Call(_account, owned=True),
    "update_account": Call(_account, _body(note="Known"), owned=True),
    "delete_account": Call(_account, owned=True),
    "set_account_products": Call(_account, _body(owned=[]), owned=True),
    "get_whitespace": Call(_account, owned=True),
    "list_opportunities": Call(_partner, owned=True),
    "list_account_targets": Call(),
    "get_account_target": Call(_account_target, owned=True),
    "set_account_target": Call(_account_cell, _body(next_step="Call"), owned=True),
    "confirm_account_target": Call(_account_target, owned=True),
    "clear_account_target": Call(_account_target, owned=True),
    "get_account_plan": Call(_partner, owned=True),
    "share_account_plan": Call(_partner, _body(level="all"), owned=True),
    "list_account_plan_reviews": Call(_partner, owned=True),
    "review_account_plan": Call(_touched_plan, _body(note="Together"), owned=True),
    "list_ideal_customers": Call(),
    "set_ideal_customers": Call(lambda world, partner, user: {"key": _line().key}, _body(sizes=["small"])),
}
CALLS |= {
    "list_registrations": Call(),
    "create_registration": Call(body=_new_registration),
    "get_registration": Call(_registering("submitted"), owned=True),
    "update_registration": Call(_registering("draft"), _body(need="More"), owned=True),
    "discard_registration": Call(_registering("draft"), owned=True),
    "submit_registration": Call(_registering("draft"), _body(), owned=True),
    "withdraw_registration": Call(_registering("submitted"), _body(reason="Lost interest"), owned=True),
    "release_registration": Call(_registering("approved"), _body(), owned=True),
    "renew_registration": Call(_registering("approved"), owned=True),
    "offer_registration_proof": Call(_registering("approved"), _body(text="Pilot runs"), owned=True),
    "decide_registration": Call(_registering("submitted"), _body(decision="rejected", reason="No need"), owned=True),
    "list_registration_history": Call(_registering("submitted"), owned=True),
    "list_registration_conflicts": Call(_registering("submitted"), owned=True),
    "get_registration_policy": Call(),
    "list_registration_policy_versions": Call(),
    "create_registration_policy_version": Call(body=_registration_policy),
    "invite_to_register": Call(_partner, _seller_of, owned=True),
    "delete_registration_policy_version": Call(_registration_version),
    "try_registration_policy": Call(body=_body(minimum="10")),
}
CALLS |= leads.calls(Call, _partner, _body, _entry, _named)
CALLS |= results.calls(Call, _body)
CALLS |= marketing.calls(Call, _partner, _body)
CALLS |= funds.calls(Call, _body)
CALLS |= requests.calls(Call, _body)
CALLS |= qbr.calls(Call, _partner, _body)
OPEN = {"create_token"}
DOCUMENT = api.get_openapi_schema()
OPERATIONS = {
    details["operationId"]: (method, path, details)
    for path, methods in DOCUMENT["paths"].items()
    for method, details in methods.items()
}


def test_every_operation_is_here_and_asks_who_calls():
    assert set(OPERATIONS) == set(CALLS) | OPEN
    for name, (_method, _path, details) in OPERATIONS.items():
        assert bool(details["security"]) == (name not in OPEN), name
        assert details["summary"]
        assert details["description"], name


def test_every_address_belongs_to_an_operation():
    """Beside the operations only the document itself is served, and the root, which is a 404."""
    from prm.api.site import urls

    assert {pattern.name for pattern in urls[0]} == {*OPERATIONS, "openapi-json", "api-root"}


ANY = {"job_id": "0c5a1b6e-0000-4000-8000-000000000000", "key": "example", "question_key": "a1q1"}


def send(caller: Api, name: str, world, partner, user):
    """Calls the operation for an object of the partner; for any, where the user has no business there."""
    method, path, _details = OPERATIONS[name]
    call = CALLS[name]
    if lets_in(name, user):
        parameters = call.path(world, partner, user)
    else:
        parameters = {parameter: ANY.get(parameter, 1) for parameter in re.findall(r"{(\w+)}", path)}
    address = path.removeprefix(ROOT).format(**parameters) + (f"?{call.query}" if call.query else "")
    return caller.call(method, address, call.body(world, partner))


def lets_in(name: str, user) -> bool:
    needed = OPERATIONS[name][2]["x-permissions"]["partner" if user.is_partner_side else "vendor"]
    return needed == "" or (needed is not None and user.can(Permission(needed)))


def everyone(world):
    return [*world.users.values(), world.cam_b, *world.users_a.values(), world.users_b[Role.PARTNER_CHAMPION]]


def one_of_each(world):
    """Of those who may do the same and see as much, one."""
    people = [*world.users.values(), *world.users_a.values()]
    return list({(user.is_partner_side, *sorted(user.permissions)): user for user in people}.values())


def sees(user, partner) -> bool:
    return Partner.objects.visible_to(user).filter(pk=partner.pk).exists()


def test_nobody_without_a_token_of_this_vendor(acme, globex, version, api_for):
    with globex:
        _row, plain = tokens.create(globex.users[Role.ADMIN], "Theirs", list(Scope), 30)
    acme.__enter__()
    stranger, nobody, revoked = Api(plain, acme.host), Api(None, acme.host), api_for(acme.users[Role.ADMIN])
    tokens.revoke(acme.users[Role.ADMIN].api_tokens.get(), acme.users[Role.ADMIN])
    for name in CALLS:
        for caller in (stranger, nobody, revoked, Api("cad_nonsense", acme.host)):
            response = send(caller, name, acme, acme.partner_a, acme.users[Role.ADMIN])
            assert response.status_code == 401, name
            assert response["WWW-Authenticate"].startswith("Bearer"), name


def test_a_session_is_no_token(acme, client_for):
    assert client_for(acme.users[Role.ADMIN]).get("/api/v1/partners").status_code == 401


@pytest.mark.long
@pytest.mark.parametrize("people", [one_of_each, pytest.param(everyone, marks=pytest.mark.full)])
def test_roles_get_in_by_their_permissions_and_find_what_they_see(acme, version, api_for, people):
    wrong = []
    for user in people(acme):
        caller = api_for(user)
        for name, call in CALLS.items():
            matters = call.owned and lets_in(name, user)
            for partner in (acme.partner_a, acme.partner_b) if matters else (acme.partner_a,):
                status = send(caller, name, acme, partner, user).status_code
                lacks = call.also is not None and not user.is_partner_side and not user.can(call.also)
                if not lets_in(name, user) or lacks:
                    expected = {403}
                elif call.owned and not sees(user, partner):
                    expected = {404}
                else:
                    expected = {200, 201, 202, 204, 409, 422}
                if status not in expected:
                    wrong.append(f"{user.email} {name} {partner.name}: {status}")
    assert wrong == []


def test_a_token_reaches_no_further_than_its_scopes(acme, version, api_for):
    admin = acme.users[Role.ADMIN]
    for name, (_method, _path, details) in OPERATIONS.items():
        if name in OPEN or not details["security"][0]["bearerAuth"]:
            continue
        scope = details["security"][0]["bearerAuth"][0]
        caller = api_for(admin, [other for other in Scope if other != scope])
        response = send(caller, name, acme, acme.partner_a, admin)
        assert response.status_code == 403, name
        assert response.json()["type"].endswith("insufficient-scope"), name
        assert f'scope="{scope}"' in response["WWW-Authenticate"]


def test_reading_shows_nothing_of_other_partners_or_vendors(acme, version, api_for):
    for partner, letter in ((acme.partner_a, "A"), (acme.partner_b, "B")):
        Contact.everything.create(partner=partner, name=f"Ana ACME-{letter}")
        Touch.everything.create(partner=partner, on="2026-11-01", note=f"note ACME-{letter}", shared=True)
        Action.everything.create(partner=partner, title=f"do ACME-{letter}", shared=True)
        filled(partner, version, partner.cam)
    leaks = []
    for user in (acme.users[Role.CAM], acme.users_a[Role.PARTNER_CHAMPION]):
        caller = api_for(user)
        for name, (method, _path, _details) in OPERATIONS.items():
            if method == "get":
                text = send(caller, name, acme, acme.partner_a, user).text_or_file
                colleagues = name == "list_users"  # CAMs know each other
                if (b"ACME-B" in text and not colleagues) or b"GLOBEX" in text:
                    leaks.append((name, user.email))
    assert leaks == []
