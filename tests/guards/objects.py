"""Which objects the parameters of each address stand for. An address with parameters that isn't here fails the guards.

A function gives the keyword arguments for each page worth looking at that a partner has there: none, where it has no such object.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Q

from accounts import links
from accounts.permissions import Role
from partners.models import Partner, Task
from prm.common.vendor import today
from prm.imports.models import ImportRun
from scorecards.models import Assessment, Questionnaire, QuestionnaireVersion
from tests.guards.addresses import Address
from tests.world import World

Kwargs = dict[str, Any]
Maker = Callable[[World, Partner], list[Kwargs]]

# Addresses whose parameter is no partner's object.
EVERYWHERE: set[str] = {
    "account_reset_password_from_key",
    "accounts:accept_invitation",
    "accounts:open_link",
    "accounts:renew_link",
    "accounts:token_revoke",
    "common:job",
    "common:job_again",
    "common:job_cancel",
    "common:job_file",
    "partners:action_export",
    "partners:export",
    "partners:list_save",
    "partners:certifications_export",
    "partners:task_edit",
    "partners:objectives_export",
    "partners:task_remove",
    "people:users_export",
    "pipeline:customers_export",
    "pipeline:deals_export",
    "pipeline:deals_pace_export",
    "pipeline:portal_deals_export",
    "pipeline:results_export",
    "pipeline:settings_remove",
    "scorecards:performance_settings_remove",
    "pipeline:targets_export",
    "pipeline:values_export",
    "scorecards:cams_export",
    "scorecards:candidates_export",
    "scorecards:export",
    "scorecards:satisfaction_export",
    "settings:audit_export",
    "settings:holiday_remove",
    "settings:rate_remove",
    "settings:thresholds_remove",
}

OBJECTS: dict[str, Maker] = {}


def all_arguments(address: Address, world: World, partner: Partner) -> list[Kwargs]:
    """The keyword arguments of each page there is at an address for this partner."""
    return OBJECTS[address.name](world, partner) if address.parameters else [{}]


def arguments(address: Address, world: World, partner: Partner) -> Kwargs:
    """The keyword arguments of the first of them."""
    return all_arguments(address, world, partner)[0]


def _some(rows: Any, *, at_most: int = 1, key: str = "pk", **more: Any) -> list[Kwargs]:
    return [{"pk": value, **more} for value in rows.order_by("pk").values_list(key, flat=True)[:at_most]]


def _each_of(name: str, *values: str) -> Maker:
    return lambda world, partner: [{name: value} for value in values]


_FILES = _each_of("kind", "csv", "xlsx")


# ── People, settings, jobs ───────────────────────────────────────────────────────────────────────────────────────────


def _champion(world: World, partner: Partner) -> Any:
    return (world.users_a if partner == world.partner_a else world.users_b)[Role.PARTNER_CHAMPION]


def _owned(related: str) -> Maker:
    """A row of the champion's."""
    return lambda world, partner: _some(getattr(_champion(world, partner), related))


def _user(world: World, partner: Partner) -> list[Kwargs]:
    return [{"pk": _champion(world, partner).pk}]


def _invited(world: World, partner: Partner) -> list[Kwargs]:
    return _some(partner.members.filter(user__invited_at__isnull=False), key="user_id")


def _link(world: World, partner: Partner) -> list[Kwargs]:
    made = links.make(user=_champion(world, partner), purpose="guards", target_id=1, days=1)
    return [{"token": links.token(made)}]


def _of_settings(model: str, **which: Any) -> Maker:
    return lambda world, partner: _some(apps.get_model("common", model).objects.filter(**which))


OBJECTS |= {
    **dict.fromkeys(("common:job", "common:job_cancel", "common:job_again", "common:job_file"), _owned("jobs")),
    **{f"people:{side}_{what}": _user for side in ("user", "team") for what in ("deactivate", "reactivate")},
    **{f"people:{side}_resend": _invited for side in ("user", "team")},
    **{f"people:{name}": lambda w, p: [*_user(w, p), *_invited(w, p)] for name in ("user", "team_user")},
    "accounts:accept_invitation": _user,
    "accounts:token_revoke": _owned("api_tokens"),
    "accounts:open_link": _link,
    "accounts:renew_link": _link,
    "account_reset_password_from_key": lambda world, partner: [{"uidb36": "1", "key": "none"}],
    "settings:holiday_remove": _of_settings("Holiday"),
    "settings:rate_remove": _of_settings("CurrencyRate"),
    "settings:thresholds_remove": _of_settings("Policy", kind="thresholds"),
    "settings:audit_export": _FILES,
    "people:users_export": _FILES,
}


# ── Partners ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _partner(world: World, partner: Partner) -> list[Kwargs]:
    return [{"pk": partner.pk}]


def _of_partner(related: str, **which: Any) -> Maker:
    return lambda world, partner: _some(getattr(partner, related).filter(**which))


def _objectives(world: World, partner: Partner) -> list[Kwargs]:
    """One of the partner's own, and one of the vendor's for it."""
    rows = partner.objectives.filter(dropped_at=None)
    return [*_some(rows.filter(side="partner")), *_some(rows.filter(side="vendor"))]


def _own_objectives(world: World, partner: Partner) -> list[Kwargs]:
    return _some(partner.objectives.filter(side="partner", dropped_at=None))


def _task_of_partner(world: World, partner: Partner) -> list[Kwargs]:
    return [{"pk": partner.pk, "task": task} for task in Task.objects.order_by("pk").values_list("pk", flat=True)[:1]]


OBJECTS |= {
    **{
        f"partners:{name}": _partner
        for name in ("hub", "edit", "stage", "history", "people", "contact_add", "touch_add", "actions", "action_add")
    },
    "partners:export": _FILES,
    "partners:action_export": _FILES,
    "partners:list_save": _each_of("name", "stages", "types", "tiers", "regions", "products", "deal-stages", "metrics"),
    "partners:contact_edit": _of_partner("contacts"),
    "partners:contact_remove": _of_partner("contacts"),
    "partners:touch_remove": _of_partner("touches"),
    "partners:action_edit": _of_partner("actions"),
    "partners:action_status": _of_partner("actions"),
    "partners:portal_action_status": _of_partner("actions", shared=True),
    **{f"partners:{name}": _partner for name in ("learning", "certification_add")},
    **{
        f"partners:{name}": _partner
        for name in ("objectives", "objective_add", "objectives_progress", "objectives_take_over")
    },
    **{f"partners:objective_{name}": _objectives for name in ("edit", "drop", "take_up", "remove")},
    **{f"partners:portal_objective_{name}": _own_objectives for name in ("edit", "drop", "take_up", "remove")},
    "partners:objectives_export": _FILES,
    **{f"partners:certification_{name}": _of_partner("certifications") for name in ("edit", "remove")},
    **{f"partners:task_{name}": _task_of_partner for name in ("do", "undo")},
    **{f"partners:task_{name}": lambda world, partner: _some(Task.objects) for name in ("edit", "remove")},
    "partners:certifications_export": _FILES,
}


# ── Sales data ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _deals(world: World, partner: Partner) -> list[Kwargs]:
    """Open, won and lost."""
    return _some(partner.deals, at_most=3)


def _results(world: World, partner: Partner) -> list[Kwargs]:
    """One that came from elsewhere, and one typed in."""
    return [*_some(partner.results.exclude(source="manual")), *_some(partner.results.filter(source="manual"))]


OBJECTS |= {
    **{f"pipeline:{name}_export": _FILES for name in ("results", "targets", "customers", "values")},
    **{f"pipeline:partner_{name}": _partner for name in ("results", "targets", "customers", "values")},
    **{f"pipeline:{name}": _partner for name in ("result_add", "target_set", "value_add", "partner_deals", "deal_add")},
    **{
        f"pipeline:{name}": _deals
        for name in ("deal", "deal_edit", "deal_move", "deal_board_move", "deal_remove", "deal_touch", "portal_deal")
    },
    **{f"pipeline:{name}_export": _FILES for name in ("deals", "portal_deals", "deals_pace")},
    "pipeline:result": _results,
    "pipeline:result_remove": _results,
    "pipeline:customer": _of_partner("customers"),
    "pipeline:customer_remove": _of_partner("customers"),
    "pipeline:value": _of_partner("metric_values"),
    "pipeline:value_remove": _of_partner("metric_values"),
    "pipeline:settings_remove": lambda world, partner: _some(
        apps.get_model("common", "Policy").objects.filter(kind="seasonality")
    ),
    "scorecards:performance_settings_remove": _of_settings("Policy", kind="coverage"),
}
# ── Cadence ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_TO_COME = {"kind": "cadence", "starts_on__gt": date.today()}
_OF_POLICY: dict[str, Maker] = {
    f"cadence:policy_{name}": _of_settings("Policy", **_TO_COME) for name in ("version", "remove")
}
OBJECTS |= {
    **_OF_POLICY,
    "cadence:due_export": _FILES,
    "cadence:handover": _of_partner("handovers"),
}
EVERYWHERE |= {*_OF_POLICY, "cadence:due_export"}


# ── Imports ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _import(state: str) -> Maker:
    return lambda world, partner: _some(ImportRun.objects.filter(state=state))


def _failing_rows(world: World, partner: Partner) -> list[Kwargs]:
    runs = ImportRun.objects.filter(state="checked")
    return [*_some(runs, kind="csv"), *_some(runs, kind="xlsx")]


_OF_IMPORTS: dict[str, Maker] = {
    **{f"imports:{name}": _import("uploaded") for name in ("sheet", "columns", "discard", "again")},
    **{f"imports:{name}": _import("checked") for name in ("run", "progress", "cancel", "check", "decide", "commit")},
    **{f"imports:{name}": _import("committed") for name in ("result", "undo")},
    "imports:rows": _failing_rows,
}
OBJECTS |= _OF_IMPORTS
EVERYWHERE |= _OF_IMPORTS.keys()


# ── Scorecards ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _draft(mode: str) -> Maker:
    return lambda world, partner: _some(partner.assessments.filter(mode=mode, status="draft"))


def _done(partner: Partner, **more: Any) -> list[Kwargs]:
    """Either side's latest submitted one, open to both sides."""
    counted = partner.assessments.exclude(status="draft").filter(revealed=True).order_by("-finished_at", "-mode")
    return [{"pk": pk, **more} for pk in counted.values_list("pk", flat=True)[:2]]


def _summaries(mode: str) -> Maker:
    """Of the capability kind, and of the one that only this side fills in."""
    only = "satisfaction" if mode == "self" else "recruit"

    def some(world: World, partner: Partner) -> list[Kwargs]:
        others = partner.assessments.filter(questionnaire__kind=only, status="submitted")
        return [*_drafts(mode)(world, partner), *_done(partner), *_agreed(world, partner), *_some(others)]

    return some


def _printed(mode: str) -> Maker:
    """The first and the last of them: paper takes seconds to make."""
    return lambda world, partner: [(found := _summaries(mode)(world, partner))[0], found[-1]]


def _reviews(world: World, partner: Partner, **more: Any) -> list[Kwargs]:
    """The submitted views of the partner's CAM, open to the CAM and to who reviews it."""
    rows = Assessment.objects.unscoped("guard").filter(about=partner.cam_id, questionnaire__kind="cam", revealed=True)
    return [found | more for found in _some(rows, at_most=2)]


def _cam(world: World, partner: Partner) -> list[Kwargs]:
    return [{"pk": partner.cam_id}]


def _question(mode: str) -> Maker:
    def first(world: World, partner: Partner) -> list[Kwargs]:
        drafts = partner.assessments.filter(mode=mode, status="draft")
        return [{"pk": draft.pk, "question": draft.applicable[0]} for draft in drafts]

    return first


def _explained(world: World, partner: Partner) -> list[Kwargs]:
    kinds = (("overall", "-"), ("category", "fit"), ("category", "trust"), ("topic", "philosophy"), ("topic", "secret"))
    return [kwargs for level, key in kinds for kwargs in _done(partner, level=level, key=key)]


def _figures(world: World, partner: Partner) -> list[Kwargs]:
    """Figures with records behind them, one from all parts, one of a metric, and internal ones."""
    keys = (
        "performance_to_plan", "pipeline_to_target", "composite", "training", "recency_touch", "growth_potential",
        "metric:app_usage", "metric:secret_margin",
    )  # fmt: skip
    return [{"pk": partner.pk, "key": key} for key in keys]


def _answered(world: World, partner: Partner) -> list[Kwargs]:
    """The history of a question that both sides see, and of an internal one."""
    rows = list(partner.assessments.filter(Q(status="draft", mode="joint") | Q(revealed=True)).order_by("-pk")[:3])
    return [{"pk": row.pk, "question": key or row.applicable[0]} for key in ("", "secret0") for row in rows]


def _compared(world: World, partner: Partner) -> list[Kwargs]:
    """Both views side by side: of those that are submitted, and of those that became one."""
    return [*_done(partner)[:1], *_agreed(world, partner)]


def _agreed(world: World, partner: Partner) -> list[Kwargs]:
    return _some(partner.assessments.filter(status="agreed"))


def _goals(world: World, partner: Partner) -> list[Kwargs]:
    """One that both agreed, and one that asks the partner."""
    return _some(partner.goals.filter(dropped_at=None), at_most=2)


def _drafts(mode: str) -> Maker:
    """The side's own draft, and the one both sides fill in."""
    return lambda world, partner: [*_draft(mode)(world, partner), *_draft("joint")(world, partner)]


def _version_files(world: World, partner: Partner) -> list[Kwargs]:
    return [{**_questionnaire("capability"), "number": 2, "kind": kind} for kind in ("xlsx", "yaml")]


def _questionnaire(key: str) -> Kwargs:
    return {"pk": Questionnaire.objects.get(key=key).pk}


def _things(world: World, partner: Partner) -> list[Kwargs]:
    """The first of each level of the draft there is."""
    draft = QuestionnaireVersion.objects.filter(status="draft").first()
    if draft is None:
        return []
    category = draft.content.categories[0]
    first = (("question", category.topics[0].questions[0]), ("topic", category.topics[0]), ("category", category))
    return [{**_questionnaire("recruit"), "level": level, "key": thing.key} for level, thing in first]


def _new_things(world: World, partner: Partner) -> list[Kwargs]:
    return [{**_questionnaire("recruit"), "level": "category"}]


_OF_QUESTIONNAIRES: dict[str, Maker] = {
    "questionnaires:template": _each_of("kind", "xlsx", "yaml"),
    "questionnaires:file": _version_files,
    "questionnaires:preview": lambda world, partner: [
        {**_questionnaire(key), "number": 2} for key in ("capability", "recruit")
    ],
    "questionnaires:questionnaire": lambda world, partner: [_questionnaire("capability"), _questionnaire("recruit")],
    **{
        f"questionnaires:{name}": lambda world, partner: [_questionnaire("recruit")]
        for name in ("edit", "upload", "publish", "discard", "retire", "builder")
    },
    "questionnaires:add": _new_things,
    **{f"questionnaires:{name}": _things for name in ("thing", "move", "copy", "delete")},
}
OBJECTS |= _OF_QUESTIONNAIRES
EVERYWHERE |= _OF_QUESTIONNAIRES.keys()


_SIDES = (("", "cam"), ("portal_", "self"))
OBJECTS |= {
    **{f"scorecards:{name}export": _FILES for name in ("", "candidates_", "satisfaction_", "cams_")},
    **{f"scorecards:{name}": _partner for name in ("partner", "start", "invite", "ask_satisfaction")},
    **{f"scorecards:{name}": _cam for name in ("cam", "cam_start")},
    **{
        f"scorecards:own_{name}": _reviews
        for name in ("summary", "answer", "answers", "changes", "confirm", "submit", "discard", "pdf", "xlsx")
    },
    "scorecards:own_history": lambda world, partner: _reviews(world, partner, question="planning-goals"),
    "scorecards:own_save": lambda world, partner: _reviews(world, partner, question="planning-goals"),
    "scorecards:own_explain": lambda world, partner: _reviews(world, partner, level="overall", key="-"),
    **{
        f"scorecards:{prefix}{name}": _drafts(mode)
        for prefix, mode in _SIDES
        for name in ("answer", "changes", "confirm", "submit", "discard")
    },
    **{
        f"scorecards:{prefix}{name}": _summaries(mode)
        for prefix, mode in _SIDES
        for name in ("summary", "answers", "plan", "peers", "xlsx")
    },
    **{f"scorecards:{prefix}pdf": _printed(mode) for prefix, mode in _SIDES},
    **{f"scorecards:{prefix}save": _question(mode) for prefix, mode in _SIDES},
    **{f"scorecards:{prefix}history": _answered for prefix, mode in _SIDES},
    **{f"scorecards:{prefix}explain": _explained for prefix, mode in _SIDES},
    **{
        f"scorecards:{name}": _partner
        for name in (
            "performance",
            "performance_pdf",
            "performance_xlsx",
            "performance_review",
            "performance_mail",
            "portal_performance",
            "portal_performance_pdf",
            "portal_performance_xlsx",
        )
    },
    "scorecards:performance_review_undo": lambda world, partner: _some(partner.performance_reviews),
    **{f"scorecards:{prefix}performance_explain": _figures for prefix, mode in _SIDES},
    **{f"scorecards:{prefix}compare": _compared for prefix, _mode in _SIDES},
    **{f"scorecards:{prefix}goal_set": lambda world, partner: _done(partner)[:1] for prefix, _mode in _SIDES},
    **{
        f"scorecards:{prefix}{name}": _goals for prefix, _mode in _SIDES for name in ("goal", "goal_agree", "goal_drop")
    },
    "scorecards:agree": lambda world, partner: [*_done(partner)[:1], *_agreed(world, partner)],
    "scorecards:portal_agree": _agreed,
    "scorecards:internal": lambda world, partner: _done(partner)[:1],
}


# ── Tiers ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _rules(world: World, partner: Partner) -> list[Kwargs]:
    """The version in force and the one to start."""
    return _some(apps.get_model("common", "Policy").objects.filter(kind="tiers"), at_most=2)


def _next_rules(world: World, partner: Partner) -> list[Kwargs]:
    return _some(apps.get_model("common", "Policy").objects.filter(kind="tiers", starts_on__year__gt=2020))


_REQUIREMENTS = [
    {"tier": "silver", "key": "usage"},
    *({"tier": "gold", "key": key} for key in ("revenue", "some", "some.people", "score")),
]
_OF_RULES: dict[str, Maker] = {
    **{f"tiers:{name}": _rules for name in ("version", "download", "try")},
    **{f"tiers:{name}": _next_rules for name in ("edit", "remove")},
    "tiers:try_export": lambda world, partner: [
        found | {"kind": kind} for found in _rules(world, partner)[:1] for kind in ("csv", "xlsx")
    ],
    "tiers:portal_explain": lambda world, partner: list(_REQUIREMENTS),
}
EVERYWHERE |= _OF_RULES.keys()
OBJECTS |= _OF_RULES | {
    **{f"tiers:{name}": _partner for name in ("partner", "override", "assign")},
    "tiers:explain": lambda world, partner: [
        {"pk": partner.pk, "tier": "gold", "key": key} for key in ("margin", "touches", "score", "some.people")
    ],
    "tiers:end": _of_partner("tier_overrides", ended_at=None),
    "tiers:appeal": _of_partner("tier_overrides", ended_at=None),
    "tiers:decide": lambda world, partner: _some(
        partner.tier_overrides.filter(ended_at=None, appeal__isnull=False), key="appeal__pk"
    ),
}


# ── Business plans ───────────────────────────────────────────────────────────────────────────────────────────────────


def _in_force(world: World, partner: Partner) -> list[Kwargs]:
    return _some(partner.business_plans.filter(status="committed"))


def _plan_drafts(world: World, partner: Partner) -> list[Kwargs]:
    return _some(partner.business_plans.filter(status="draft"))


def _plans(world: World, partner: Partner) -> list[Kwargs]:
    """The one in force, the one it replaced, the draft."""
    replaced = _some(partner.business_plans.filter(status="superseded"))
    return [*_in_force(world, partner), *replaced, *_plan_drafts(world, partner)]


def _steps(world: World, partner: Partner) -> list[Kwargs]:
    keys = ("goals", "lines", "sellers", "costs", "result", "commit")
    return [found | {"key": key} for found in _plan_drafts(world, partner) for key in keys]


def _plan_figures(world: World, partner: Partner) -> list[Kwargs]:
    return [found | {"key": key} for found in _in_force(world, partner) for key in ("roi", "break_even", "cash")]


def _benchmarks(world: World, partner: Partner) -> list[Kwargs]:
    return _some(apps.get_model("planning", "PlanBenchmark").objects.filter(partner_type__isnull=False))


_OF_PLANS: dict[str, Maker] = {
    "plan": _plans,
    "step": _steps,
    "figure": _plan_figures,
    "tornado": _in_force,
    "pdf": _in_force,
    "xlsx": _in_force,
    **dict.fromkeys(("sign", "discard", "share", "ask"), _plan_drafts),
}
_OF_VENDORS_PLANS: dict[str, Maker] = {
    "planning:export": _FILES,
    "planning:benchmark": _benchmarks,
    "planning:benchmark_remove": _benchmarks,
    "tracking:commitment_partners_export": _FILES,
}
EVERYWHERE |= _OF_VENDORS_PLANS.keys()
OBJECTS |= _OF_VENDORS_PLANS | {
    **{f"planning:{name}": maker for name, maker in _OF_PLANS.items()},
    **{f"planning:portal_{name}": maker for name, maker in _OF_PLANS.items() if name not in ("share", "ask")},
    "planning:partner": _partner,
    "planning:start": _partner,
    **{
        f"tracking:{prefix}{name}": _in_force
        for prefix in ("", "portal_")
        for name in ("actuals", "reforecast", "moved")
    },
    **{
        f"tracking:{prefix}export": lambda world, partner: [
            found | {"kind": kind} for found in _in_force(world, partner) for kind in ("csv", "xlsx")
        ]
        for prefix in ("", "portal_")
    },
    "tracking:confirm": _in_force,
    "tracking:of_partner": _partner,
}


# ── Webhooks ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _webhooks(world: World, partner: Partner) -> list[Kwargs]:
    """One that is on, one that is off."""
    return _some(apps.get_model("webhooks", "Endpoint").objects, at_most=2)


def _messages(world: World, partner: Partner) -> list[Kwargs]:
    """Delivered, waiting and failed."""
    return _some(apps.get_model("webhooks", "Delivery").objects, at_most=3)


_OF_WEBHOOKS: dict[str, Maker] = {
    "settings:webhook": _webhooks,
    **{
        f"settings:webhook_{name}": _webhooks
        for name in ("edit", "rotate", "switch", "test", "replay_failed", "remove")
    },
    **{f"settings:webhook_{name}": _messages for name in ("delivery", "replay")},
}
OBJECTS |= _OF_WEBHOOKS
EVERYWHERE |= _OF_WEBHOOKS.keys()


# ── Registrations ────────────────────────────────────────────────────────────────────────────────────────────────────


def _registrations(*states: str, at_most: int = 2) -> Maker:
    """Of each of the states, those both sides see."""

    def some(world: World, partner: Partner) -> list[Kwargs]:
        rows = partner.registrations.exclude(state="draft", by_vendor=False)
        return [kwargs for state in states for kwargs in _some(rows.filter(state=state), at_most=at_most)]

    return some


_OF_REGISTRATION_POLICY: dict[str, Maker] = {
    "dealdesk:policy_remove": _of_settings("Policy", kind="registration", starts_on__gt=date.today()),
}
OBJECTS |= {
    **_OF_REGISTRATION_POLICY,
    **{
        f"dealdesk:{side}registration": _registrations(
            "approved", "submitted", "returned", "rejected", "released", "draft"
        )
        for side in ("", "portal_")
    },
    **{f"dealdesk:{side}edit": _registrations("draft", "returned") for side in ("", "portal_")},
    **{f"dealdesk:{side}discard": _registrations("draft") for side in ("", "portal_")},
    **{
        f"dealdesk:{side}{name}": _registrations("approved", at_most=1)
        for side in ("", "portal_")
        for name in ("withdraw", "release", "proof", "renew")
    },
    "dealdesk:accept_proof": _registrations("approved", at_most=1),
    "dealdesk:decide": _registrations("submitted", "approved"),
    **{
        f"dealdesk:{name}": _partner for name in ("registrations_of", "new", "save", "file", "invite", "portal_by_link")
    },
    "dealdesk:registrations_export": _FILES,
    "dealdesk:portal_registrations_export": _FILES,
}
EVERYWHERE |= {*_OF_REGISTRATION_POLICY, "dealdesk:registrations_export", "dealdesk:portal_registrations_export"}


# ── Account plans ────────────────────────────────────────────────────────────────────────────────────────────────────


def _accounts(world: World, partner: Partner) -> list[Kwargs]:
    """A customer that is a target: what the vendor's side may see of it depends on what is shared."""
    return _some(partner.customers.filter(account_targets__state="target"))


def _account_cells(world: World, partner: Partner) -> list[Kwargs]:
    rows = apps.get_model("accountplans", "AccountTarget").everything.filter(customer__partner=partner)
    pairs = rows.order_by("pk").values_list("customer", "product_line")[:2]
    return [{"pk": customer, "line": line} for customer, line in pairs]


def _lines(world: World, partner: Partner) -> list[Kwargs]:
    return _some(apps.get_model("pipeline", "ProductLine").objects)


_ACCOUNT_FILES = ("opportunities_export", "targets_export")
EVERYWHERE |= {
    "accountplans:ideal",
    *(f"accountplans:{side}{name}" for side in ("", "portal_") for name in _ACCOUNT_FILES),
}
OBJECTS |= {
    "accountplans:ideal": _lines,
    **{
        f"accountplans:{name}": _partner
        for name in ("partner", "opportunities", "targets_of", "account_new", "take_in", "review")
    },
    **{
        f"accountplans:{side}{name}": maker
        for side in ("", "portal_")
        for names, maker in (
            (("account", "account_edit", "account_remove"), _accounts),
            (("cell", "cell_confirm", "cell_clear"), _account_cells),
            (_ACCOUNT_FILES, _FILES),
        )
        for name in names
    },
}
# ── Marketing plans ──────────────────────────────────────────────────────────────────────────────────────────────────


def _marketing_plans(*states: str, each: int = 1) -> Maker:
    """Of each of the states, those both sides see."""

    def some(world: World, partner: Partner) -> list[Kwargs]:
        rows = partner.marketing_plans.filter(shared=True)
        return [found for state in states for found in _some(rows.filter(state=state), at_most=each)]

    return some


def _activities(*states: str, **which: Any) -> Maker:
    """Of each of the states, one of a plan both sides see."""

    def some(world: World, partner: Partner) -> list[Kwargs]:
        rows = apps.get_model("marketing", "Activity").everything.filter(
            plan__partner=partner, plan__shared=True, **which
        )
        return [found for state in states for found in _some(rows.filter(state=state))]

    return some


def _marketing_figures(world: World, partner: Partner) -> list[Kwargs]:
    keys = ("wins", "margin_roi", "cost_per_mgo")
    return [found | {"key": key} for found in _marketing_plans("running")(world, partner) for key in keys]


def _activity_figures(world: World, partner: Partner) -> list[Kwargs]:
    found = _activities("planned", plan__state="running")(world, partner)
    return [one | {"key": key} for one in found for key in ("mgos", "mdf_roi", "cost")]


def _of_rules_of_marketing(model: str) -> Maker:
    return lambda world, partner: _some(apps.get_model("marketing", model).objects)


_RESULTS = _activities(
    "planned", "closed", "verified", decision="as_asked", plan__state__in=["running", "closed", "verified"]
)
_OF_MARKETING: dict[str, Maker] = {
    "plan": _marketing_plans("draft", "submitted", "changes_requested", "approved", "running", "closed", "verified"),
    "build": _marketing_plans("draft", "changes_requested"),
    "add": _marketing_plans("draft"),
    "discard": _marketing_plans("draft"),
    "copy": _marketing_plans("verified"),
    "pdf": _marketing_plans("running"),
    "xlsx": _marketing_plans("running"),
    "activity": _activities("planned", plan__state="draft"),
    "figure": _marketing_figures,
    "activity_figure": _activity_figures,
    "results": _RESULTS,
}
_OF_VENDORS_MARKETING: dict[str, Maker] = {
    "marketing:export": _FILES,
    "marketing:portal_export": _FILES,
    **{f"marketing:{name}": _of_rules_of_marketing("Tactic") for name in ("tactic", "tactic_remove")},
    **{f"marketing:{name}": _of_rules_of_marketing("Play") for name in ("play", "play_remove")},
}
EVERYWHERE |= _OF_VENDORS_MARKETING.keys()
OBJECTS |= _OF_VENDORS_MARKETING | {
    **{f"marketing:{side}{name}": maker for side in ("", "portal_") for name, maker in _OF_MARKETING.items()},
    "marketing:share": _marketing_plans("draft"),
    "marketing:partner": _partner,
    "marketing:start": _partner,
    "marketing:verify": _activities("closed"),
    "marketing:reopen": _activities("verified"),
}


# ── Leads ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _leads(world: World, partner: Partner) -> list[Kwargs]:
    """Of those the partner holds one that it works on, and closed ones."""
    rows = apps.get_model("leads", "Lead")._base_manager.filter(partner=partner)
    return [found for state in ("accepted", "converted", "disqualified") for found in _some(rows.filter(state=state))]


def _lead_offers(world: World, partner: Partner) -> list[Kwargs]:
    """One to be answered, and one that was."""
    rows = apps.get_model("leads", "LeadOffer")._base_manager.filter(partner=partner)
    return [*_some(rows.filter(state="open")), *_some(rows.filter(state="accepted"))]


_OF_LEADS: dict[str, Maker] = {
    "leads:export": _FILES,
    "leads:portal_export": _FILES,
    **{
        f"leads:rules_{name}": _of_settings("Policy", kind="leads", starts_on__gt=date.today())
        for name in ("version", "remove")
    },
    "leads:trial": lambda world, partner: _some(apps.get_model("leads", "LeadTrial").objects.exclude(result=None)),
}
EVERYWHERE |= _OF_LEADS.keys()
OBJECTS |= _OF_LEADS | {
    **{
        f"leads:{name}": _leads
        for name in (
            "lead", "edit", "distribute", "offer", "withdraw", "keep_direct", "put_back", "pull_back", "contacted", "qualified",
            "disqualified", "reopen", "convert", "close", "portal_lead", "portal_contacted", "portal_qualified",
            "portal_disqualified", "portal_reopen",
        )
    },
    **{f"leads:portal_{name}": _lead_offers for name in ("offer", "accept", "decline")},
    **{f"leads:{name}": _partner for name in ("of_partner", "capacity")},
}  # fmt: skip


# ── Funds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _funds(world: World, partner: Partner) -> list[Kwargs]:
    return _some(apps.get_model("mdf", "Fund").objects.filter(accounts__partner=partner))


def _mdf_accounts(world: World, partner: Partner) -> list[Kwargs]:
    return _some(partner.mdf_accounts)


def _mdf_entries(world: World, partner: Partner) -> list[Kwargs]:
    """Of each kind one of the partner's own."""
    rows = partner.mdf_entries.order_by("pk")
    kinds = ("allocate", "accrue", "reserve", "spend", "transfer", "reverse")
    return [found for kind in kinds for found in _some(rows.filter(kind=kind))]


def _files_of(maker: Maker) -> Maker:
    return lambda world, partner: [
        {**found, "kind": kind} for found in maker(world, partner) for kind in ("csv", "xlsx", "pdf")
    ]


_OF_FUNDS: dict[str, Maker] = {
    "mdf:funds_export": _FILES,
    "mdf:ledger_export": _files_of(_funds),
    **{
        f"mdf:{name}": _funds
        for name in ("fund", "fund_edit", "fund_budget", "allocate", "transfer", "ledger", "accruals", "accrue")
    },
}
EVERYWHERE |= _OF_FUNDS.keys()
OBJECTS |= _OF_FUNDS | {
    **{f"mdf:{name}": _mdf_accounts for name in ("account", "portal_account")},
    **{f"mdf:{name}_export": _files_of(_mdf_accounts) for name in ("account", "portal_account")},
    **{f"mdf:{name}": _mdf_entries for name in ("entry", "reverse")},
}


# ── Requests and claims ──────────────────────────────────────────────────────────────────────────────────────────────


def _of_mdf(model: str, each: int = 1, **which: Any) -> Maker:
    """Rows of the partner; of a claim only what was submitted, since the vendor sees no draft of the partner's."""

    def found(world: World, partner: Partner) -> list[Kwargs]:
        rows = apps.get_model("mdf", model).everything
        path = {"Line": "request__partner", "Proof": "claim__partner"}.get(model, "partner")
        return _some(rows.filter(**{path: partner}, **which), at_most=each)

    return found


def _mdf_states(model: str, *states: str) -> Maker:
    """One in each of these states."""
    return lambda world, partner: [kwargs for state in states for kwargs in _of_mdf(model, state=state)(world, partner)]


def _plans_of_requests(world: World, partner: Partner) -> list[Kwargs]:
    """What can be submitted: a plan that was returned, one that was taken back."""
    rows = partner.marketing_plans.filter(mdf_request__state__in=["returned", "draft"])
    return _some(rows, at_most=2)


def _plans_under_review(world: World, partner: Partner) -> list[Kwargs]:
    return _some(partner.marketing_plans.filter(mdf_request__state="submitted"))


def _plans_to_change(world: World, partner: Partner) -> list[Kwargs]:
    return _some(partner.marketing_plans.filter(mdf_request__state="returned"))


def _lines_to_claim(world: World, partner: Partner) -> list[Kwargs]:
    return _of_mdf("Line", request__state="approved", approved__gt=0)(world, partner)


def _delegations(world: World, partner: Partner) -> list[Kwargs]:
    day = today()
    return _some(apps.get_model("mdf", "Delegation").objects.filter(starts_on__gte=day))


_REVIEWED = ("submitted", "in_review")
_BOTH_SIDES: dict[str, Maker] = {
    "submit": _plans_of_requests,
    "request": _mdf_states("Request", "submitted", "in_review", "approved", "returned", "rejected", "closed", "draft"),
    "recall": _plans_under_review,
    "withdraw": _plans_to_change,
    "claim_line": _lines_to_claim,
    "claim": _mdf_states("Claim", "submitted", "approved", "returned", "rejected", "paid"),
    "recall_claim": _mdf_states("Claim", "submitted"),
    "discard_claim": _mdf_states("Claim", "returned"),
    "proof": _of_mdf("Proof", claim__state="submitted"),
    "remove_proof": _of_mdf("Proof", claim__state="returned"),
}
_OF_ALL = {
    f"mdf:{name}_export": _FILES
    for name in ("requests", "claims", "trail", "portal_requests", "portal_claims")
} | {"mdf:rules_remove": lambda w, p: _some(apps.get_model("common", "Policy").objects.filter(kind="mdf_approval")), "mdf:end_delegation": _delegations}  # fmt: skip
EVERYWHERE |= _OF_ALL.keys()
OBJECTS |= _OF_ALL | {
    **{f"mdf:{side}{name}": maker for name, maker in _BOTH_SIDES.items() for side in ("", "portal_")},
    **{f"mdf:{name}": _mdf_states("Request", *_REVIEWED, "approved") for name in ("decide", "approve", "give_back")},
    "mdf:close": _mdf_states("Request", "approved"),
    **{f"mdf:{name}": _mdf_states("Claim", "submitted", "paid") for name in ("decide_claim", "approve_claim", "give_back_claim")},
    "mdf:pay": _mdf_states("Claim", "approved"),
    "mdf:trail_line": _lines_to_claim,
}  # fmt: skip


# ── Where leads and deals came from ──────────────────────────────────────────────────────────────────────────────────


def _tracking_links(world: World, partner: Partner) -> list[Kwargs]:
    rows = apps.get_model("marketing", "Activity").everything.filter(plan__partner=partner, plan__state="running")
    return [{"code": code} for code in rows.order_by("pk").values_list("code", flat=True)[:1]]


OBJECTS |= {
    "marketing:go": _tracking_links,
    "marketing:activities_export": _FILES,
    "marketing:deal_source": _deals,
    "marketing:lead_source": _leads,
}
EVERYWHERE |= {"marketing:activities_export"}


# ── QBRs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _qbrs(*states: str) -> Maker:
    """A review in each of these states."""

    def make(world: World, partner: Partner) -> list[Kwargs]:
        rows = apps.get_model("qbr", "Qbr").everything.filter(partner=partner)
        return [found for state in states for found in _some(rows.filter(state=state))]

    return make


def _slides(name: str, *keys: str) -> Maker:
    return lambda world, partner: [{**found, name: key} for found in _qbrs("shared")(world, partner) for key in keys]


def _of_qbr(model: str, **which: Any) -> Maker:
    return lambda world, partner: _some(apps.get_model("qbr", model).everything.filter(qbr__partner=partner, **which))


def _qbr_files(maker: Maker) -> Maker:
    return lambda world, partner: [{**found, "ending": ending} for found in maker(world, partner) for ending in ("pptx", "pdf")]


def _batches(world: World, partner: Partner) -> list[Kwargs]:
    return _some(apps.get_model("qbr", "BatchItem").everything.filter(partner=partner), key="batch")


def _batch_items(world: World, partner: Partner) -> list[Kwargs]:
    return _some(apps.get_model("qbr", "BatchItem").everything.filter(partner=partner))


def _templates(world: World, partner: Partner) -> list[Kwargs]:
    return _some(apps.get_model("qbr", "Template").objects.filter(active=False))


_OF_DECKS: dict[str, Maker] = {
    "qbr:export": _FILES,
    "qbr:portal_export": _FILES,
    **{f"qbr:{name}": _templates for name in ("template", "template_sample", "template_remove")},
    "qbr:slides_policy_remove": _of_settings("Policy", kind="qbr_slides"),
}
EVERYWHERE |= _OF_DECKS.keys()
OBJECTS |= _OF_DECKS | {
    **{f"qbr:{name}": _qbrs("shared", "draft") for name in ("qbr", "deck")},
    **{f"qbr:{name}": _qbrs("shared") for name in ("slides", "commit", "build", "held", "agree", "share", "unshare", "portal_qbr")},
    **{f"qbr:{name}": _partner for name in ("partner", "start", "logo")},
    "qbr:commentary": _slides("key", "summary"),
    "qbr:choose": _slides("kind", "wins", "deals"),
    "qbr:commitment": _of_qbr("Commitment", action=None),
    "qbr:version": _of_qbr("Version", kind="partner"),
    "qbr:file": _qbr_files(_of_qbr("Version", kind="partner")),
    "qbr:portal_file": _qbr_files(_qbrs("shared")),
    **{f"qbr:{name}": _batches for name in ("batch", "batch_stop", "batch_zip")},
    "qbr:batch_again": _batch_items,
}  # fmt: skip
