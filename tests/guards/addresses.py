"""Every address of a vendor's site, from the URLconf, with the objects its parameters stand for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RegexPattern

from prm.settings import base

# Pages that nobody need sign in for. Adding one is a decision.
OPEN = {
    "account_inactive",
    "account_login",
    "account_logout",  # asks for nothing, and does nothing for those not signed in
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "accounts:accept_invitation",  # shows something to who came in by the link
    "accounts:open_link",
    "accounts:renew_link",
    "common:logo",
    "common:theme",
    "marketing:go",
}


@dataclass(frozen=True)
class Address:
    name: str
    view: Callable[..., Any]
    parameters: tuple[str, ...]

    @property
    def access(self) -> tuple[str, Any]:
        return getattr(self.view, "access", (None, None))

    @property
    def link(self) -> str | None:
        return getattr(self.view, "link", None)

    def url(self, **kwargs: Any) -> str:
        return reverse(self.name, kwargs=kwargs, urlconf=base.ROOT_URLCONF)


def addresses() -> list[Address]:
    """All of them but the API's, which answer to tokens and have a matrix of their own."""
    return sorted(_walk(get_resolver(base.ROOT_URLCONF), ""), key=lambda address: address.name)


def _walk(resolver: URLResolver, prefix: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            pattern = entry.pattern
            named = pattern.regex.groupindex if isinstance(pattern, RegexPattern) else pattern.converters
            yield Address(f"{prefix}{entry.name}", entry.callback, tuple(named))
        elif not str(entry.pattern).startswith("api/"):
            yield from _walk(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
