"""What views of reviews share: the object in reach, where the page belongs, refusals as messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from qbr import queries
from qbr.models import Commitment, Qbr, Version
from qbr.naming import quarter_words
from qbr.refusals import Changed, Closed, NotAllowed


def find(request: HttpRequest, pk: int) -> Qbr:
    """The review, if this person may see it; else 404, as for one that isn't there."""
    found: Qbr = get_object_or_404(queries.qbrs(request.user).select_related("job", "shared_by"), pk=pk)
    return found


def find_version(request: HttpRequest, pk: int) -> Version:
    rows = Version.objects.visible_to(request.user).select_related("qbr__partner", "built_by")
    found: Version = get_object_or_404(rows, pk=pk)
    return found


def find_commitment(request: HttpRequest, pk: int) -> Commitment:
    rows = Commitment.objects.visible_to(request.user).select_related("qbr__partner", "owner", "action")
    found: Commitment = get_object_or_404(rows, pk=pk)
    return found


def crumbs(qbr: Qbr, *, inside: bool = False) -> list[tuple[str, str]]:
    """Where a page belongs; `inside`: below the deck's page."""
    found = [(_("QBRs"), reverse("qbr:list")), (qbr.partner.name, reverse("qbr:partner", args=[qbr.partner_id]))]
    return [*found, (quarter_words(qbr), reverse("qbr:deck", args=[qbr.pk]))] if inside else found


def tabs(qbr: Qbr, current: str) -> list[dict[str, Any]]:
    """The two pages of a review."""
    return [
        {"label": _("Slides"), "url": reverse("qbr:qbr", args=[qbr.pk]), "current": current == "slides"},
        {"label": _("Deck and meeting"), "url": reverse("qbr:deck", args=[qbr.pk]), "current": current == "deck"},
    ]


def done(request: HttpRequest, action: Callable[..., Any], *, said: str = "", **arguments: Any) -> Any:
    """What the action gives, or None where it refused: then a message says why. 403 for what the person may not do."""
    try:
        result = action(by=request.user, **arguments)
    except NotAllowed as error:
        raise PermissionDenied from error
    except (Closed, Changed) as error:
        messages.error(request, str(error))
        return None
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return None
    if said:
        messages.success(request, said)
    return True if result is None else result
