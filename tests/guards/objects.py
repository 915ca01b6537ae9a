"""Which object each parameter of each address stands for. An address with a parameter that isn't here fails the guards.

A function gives the keyword arguments for an object of a partner, from what `furnish` made; several where the page is
another one for each.
"""

from collections.abc import Callable
from typing import Any

from accounts.permissions import Role
from tests.guards.addresses import Address

Kwargs = dict[str, Any]
Maker = Callable[[Any, Any], Kwargs | list[Kwargs]]

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
    "people:users_export",
    "scorecards:export",
    "settings:audit_export",
    "settings:holiday_remove",
    "settings:rate_remove",
    "settings:thresholds_remove",
}

OBJECTS: dict[str, Maker] = {}


def all_arguments(address: Address, world: Any, partner: Any) -> list[Kwargs]:
    """The keyword arguments of each page there is at an address for this partner."""
    if not address.parameters:
        return [{}]
    made = OBJECTS[address.name](world, partner)
    return made if isinstance(made, list) else [made]


def arguments(address: Address, world: Any, partner: Any) -> Kwargs:
    """The keyword arguments of the first of them."""
    return all_arguments(address, world, partner)[0]


def _fixed(**kwargs: Any) -> Maker:
    return lambda world, partner: kwargs


_FILES: Maker = lambda world, partner: [{"kind": "csv"}, {"kind": "xlsx"}]  # noqa: E731


# ── People, settings, jobs ───────────────────────────────────────────────────────────────────────────────────────────


def _champion(world: Any, partner: Any) -> Any:
    return (world.users_a if partner == world.partner_a else world.users_b)[Role.PARTNER_CHAMPION]


def _owned(related: str) -> Maker:
    """A row of the champion's."""
    return lambda world, partner: {"pk": getattr(_champion(world, partner), related).order_by("pk").first().pk}


def _user(world: Any, partner: Any) -> Kwargs:
    return {"pk": _champion(world, partner).pk}


def _invited(world: Any, partner: Any) -> Kwargs:
    return {"pk": partner.members.filter(user__invited_at__isnull=False).order_by("pk").first().user_id}


def _link(world: Any, partner: Any) -> Kwargs:
    from accounts import links

    return {"token": links.token(links.make(user=_champion(world, partner), purpose="guards", target_id=1, days=1))}


def _of_settings(model: str) -> Maker:
    def first(world: Any, partner: Any) -> Kwargs:
        from django.apps import apps

        return {"pk": apps.get_model("common", model).objects.order_by("pk").first().pk}

    return first


OBJECTS |= {
    **dict.fromkeys(("common:job", "common:job_cancel", "common:job_again", "common:job_file"), _owned("jobs")),
    **{f"people:{side}_{what}": _user for side in ("user", "team") for what in ("deactivate", "reactivate")},
    **{f"people:{side}_resend": _invited for side in ("user", "team")},
    **{name: lambda world, partner: [_user(world, partner), _invited(world, partner)] for name in ("people:user", "people:team_user")},
    "accounts:accept_invitation": _user,
    "accounts:token_revoke": _owned("api_tokens"),
    "accounts:open_link": _link,
    "accounts:renew_link": _link,
    "account_reset_password_from_key": _fixed(uidb36="1", key="none"),
    "settings:holiday_remove": _of_settings("Holiday"),
    "settings:rate_remove": _of_settings("CurrencyRate"),
    "settings:thresholds_remove": _of_settings("Policy"),
    "settings:audit_export": _FILES,
    "people:users_export": _FILES,
}  # fmt: skip


# ── Partners ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _partner(world: Any, partner: Any) -> Kwargs:
    return {"pk": partner.pk}


def _of_partner(related: str, **which: Any) -> Maker:
    return lambda world, partner: {"pk": getattr(partner, related).filter(**which).order_by("pk").first().pk}


OBJECTS |= {
    **{
        f"partners:{name}": _partner
        for name in ("hub", "edit", "stage", "history", "people", "contact_add", "touch_add", "actions", "action_add")
    },
    "partners:export": _FILES,
    "partners:action_export": _FILES,
    "partners:contact_edit": _of_partner("contacts"),
    "partners:contact_remove": _of_partner("contacts"),
    "partners:touch_remove": _of_partner("touches"),
    "partners:action_edit": _of_partner("actions"),
    "partners:action_status": _of_partner("actions"),
    "partners:portal_action_status": _of_partner("actions", shared=True),
}


# ── Imports ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _import(state: str, **more: Any) -> Maker:
    def first(world: Any, partner: Any) -> Kwargs:
        from prm.imports.models import ImportRun

        return {"pk": ImportRun.objects.filter(state=state).order_by("pk").first().pk, **more}

    return first


_EARLY, _CHECKED, _LATE = (_import(state) for state in ("uploaded", "checked", "committed"))
_ROWS: Maker = lambda world, partner: [_import("checked", kind=kind)(world, partner) for kind in ("csv", "xlsx")]  # noqa: E731
_OF_IMPORTS: dict[str, Maker] = {
    f"imports:{name}": maker
    for names, maker in (
        (("sheet", "columns", "discard", "again"), _EARLY),
        (("run", "progress", "cancel", "check", "decide", "commit"), _CHECKED),
        (("result", "undo"), _LATE),
        (("rows",), _ROWS),
    )
    for name in names
}
OBJECTS |= _OF_IMPORTS
EVERYWHERE |= _OF_IMPORTS.keys()


# ── Scorecards ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _draft(mode: str, **more: Any) -> Maker:
    return lambda world, partner: {"pk": partner.assessments.get(mode=mode, status="draft").pk, **more}


def _done(**more: Any) -> Maker:
    """Either side's submitted one: both are in, so both sides see both."""
    return lambda world, partner: [
        {"pk": pk, **more} for pk in partner.assessments.exclude(status="draft").order_by("-mode").values_list("pk", flat=True)
    ]  # fmt: skip


def _summaries(mode: str) -> Maker:
    return lambda world, partner: [_draft(mode)(world, partner), *_done()(world, partner)]  # type: ignore[list-item]


def _question(mode: str) -> Maker:
    def first(world: Any, partner: Any) -> Kwargs:
        draft = partner.assessments.get(mode=mode, status="draft")
        return {"pk": draft.pk, "question": next(iter(draft.version.content.questions())).key}

    return first


def _explained(world: Any, partner: Any) -> list[Kwargs]:
    kinds = (("overall", "-"), ("category", "fit"), ("category", "trust"), ("topic", "philosophy"), ("topic", "secret"))
    done = partner.assessments.exclude(status="draft").order_by("-mode")
    return [{"pk": one.pk, "level": level, "key": key} for one in done for level, key in kinds]


OBJECTS |= {
    "scorecards:export": _FILES,
    **{f"scorecards:{name}": _partner for name in ("partner", "start", "invite")},
    **{
        f"scorecards:{prefix}{name}": _draft(mode)
        for prefix, mode in (("", "cam"), ("portal_", "self"))
        for name in ("answer", "confirm", "submit", "discard")
    },
    **{
        f"scorecards:{prefix}{name}": _summaries(mode)
        for prefix, mode in (("", "cam"), ("portal_", "self"))
        for name in ("summary", "plan", "pdf", "xlsx")
    },
    "scorecards:save": _question("cam"),
    "scorecards:portal_save": _question("self"),
    "scorecards:explain": _explained,
    "scorecards:portal_explain": _explained,
}
