"""What people do with webhooks: where news goes, and that it goes once more."""

import base64
import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prm.common import audit
from prm.webhooks import addresses, news, outbox
from prm.webhooks.models import Delivery, Endpoint

OVERLAP = dt.timedelta(hours=24)  # so long messages are signed with the old secret, too
MOST = 20  # endpoints of a vendor: each piece of news is written once for each
TEST = "webhook.test"

news.kind(TEST, gettext_lazy("Test"), example={"endpoint": "CRM", "text": "It works."}, chosen=False)

audit.VERBS |= {
    "webhook.added": gettext_lazy("Webhook added"),
    "webhook.changed": gettext_lazy("Webhook changed"),
    "webhook.removed": gettext_lazy("Webhook removed"),
    "webhook.secret_changed": gettext_lazy("Secret of a webhook changed"),
    "webhook.switched_on": gettext_lazy("Webhook switched on"),
    "webhook.replayed": gettext_lazy("Webhook messages sent anew"),
}


@transaction.atomic
def add_endpoint(*, by: Any, name: str, url: str, kinds: Iterable[str], contact: str = "") -> Endpoint:
    """A new address that is told of `kinds` from now on; `contact` (the person's own where left out) hears of it when nothing
    arrives there any more. Its secret is made here. Raises ValidationError by field."""
    if Endpoint.objects.kept().count() >= MOST:
        raise ValidationError(_("There can be %(n)s endpoints at most. Remove one first.") % {"n": MOST})
    endpoint = Endpoint(
        name=name.strip(), url=url.strip(), kinds=sorted(set(kinds)), contact=contact or by.email, created_by=by
    )
    endpoint.secret = new_secret()
    _check(endpoint)
    endpoint.save()
    audit.record(by=by, verb="webhook.added", target=endpoint, changes={"url": ["", endpoint.url], "kinds": ["", _said(endpoint.kinds)]})  # fmt: skip
    return endpoint


@transaction.atomic
def update_endpoint(*, by: Any, endpoint: Endpoint, **fields: Any) -> Endpoint:
    """Changes name, url, kinds or contact. What waits goes to the new address. Raises ValidationError by field."""
    locked = _locked(endpoint)
    if "kinds" in fields:
        fields["kinds"] = sorted(set(fields["kinds"]))
    changes = audit.changes_between({name: getattr(locked, name) for name in fields}, fields)
    if not changes:
        return locked
    for name in changes:
        setattr(locked, name, fields[name])
    _check(locked)
    locked.save(update_fields=list(changes))
    if "kinds" in changes:
        changes["kinds"] = [_said(kinds) for kinds in changes["kinds"]]
    audit.record(by=by, verb="webhook.changed", target=locked, changes=changes)
    return locked


@transaction.atomic
def rotate_secret(*, by: Any, endpoint: Endpoint) -> str:
    """A new secret, given back this once. For a day messages are signed with both, so that the receiver has time to change."""
    locked = _locked(endpoint)
    locked.old_secret, locked.old_secret_until = locked.secret, timezone.now() + OVERLAP
    locked.secret = new_secret()
    locked.save(update_fields=["secret", "old_secret", "old_secret_until"])
    audit.record(by=by, verb="webhook.secret_changed", target=locked)
    return locked.secret


@transaction.atomic
def switch(*, by: Any, endpoint: Endpoint, on: bool) -> None:
    """Switches an endpoint on or off. Off, nothing is written for it, and what waited has failed. As it is: nothing happens."""
    locked = _locked(endpoint)
    if locked.is_on == on:
        return
    if on:
        locked.off, locked.off_at, locked.failing_since = "", None, None
        locked.save(update_fields=["off", "off_at", "failing_since"])
        audit.record(by=by, verb="webhook.switched_on", target=locked)
    else:
        outbox.switch_off(locked, Endpoint.Off.HAND)
        audit.record(by=by, verb="webhook.switched_off", target=locked)


@transaction.atomic
def remove_endpoint(*, by: Any, endpoint: Endpoint) -> None:
    """Takes an endpoint away with its log. Gone already: nothing happens."""
    locked = Endpoint.objects.kept().select_for_update(no_key=True).filter(pk=endpoint.pk).first()
    if locked is None:
        return
    locked.removed_at = timezone.now()
    locked.save(update_fields=["removed_at"])
    Delivery.objects.filter(endpoint=locked).delete()
    audit.record(by=by, verb="webhook.removed", target=locked, changes={"url": [locked.url, None]})


@transaction.atomic
def send_test(*, by: Any, endpoint: Endpoint) -> Delivery:
    """A message that tells of nothing, to see whether it arrives. Raises ValidationError for one that is off."""
    locked = _locked(endpoint)
    _refuse_off(locked)
    data = {"endpoint": locked.name, "text": f"Sent by {by.display_name} to see whether it arrives."}
    return news.write(TEST, [data], [locked.pk])[0]


@transaction.atomic
def replay(*, by: Any, delivery: Delivery) -> None:
    """Sends a message once more, the same to the letter and with its id, whether it had arrived or not. One that waits goes at
    once. Raises ValidationError where its endpoint is off."""
    _refuse_off(_locked(delivery.endpoint))
    if _again(by, delivery.endpoint, [delivery.pk]):
        audit.record(by=by, verb="webhook.replayed", target=delivery.endpoint, note=delivery.message_id)


@transaction.atomic
def replay_failed(*, by: Any, endpoint: Endpoint, since: dt.datetime) -> int:
    """Sends all messages of an endpoint once more that were written since then and have failed; how many there are. Raises
    ValidationError where the endpoint is off."""
    locked = _locked(endpoint)
    _refuse_off(locked)
    failed = Delivery.objects.filter(endpoint=locked, state=Delivery.State.FAILED, created_at__gte=since)
    count = _again(by, locked, list(failed.values_list("pk", flat=True)))
    if count:
        audit.record(by=by, verb="webhook.replayed", target=locked, note=str(count))
    return count


def new_secret() -> str:
    """192 random bits, as Standard Webhooks writes a secret."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


def _again(by: Any, endpoint: Endpoint, deliveries: list[int]) -> int:
    rows = Delivery.objects.filter(pk__in=deliveries)
    count = rows.update(
        state=Delivery.State.WAITING, attempts=0, next_attempt_at=timezone.now(), last_error="", delivered_at=None
    )
    transaction.on_commit(lambda: outbox.hurry(endpoint.pk))
    return count


def _locked(endpoint: Endpoint) -> Endpoint:
    found = Endpoint.objects.kept().select_for_update(no_key=True).filter(pk=endpoint.pk).first()
    if found is None:
        raise ValidationError(_("Somebody has removed this endpoint meanwhile."))
    return found


def _refuse_off(endpoint: Endpoint) -> None:
    if not endpoint.is_on:
        raise ValidationError(_("This endpoint is switched off. Switch it on first."))


def _check(endpoint: Endpoint) -> None:
    wrong: dict[str, Any] = {}
    if not endpoint.name.strip():
        wrong["name"] = _("Give it a name.")
    try:
        addresses.parse(endpoint.url)
    except addresses.Refused as refused:
        wrong["url"] = str(refused)
    known = {kind.key for kind in news.kinds()}
    if not endpoint.kinds:
        wrong["kinds"] = _("Choose what to tell it.")
    elif unknown := [key for key in endpoint.kinds if key not in known]:
        wrong["kinds"] = _("There is no such news: %(keys)s.") % {"keys": ", ".join(unknown)}
    try:
        validate_email(endpoint.contact)
    except ValidationError as error:
        wrong["contact"] = error.messages
    if wrong:
        raise ValidationError(wrong)


def _said(kinds: Iterable[str]) -> str:
    return ", ".join(kinds)
