"""The tabs over the vendor's pages of MDF."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission as P
from mdf.queries.waiting import waits_for

register = template.Library()


@register.inclusion_tag("ui/tabs.html", takes_context=True)
def mdf_tabs(context: template.Context, current: str) -> dict[str, Any]:
    """Overview, what waits for the reader, requests, claims, funds, the trail; those that the reader may open."""
    user = context["request"].user
    places = [
        ("home", _("Overview"), P.SEE_MDF),
        ("approvals", _("My approvals"), P.DECIDE_MDF),
        ("requests", _("Requests"), P.SEE_MDF),
        ("claims", _("Claims"), P.SEE_MDF),
        ("funds", _("Funds"), P.SEE_MDF),
        ("trail", _("Money trail"), P.SEE_MDF),
    ]
    items = [
        {"label": label, "url": reverse(f"mdf:{name}"), "current": name == current, "count": _count(name, user)}
        for name, label, permission in places
        if user.can(permission)
    ]
    return {"items": items, "label": _("Pages of MDF")}


def _count(name: str, user: Any) -> int | None:
    return (len(waits_for(user)) or None) if name == "approvals" else None
