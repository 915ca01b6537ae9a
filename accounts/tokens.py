"""Keys to the REST API. A token acts as its user, within its scopes; only its hash is kept."""

import datetime as dt
import hashlib
import secrets
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, IdempotencyKey, User
from prm.common import audit, schedule

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MARK = "cad_"  # lets people and secret scanners recognise one
USED_EVERY = dt.timedelta(minutes=1)
ANSWERS_KEPT = dt.timedelta(days=7)


class Scope(StrEnum):
    """What a token may be used for; never more than its user may do."""

    PARTNERS_READ = "partners:read"
    PARTNERS_WRITE = "partners:write"
    SCORECARDS_READ = "scorecards:read"
    SCORECARDS_WRITE = "scorecards:write"
    SALES_READ = "sales:read"
    SALES_WRITE = "sales:write"
    PLANS_READ = "plans:read"
    PLANS_WRITE = "plans:write"
    MARKETING_READ = "marketing:read"
    MARKETING_WRITE = "marketing:write"
    PROGRAM_WRITE = "program:write"
    QUESTIONNAIRES_WRITE = "questionnaires:write"
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"

    @property
    def label(self) -> "_StrPromise":
        return _LABELS[self]


_LABELS = {
    Scope.PARTNERS_READ: _("Read partners, contacts, touches and actions"),
    Scope.PARTNERS_WRITE: _("Change partners, contacts, touches and actions"),
    Scope.SCORECARDS_READ: _("Read questionnaires, scorecards and their roll-ups"),
    Scope.SCORECARDS_WRITE: _("Answer and submit scorecards"),
    Scope.SALES_READ: _("Read results, deals, targets, performance, tiers and what is due"),
    Scope.SALES_WRITE: _("Change results, deals, targets, certifications and what is due"),
    Scope.PLANS_READ: _("Read business plans, their forecasts and what they start from, account plans, and QBRs"),
    Scope.PLANS_WRITE: _(
        "Build, share and sign business plans, change what they start from, work on account plans, and build QBRs"
    ),
    Scope.MARKETING_READ: _("Read marketing plans, what came of them, funds, requests and claims"),
    Scope.MARKETING_WRITE: _(
        "Build and close marketing plans, change what they start from, work on funds, requests and claims"
    ),
    Scope.PROGRAM_WRITE: _("Change the tier rules, overrides and the cadence"),
    Scope.QUESTIONNAIRES_WRITE: _("Make and publish questionnaires"),
    Scope.JOBS_READ: _("See background jobs and fetch their files"),
    Scope.JOBS_WRITE: _("Stop background jobs"),
    Scope.WEBHOOKS_READ: _("See webhooks and what they were sent"),
    Scope.WEBHOOKS_WRITE: _("Change webhooks, and send messages once more"),
}


@transaction.atomic
def create(user: User, name: str, scopes: list[str], days: int) -> tuple[ApiToken, str]:
    """A token valid for `days`, and its plain text, which can't be had again. ValueError for an unknown scope."""
    plain = f"{MARK}{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=plain[:12],
        digest=_digest(plain),
        scopes=sorted(Scope(scope) for scope in scopes),
        expires_at=timezone.now() + dt.timedelta(days=days),
    )
    audit.record(by=user, verb="token.created", target=token, changes={"scopes": ["", ", ".join(token.scopes)]})
    return token, plain


def authenticate(plain: str) -> ApiToken | None:
    """The token behind a plain text, with its user; None when unknown, revoked, expired, or its user is not active."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=_digest(plain), revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token and (token.last_used_at is None or token.last_used_at < now - USED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


@transaction.atomic
def revoke(token: ApiToken, by: User) -> None:
    """Ends a token at once. Once revoked it stays so."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        audit.record(by=by, verb="token.revoked", target=token)


@schedule.nightly
def forget_answers() -> None:
    """Answers to a POST with an Idempotency-Key are kept for a week."""
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - ANSWERS_KEPT).delete()


def _digest(plain: str) -> str:
    # The token is 256 random bits: nothing to guess, so a plain hash does.
    return hashlib.sha256(plain.encode()).hexdigest()
