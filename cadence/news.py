"""What other tools tell: a conversation was held, or that was taken back. Items of the partner are open or done at once."""

from collections.abc import Callable
from typing import Any

from cadence import actions, tools
from prm.common import events


def listen() -> None:
    """Hears the news of every tool there is."""
    for tool in tools.tools():
        for kind, partner_of in tool.news.items():
            events.on(kind)(_handler(tool.task, partner_of))


def _handler(task: str, partner_of: Callable[[Any], int | None]) -> Callable[[Any], None]:
    def settle(event: Any) -> None:
        partner = partner_of(event)
        if partner is not None:
            actions.settle(tasks=[task], partner_ids=[partner])

    return settle
