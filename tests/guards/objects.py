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
}


def arguments(address: Address, world: Any, partner: Any) -> dict[str, Any]:
    """The keyword arguments of an address, for an object of this partner (made when it isn't there)."""
    if not address.parameters:
        return {}
    return OBJECTS[address.name](world, partner)


OBJECTS: dict[str, Callable[[Any, Any], dict[str, Any]]] = {}
