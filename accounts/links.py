"""Signed links: one person, one purpose, one object, expiring, no password.

The token is the link's id signed with a salt of vendor and purpose, so it opens nothing at another vendor and nothing
else at this one. Opening it puts the link's id into the session; views that accept the purpose check it on every request.
"""

import datetime as dt
import uuid

from django.core.signing import BadSignature, Signer
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import SignedLink, User
from prm.tenancy.addresses import vendor_url

SESSION_KEY = "signed_links"


def make(*, user: User, purpose: str, target_id: object, days: int) -> SignedLink:
    """A new link; earlier open ones for the same thing stay valid until they expire or are closed."""
    return SignedLink.objects.create(
        user=user,
        purpose=purpose,
        target_id=str(target_id),
        expires_at=timezone.now() + dt.timedelta(days=days),
    )


def url(link: SignedLink) -> str:
    """The absolute address to mail."""
    return vendor_url(reverse("accounts:open_link", args=[token(link)]))


def token(link: SignedLink) -> str:
    return Signer(salt=_salt()).sign(link.pk.hex)


def by_token(value: str) -> SignedLink | None:
    """The open link behind a token; None when forged, of another vendor, expired, closed, or its user is no more active."""
    try:
        link_id = uuid.UUID(Signer(salt=_salt()).unsign(value))
    except (BadSignature, ValueError):
        return None
    return _open(str(link_id))


def enter(request: HttpRequest, link: SignedLink) -> None:
    """Remembers the link in the session, one per purpose."""
    request.session[SESSION_KEY] = {
        **request.session.get(SESSION_KEY, {}),
        link.purpose: str(link.pk),
    }
    SignedLink.objects.filter(pk=link.pk).update(last_used_at=timezone.now())


def link_in_session(request: HttpRequest, purpose: str) -> SignedLink | None:
    """The still open link of this purpose that this browser came in by."""
    link_id = request.session.get(SESSION_KEY, {}).get(purpose)
    link = _open(link_id) if link_id else None
    return link if link and link.purpose == purpose else None


def close(*, purpose: str, target_id: object) -> None:
    """Ends all links to an object, once their purpose is done."""
    SignedLink.objects.filter(
        purpose=purpose, target_id=str(target_id), closed_at=None
    ).update(closed_at=timezone.now())


def _open(link_id: str) -> SignedLink | None:
    link = SignedLink.objects.select_related("user").filter(pk=link_id).first()
    return link if link and link.is_open and link.user.is_active else None


def _salt() -> str:
    return f"cadence.link.{connection.schema_name}"
