"""Which object each parameter of each address stands for. An address with a parameter that isn't here fails the guards."""

from collections.abc import Callable
from typing import Any

from tests.guards.addresses import Address

# Addresses whose parameter is no partner's object.
EVERYWHERE: set[str] = {
    "common:job",
    "common:job_cancel",
    "common:job_again",
    "common:job_file",
    "accounts:accept_invitation",
    "accounts:open_link",
    "accounts:renew_link",
    "accounts:token_revoke",
    "settings:holiday_remove",
    "settings:rate_remove",
    "settings:thresholds_remove",
    "settings:audit_export",
    "people:users_export",
    "partners:export",
    "partners:action_export",
    "account_reset_password_from_key",
    "scorecards:export",
}


def arguments(address: Address, world: Any, partner: Any) -> dict[str, Any]:
    """The keyword arguments of an address, for an object of this partner (made when it isn't there)."""
    if not address.parameters:
        return {}
    return OBJECTS[address.name](world, partner)


OBJECTS: dict[str, Callable[[Any, Any], dict[str, Any]]] = {}


# ── People, settings, jobs ───────────────────────────────────────────────────────────────────────────────────────────


def _champion(world: Any, partner: Any) -> Any:
    from accounts.permissions import Role

    return (world.users_a if partner == world.partner_a else world.users_b)[Role.PARTNER_CHAMPION]


def _job(world: Any, partner: Any) -> dict[str, Any]:
    from prm.common.models import Job

    owner = _champion(world, partner)
    return {"pk": Job.objects.create(kind="guards", title=f"Job of {owner.name}", state="done", created_by=owner).pk}


def _user(world: Any, partner: Any) -> dict[str, Any]:
    return {"pk": _champion(world, partner).pk}


def _token(world: Any, partner: Any) -> dict[str, Any]:
    from accounts import tokens

    owner = _champion(world, partner)
    return {"pk": tokens.create(owner, f"Token of {owner.name}", ["partners:read"], 30)[0].pk}


def _link(world: Any, partner: Any) -> dict[str, Any]:
    from accounts import links

    return {"token": links.token(links.make(user=_champion(world, partner), purpose="guards", target_id=1, days=1))}


def _of_settings(model: str, **fields: Any) -> Callable[[Any, Any], dict[str, Any]]:
    def made(world: Any, partner: Any) -> dict[str, Any]:
        from django.apps import apps

        return {"pk": apps.get_model("common", model).objects.create(**fields).pk}

    return made


OBJECTS |= {
    **dict.fromkeys(("common:job", "common:job_cancel", "common:job_again", "common:job_file"), _job),
    **{f"people:{side}_{what}": _user for side in ("user", "team") for what in ("deactivate", "reactivate", "resend")},
    "people:user": _user,
    "people:team_user": _user,
    "accounts:accept_invitation": _user,
    "accounts:token_revoke": _token,
    "accounts:open_link": _link,
    "accounts:renew_link": _link,
    "account_reset_password_from_key": lambda world, partner: {"uidb36": "1", "key": "none"},
    "settings:holiday_remove": _of_settings("Holiday", on="2027-01-01", name="New Year"),
    "settings:rate_remove": _of_settings("CurrencyRate", on="2026-01-01", currency="EUR", rate="1.08"),
    "settings:thresholds_remove": _of_settings("Policy", kind="thresholds", starts_on="2099-01-01", data={}),
    "settings:audit_export": lambda world, partner: {"kind": "csv"},
    "people:users_export": lambda world, partner: {"kind": "csv"},
}


# ── Scorecards ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _assessment(mode: str) -> Callable[[Any, Any], dict[str, Any]]:
    """A draft of the partner's, of the vendor's view or of its own."""

    def made(world: Any, partner: Any) -> dict[str, Any]:
        from scorecards import actions, queries

        by = partner.cam if mode == "cam" else _champion(world, partner)
        version = queries.startable(mode)[0]
        return {"pk": actions.start_assessment(partner=partner, version=version, mode=mode, by=by).pk}

    return made


def _with(more: dict[str, str], mode: str) -> Callable[[Any, Any], dict[str, Any]]:
    return lambda world, partner: {**_assessment(mode)(world, partner), **more}


_ONE = ("answer", "confirm", "submit", "discard", "summary", "plan", "pdf", "xlsx")
OBJECTS |= {
    **{f"scorecards:{name}": _assessment("cam") for name in _ONE},
    **{f"scorecards:portal_{name}": _assessment("self") for name in _ONE},
    "scorecards:save": _with({"question": "nothing"}, "cam"),
    "scorecards:portal_save": _with({"question": "nothing"}, "self"),
    "scorecards:explain": _with({"level": "overall", "key": "-"}, "cam"),
    "scorecards:portal_explain": _with({"level": "overall", "key": "-"}, "self"),
    **{f"scorecards:{name}": lambda world, partner: {"pk": partner.pk} for name in ("partner", "start", "invite")},
    "scorecards:export": lambda world, partner: {"kind": "csv"},
}


# ── Partners ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _row(model: str, **fields: Any) -> Callable[[Any, Any], dict[str, Any]]:
    def made(world: Any, partner: Any) -> dict[str, Any]:
        from django.apps import apps

        return {"pk": apps.get_model("partners", model).everything.create(partner=partner, **fields).pk}

    return made


_action = _row("Action", title="Name a sponsor", shared=True)
OBJECTS |= {
    **dict.fromkeys(("partners:export", "partners:action_export"), lambda world, partner: {"kind": "csv"}),
    **{
        f"partners:{name}": lambda world, partner: {"pk": partner.pk}
        for name in (
            "hub", "edit", "stage", "history", "people", "contact_add", "touch_add", "actions", "action_add",
        )
    },
    **dict.fromkeys(("partners:contact_edit", "partners:contact_remove"), _row("Contact", name="Ana Berg")),
    **dict.fromkeys(("partners:action_edit", "partners:action_status", "partners:portal_action_status"), _action),
    "partners:touch_remove": _row("Touch", on="2026-11-01", note="Called"),
}  # fmt: skip
