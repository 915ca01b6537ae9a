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
    "account_reset_password_from_key",
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
