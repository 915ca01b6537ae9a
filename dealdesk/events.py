"""What the deal desk tells the other tools."""

from dataclasses import dataclass

from prm.common.events import Event


@dataclass(frozen=True)
class RegistrationsChanged(Event):
    """Registrations were submitted, decided, renewed or ended."""

    partner_ids: tuple[int, ...]
    registration_ids: tuple[int, ...]
