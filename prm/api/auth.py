"""Who is asking: a bearer token acts as its user, within its scopes, with the permissions of the pages."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from accounts import tokens
from accounts.models import ApiToken, User
from accounts.permissions import Permission
from accounts.tokens import Scope
from prm.api.problems import Problem

REALM = 'Bearer realm="Cadence"'


class Request(HttpRequest):
    """A request whose token was accepted."""

    user: User
    auth: ApiToken


def token_of(request: HttpRequest) -> ApiToken | None:
    """The token in the request's Authorization header, looked up once; None where it is missing, unknown or ended."""
    known: Any = request
    if not hasattr(known, "api_token"):
        scheme, _space, plain = request.headers.get("Authorization", "").partition(" ")
        known.api_token = tokens.authenticate(plain.strip()) if scheme.lower() == "bearer" and plain.strip() else None
    return cast("ApiToken | None", known.api_token)


def require_scope(token: ApiToken, scope: Scope) -> None:
    """Refuses a token that lacks a scope."""
    if scope not in token.scopes:
        challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
        detail = _("This token lacks the scope “%(scope)s”.") % {"scope": scope}
        raise Problem(403, detail, code="insufficient-scope", headers={"WWW-Authenticate": challenge})


class Allowed(HttpBearer):
    """What an operation asks for: a scope of the token, and a permission of the user on either side.

    A side without a permission has no business there; with `everybody` both sides do, whatever their permissions.
    """

    def __init__(
        self,
        scope: Scope | None,
        *,
        vendor: Permission | None = None,
        portal: Permission | None = None,
        everybody: bool = False,
    ) -> None:
        super().__init__()
        self.scope, self.vendor, self.portal, self.everybody = scope, vendor, portal, everybody

    def __call__(self, request: HttpRequest) -> ApiToken:
        token = token_of(request)
        if token is None:
            given = 'error="invalid_token"' if "Authorization" in request.headers else ""
            challenge = ", ".join(filter(None, [REALM, given]))
            detail = _("Send a valid API token as “Authorization: Bearer …”.")
            raise Problem(401, detail, headers={"WWW-Authenticate": challenge})
        if self.scope:
            require_scope(token, self.scope)
        if not self.lets_in(token.user):
            raise Problem(403)
        request.user = token.user
        return token

    def lets_in(self, user: User) -> bool:
        """Whether a user may call the operation at all."""
        needed = self.portal if user.is_partner_side else self.vendor
        return self.everybody or (needed is not None and user.can(needed))

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        raise NotImplementedError  # __call__ does it all
