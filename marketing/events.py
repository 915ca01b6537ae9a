"""What marketing tells the other tools."""

from dataclasses import dataclass

from prm.common.events import Event


@dataclass(frozen=True)
class MarketingChanged(Event):
    """Plans, their activities or results were changed, submitted, decided, closed or verified."""

    partner_ids: tuple[int, ...]
    plan_ids: tuple[int, ...]


@dataclass(frozen=True)
class MarketingPlanSubmitted(Event):
    """A plan was submitted: the conversation about it was held."""

    partner_id: int
    plan_id: int


@dataclass(frozen=True)
class MarketingPlanRecalled(Event):
    """A submitted plan was taken back: the conversation about it isn't over."""

    partner_id: int
    plan_id: int


@dataclass(frozen=True)
class ActivityClosed(Event):
    """The results of an activity were entered, and wait to be verified."""

    partner_id: int
    activity_id: int


@dataclass(frozen=True)
class ActivityVerified(Event):
    """The results of an activity were verified."""

    partner_id: int
    activity_id: int


@dataclass(frozen=True)
class AttributionChanged(Event):
    """Leads or deals got these activities, of these partners, as their source, or what came of them counts anew."""

    partner_ids: tuple[int, ...]
    activity_ids: tuple[int, ...]
