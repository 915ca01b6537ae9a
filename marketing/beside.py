"""What a higher app shows beside a plan: the request for its funds. It registers a function, here it is asked.

from marketing.beside import Panel, panel

@panel
def request_of(plan: MarketingPlan, user: User) -> Panel | None: …
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import User
    from marketing.models import MarketingPlan


@dataclass(frozen=True)
class Panel:
    """A part of the plan's page: its heading, and a template with what it needs."""

    title: Any
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


_panels: list[Callable[[MarketingPlan, User], Panel | None]] = []


def panel(function: Callable[[MarketingPlan, User], Panel | None]) -> Callable[[MarketingPlan, User], Panel | None]:
    """Registers a panel; it must itself look at what the user may see."""
    _panels.append(function)
    return function


def panels(plan: MarketingPlan, user: User) -> list[Panel]:
    """All there is to show beside this plan to this user, who may see it."""
    return [found for function in _panels if (found := function(plan, user)) is not None]
