"""What other systems are told of leads: nothing of the person. An import tells nothing: what came in a file is known where the file
is from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from leads.models import Lead, LeadStep
from prm.webhooks import news

Kind = LeadStep.Kind
EXAMPLE = {
    "id": 5,
    "company": "Northwind Traders",
    "source": "web",
    "external_id": "L-1007",
    "score": "82.00",
    "grade": "A",
    "state": "accepted",
    "holder": "partner",
    "partner": 7,
    "held_by": None,
    "deal": None,
    "outcome": "",
    "at": "2026-11-20T09:30:00Z",
    "reason": "",
}
QUEUED: dict[str, Any] = {"holder": "queue", "partner": None}
KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    Kind.ADDED: (_("Lead came in"), {**QUEUED, "state": "new"}),
    Kind.OFFERED: (_("Lead offered to a partner"), {**QUEUED, "state": "offered", "asked": 7}),
    Kind.ACCEPTED: (_("Lead accepted by a partner"), {"asked": 7}),
    Kind.DECLINED: (_("Lead declined by a partner"), {**QUEUED, "state": "new", "asked": 7, "reason": "Too far"}),
    Kind.TIMED_OUT: (_("Lead not answered in time"), {**QUEUED, "state": "new", "asked": 7}),
    Kind.KEPT_DIRECT: (_("Lead kept direct"), {"holder": "direct", "partner": None, "held_by": 3}),
    Kind.PULLED_BACK: (_("Lead pulled back from a partner"), {**QUEUED, "state": "new", "asked": 7}),
    Kind.CONTACTED: (_("Lead contacted"), {"state": "contacted"}),
    Kind.QUALIFIED: (_("Lead qualified"), {"state": "qualified"}),
    Kind.DISQUALIFIED: (_("Lead disqualified"), {"state": "disqualified", "reason": "No budget"}),
    Kind.CONVERTED: (_("Lead became a registration or a deal"), {"state": "converted"}),
    Kind.WON: (_("Lead won"), {"state": "converted", "deal": 9, "outcome": "won"}),
    Kind.LOST: (_("Lead lost"), {"state": "converted", "deal": 9, "outcome": "lost", "reason": ""}),
}

for _kind, (_label, _more) in KINDS.items():
    news.kind(f"lead.{_kind}", _label, example={**EXAMPLE, **_more})


def announce(lead: Lead, kind: str, at: dt.datetime, *, partner_id: int | None, reason: str) -> None:
    """News of a lead as it is now; `asked` is the partner it was offered to or taken from. Other steps are no news."""
    if kind in KINDS:
        news.send_many(f"lead.{kind}", _data(lead, kind, at, partner_id, reason))


def _data(lead: Lead, kind: str, at: dt.datetime, partner_id: int | None, reason: str) -> Iterable[dict[str, Any]]:
    told = {
        "id": lead.pk,
        "company": lead.company,
        "source": lead.source.key,
        "external_id": lead.external_id,
        "score": f"{lead.score:.2f}",
        "grade": lead.grade,
        "state": lead.state,
        "holder": lead.holder,
        "partner": lead.partner_id,
        "held_by": lead.person_direct_id,
        "deal": lead.deal_id,
        "outcome": lead.outcome,
        "at": at,
        "reason": reason,
    }
    yield {**told, "asked": partner_id} if "asked" in KINDS[kind][1] else told
