"""What the deal desk tells the other tools."""

from dataclasses import dataclass

from prm.common.events import Event


@dataclass(frozen=True)
class RegistrationsChanged(Event):
    """Registrations were submitted, decided, renewed or ended."""

    partner_ids: tuple[int, ...]
    registration_ids: tuple[int, ...]


@dataclass(frozen=True)
class RegistrationSubmitted(Event):
    """A registration took its place, and is to be checked."""

    registration_id: int
