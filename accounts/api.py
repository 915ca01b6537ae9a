"""The API over people: tokens, who one is, the vendor's own people."""

from typing import Annotated, Any, Literal

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django import forms
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from accounts import tokens
from accounts.models import ApiToken, User
from accounts.permissions import Permission, Role
from accounts.tokens import Scope
from prm.api.auth import Allowed, Request
from prm.api.paging import Paging, page
from prm.api.problems import Problem
from prm.api.schemas import In, Out, Page, instant

router = Router(tags=["People"])
SIGNED_IN = Allowed(None, everybody=True)
OURS = [role.value for role in Role if not role.is_partner_side and role is not Role.DISTRIBUTOR]
RoleName = Literal["admin", "operations", "chief", "cam", "marketing"]


class TokenRequest(In):
    """`scopes` are all there are when none are named: a token may never do more than its user."""

    email: str = Field(max_length=254)
    password: Annotated[str, StringConstraints(strip_whitespace=False, max_length=500)]
    name: str = Field("API", min_length=1, max_length=100)
    scopes: list[Scope] = Field(list(Scope), min_length=1)
    days: int = Field(90, ge=1, le=365)


class TokenOut(Out):
    id: int
    name: str
    prefix: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    last_used_at: str | None


class NewToken(TokenOut):
    """`token` is shown this once."""

    token: str


class Me(Out):
    id: int
    email: str
    name: str
    side: Literal["vendor", "partner"]
    roles: list[str]
    permissions: list[str]
    partner: int | None
    language: str
    time_zone: str
    token: TokenOut


class UserOut(Out):
    id: int
    name: str
    email: str
    roles: list[str]


def token_out(token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.pk,
        "name": token.name,
        "prefix": token.prefix,
        "scopes": token.scopes,
        "created_at": instant(token.created_at),
        "expires_at": instant(token.expires_at),
        "last_used_at": instant(token.last_used_at),
    }


def user_out(user: User) -> dict[str, Any]:
    return {"id": user.pk, "name": user.name, "email": user.email, "roles": sorted(user.roles)}


@router.post("/tokens", response={201: NewToken}, auth=None)
def create_token(request: HttpRequest, body: TokenRequest) -> Any:
    """A token for whoever knows the e-mail and password: the way in for machines. Tries are limited as they are at sign-in."""
    request.answer_is_secret = True  # type: ignore[attr-defined]
    user = _signed_in(request, body)
    token, plain = tokens.create(user, body.name, [scope.value for scope in body.scopes], body.days)
    return Status(201, {**token_out(token), "token": plain})


def _signed_in(request: HttpRequest, body: TokenRequest) -> User:
    too_many = Problem(429, _("Too many tries. Wait a few minutes."), headers={"Retry-After": "300"})
    if not ratelimit.consume(request, action="login"):
        raise too_many
    try:
        user = get_adapter().authenticate(request, email=body.email.lower(), password=body.password)
    except forms.ValidationError:
        raise too_many from None
    if not isinstance(user, User) or not user.is_active:
        raise Problem(401, _("E-mail and password don't fit."), headers={"WWW-Authenticate": 'Bearer realm="Cadence"'})
    return user


@router.get("/tokens", response=Page[TokenOut], auth=SIGNED_IN)
def list_tokens(request: Request, response: HttpResponse, paging: Annotated[Paging, Query()]) -> Any:
    """One's own tokens that still work, without their text."""
    rows = request.user.api_tokens.filter(revoked_at=None)
    return page(request, response, rows, token_out, paging=paging, sort="-id")


@router.delete("/tokens/{int:token_id}", response={204: None}, auth=SIGNED_IN)
def revoke_token(request: Request, token_id: int) -> Any:
    """Ends one of one's own tokens at once; this one, too."""
    tokens.revoke(get_object_or_404(request.user.api_tokens, pk=token_id), request.user)
    return Status(204, None)


@router.get("/me", response=Me, auth=SIGNED_IN)
def me(request: Request) -> Any:
    """Whom this token acts as, and what it may do."""
    user = request.user
    membership = getattr(user, "membership", None)
    return {
        **user_out(user),
        "side": "partner" if user.is_partner_side else "vendor",
        "permissions": sorted(user.permissions),
        "partner": membership.partner_id if membership else None,
        "language": user.language,
        "time_zone": user.time_zone,
        "token": token_out(request.auth),
    }


@router.get("/users", response=Page[UserOut], auth=Allowed(Scope.PARTNERS_READ, vendor=Permission.SEE_WORK))
def list_users(
    request: Request, response: HttpResponse, paging: Annotated[Paging, Query()], role: RoleName | None = None
) -> Any:
    """The vendor's own people who are active: who can be a partner's CAM or own an action."""
    roles = [role] if role else OURS
    rows = User.objects.filter(is_active=True, groups__name__in=roles).distinct()
    return page(
        request, response, rows.prefetch_related("groups"), user_out, paging=paging, sort="name", by={"name": F("name")},
        known=("role",),
    )  # fmt: skip
