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
from prm.common import mail
from prm.tenancy.addresses import vendor_url

SESSION_KEY = "signed_links"
# Who presses "send me a new link" again within this time gets no second mail.
RENEW_EVERY = dt.timedelta(minutes=10)


def make(*, user: User, purpose: str, target_id: object, days: int = 0, until: dt.datetime | None = None) -> SignedLink:
    """A new link for so many days, or `until` a moment; earlier open ones for the same thing stay valid until they expire
    or are closed."""
    expires_at = until or timezone.now() + dt.timedelta(days=days)
    return SignedLink.objects.create(user=user, purpose=purpose, target_id=str(target_id), expires_at=expires_at)


def url(link: SignedLink) -> str:
    """The absolute address to mail."""
    return vendor_url(reverse("accounts:open_link", args=[token(link)]))


def token(link: SignedLink) -> str:
    return _signer(link).sign(link.pk.hex)


def by_token(value: str) -> SignedLink | None:
    """The open link behind a token; None when forged, of another vendor, expired, closed, or its user is no more active."""
    link = _signed(value)
    return link if link and link.is_open and link.user.is_active else None


def enter(request: HttpRequest, link: SignedLink) -> None:
    """Remembers the link in the session, one per purpose."""
    request.session.cycle_key()
    request.session[SESSION_KEY] = {**request.session.get(SESSION_KEY, {}), link.purpose: str(link.pk)}
    SignedLink.objects.filter(pk=link.pk).update(last_used_at=timezone.now())


def link_in_session(request: HttpRequest, purpose: str) -> SignedLink | None:
    """The still open link of this purpose that this browser came in by."""
    link_id = request.session.get(SESSION_KEY, {}).get(purpose)
    link = _found(link_id) if link_id else None
    return link if link and link.purpose == purpose and link.is_open and link.user.is_active else None


def renew(value: str) -> None:
    """Mails a fresh link to the person of a genuine link that has expired. Of any other token nothing comes, silently:
    who asks learns neither whether there was such a link nor whose."""
    old = _signed(value)
    now = timezone.now()
    if old is None or old.closed_at or old.is_open or not old.user.is_active:
        return
    same = SignedLink.objects.filter(user=old.user, purpose=old.purpose, target_id=old.target_id)
    if same.filter(created_at__gt=now - RENEW_EVERY).exists():
        return
    days = max(1, (old.expires_at - old.created_at).days)
    fresh = make(user=old.user, purpose=old.purpose, target_id=old.target_id, days=days)
    mail.send(
        to=old.user.email,
        template="link_renewed",
        context={"url": url(fresh), "days": days, "user": old.user},
        language=old.user.language,
    )


def close(*, purpose: str, target_id: object) -> None:
    """Ends all links to an object, once their purpose is done."""
    SignedLink.objects.filter(purpose=purpose, target_id=str(target_id), closed_at=None).update(
        closed_at=timezone.now()
    )


def close_all(user: User) -> None:
    """Ends every link of a person."""
    user.signed_links.filter(closed_at=None).update(closed_at=timezone.now())


def _signed(value: str) -> SignedLink | None:
    try:
        link = _found(str(uuid.UUID(value.partition(":")[0])))
        if link:
            _signer(link).unsign(value)
    except (BadSignature, ValueError):
        return None
    return link


def _found(link_id: str) -> SignedLink | None:
    return SignedLink.objects.select_related("user").filter(pk=link_id).first()


def _signer(link: SignedLink) -> Signer:
    return Signer(salt=f"cadence.link.{connection.schema_name}.{link.purpose}")
