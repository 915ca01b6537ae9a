"""A template that shows what isn't there fails its test, instead of showing nothing."""

from django.template import engines


class Undefined(Exception):
    """A template names something that isn't there."""


class RaisesWhenShown(str):
    """Django writes `string_if_invalid % name` where a template shows what isn't there."""

    def __contains__(self, text: object) -> bool:
        return True

    def __mod__(self, name: object) -> str:
        raise Undefined(str(name))


def templates() -> None:
    """From now on."""
    engines["django"].engine.string_if_invalid = RaisesWhenShown("%s")
