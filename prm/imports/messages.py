"""What an import tells its user: a marked text and its parts, put together (and translated) only where it is shown.

A dry run is computed once, stored, and read by people with different languages; so a message keeps its text and its
parts apart. `marked` only marks a text for the translators; `Message.translated` does the work.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

SHOWN = 60


def marked(text: str) -> str:
    return text


_ = marked


def shown(value: object) -> str:
    """A value as a message quotes it: on one line, cut after 60 characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


@dataclass(frozen=True, slots=True)
class Message:
    """A text with %(named)s parts, and the parts."""

    text: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.translated(str)

    def translated(self, translate: Callable[[str], str]) -> str:
        """The message in another language; `translate` is gettext or the like."""
        return translate(self.text) % {
            key: part.translated(translate) if isinstance(part, Message) else part for key, part in self.params.items()
        }

    def as_json(self) -> dict[str, object]:
        return {
            "text": self.text,
            "params": {k: p.as_json() if isinstance(p, Message) else str(p) for k, p in self.params.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Message":
        params = data["params"]
        assert isinstance(params, Mapping)
        return cls(str(data["text"]), {k: cls.from_json(p) if isinstance(p, Mapping) else p for k, p in params.items()})


class Problem(ValueError):
    """Something in the user's file is not as it must be; `message` says what, in the user's words."""

    def __init__(self, text: str, **params: object) -> None:
        self.message = Message(text, params)
        super().__init__(text)

    def __str__(self) -> str:
        return str(self.message)


class UnreadableFile(Problem):
    """The whole file can't be read."""


class BadValue(Problem):
    """One cell does not hold what its column must hold."""


class BadRow(Problem):
    """A row's cells don't go together; `field` is the one to look at."""

    def __init__(self, field: str, text: str, **params: object) -> None:
        super().__init__(text, **params)
        self.field = field
