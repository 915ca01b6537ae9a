"""What happened to partners, for the tools that stand on them."""

from dataclasses import dataclass

from prm.common.events import Event


@dataclass(frozen=True)
class PartnerChanged(Event):
    """Partners were created, or fields of theirs changed; also sent with every PartnerMoved."""

    partner_ids: tuple[int, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True)
class PartnerMoved(Event):
    """Stage, tier, region or CAM changed: `fields` says which."""

    partner_ids: tuple[int, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True)
class TouchesChanged(Event):
    """Touches were added or removed."""

    partner_ids: tuple[int, ...]


@dataclass(frozen=True)
class ActionsChanged(Event):
    """Items of the action plans of these partners were added or changed."""

    partner_ids: tuple[int, ...]
    action_ids: tuple[int, ...]


@dataclass(frozen=True)
class CertificationsChanged(Event):
    partner_ids: tuple[int, ...]


@dataclass(frozen=True)
class TasksChanged(Event):
    """Required tasks of these partners were done, or undone."""

    partner_ids: tuple[int, ...]


@dataclass(frozen=True)
class ObjectivesChanged(Event):
    """Objectives of these partners were set, changed, dropped or removed."""

    partner_ids: tuple[int, ...]


@dataclass(frozen=True)
class ObjectiveProgressEntered(Event):
    """How far objectives of this partner are was entered, corrected or taken back."""

    partner_id: int
