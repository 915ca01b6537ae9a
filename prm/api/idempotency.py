"""A POST sent twice with one Idempotency-Key is done once, and answered the same both times."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import IdempotencyKey, User
from prm.api.auth import token_of
from prm.api.problems import Problem

HEADER = "Idempotency-Key"
LONGEST = 200


def once(request: HttpRequest, run: Callable[[], HttpResponse]) -> HttpResponse:
    """Runs the operation and keeps its answer under the request's key, or gives the answer kept.

    All in one transaction: what was done and the answer are there together or not at all, and what failed is done anew when
    it is sent again. While one request with a key is under way, a second one gets 409.
    """
    key = request.headers.get(HEADER)
    token = token_of(request)
    if request.method != "POST" or key is None or token is None:
        return run()
    if not 0 < len(key) <= LONGEST:
        raise Problem(400, _("An Idempotency-Key has 1 to 200 characters."), code="idempotency-key")
    digest = _digest(request)
    with transaction.atomic():
        if not _alone(token.user, key):
            detail = _("A request with this Idempotency-Key is under way. Try again in a moment.")
            raise Problem(409, detail, code="idempotency-in-flight", headers={"Retry-After": "1"})
        kept = IdempotencyKey.objects.filter(user=token.user, key=key).first()
        if kept is not None:
            return _replay(kept, digest)
        response = run()
        if getattr(request, "answer_is_secret", False):
            return response
        if response.status_code < 300:
            IdempotencyKey.objects.create(
                user=token.user,
                key=key,
                request_digest=digest,
                status=response.status_code,
                body=response.content.decode(),
            )
        else:
            transaction.set_rollback(True)
        return response


def _replay(kept: IdempotencyKey, digest: str) -> HttpResponse:
    if kept.request_digest != digest:
        raise Problem(422, _("This Idempotency-Key was used for another request."), code="idempotency-key-reused")
    return HttpResponse(
        kept.body, status=kept.status, content_type="application/json", headers={"Idempotent-Replay": "true"}
    )


def _alone(user: User, key: str) -> bool:
    """Whether no other request with this key is under way; it holds until the transaction ends."""
    name = f"{connection.schema_name}.idempotency.{user.pk}.{key}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])


def _digest(request: HttpRequest) -> str:
    """What makes two requests the same: method, address, and the body whatever its spacing or boundary."""
    body: Any
    if request.content_type == "multipart/form-data":
        body = [dict(request.POST.lists()), [[name, *map(_content, files)] for name, files in request.FILES.lists()]]
    else:
        body = request.body.hex()
        with suppress(ValueError, RecursionError):
            body = json.dumps(json.loads(request.body), sort_keys=True)
    said = json.dumps([request.method, request.get_full_path(), body], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _content(file: UploadedFile) -> str:
    digest = hashlib.sha256(file.read()).hexdigest()
    file.seek(0)
    return digest
