"""The pages of registrations that both sides have: the same pages, at each side's addresses, for other people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission as P
from dealdesk import queries
from dealdesk.models import Registration
from partners import hub
from partners.models import Partner


@dataclass(frozen=True)
class Side:
    """Which of the two sites: the names of its addresses begin with `prefix`; `writes` is who registers there."""

    prefix: str
    writes: P

    def url(self, name: str, *args: object) -> str:
        return reverse(f"dealdesk:{self.prefix}{name}", args=args)

    def of_partner(self, name: str, partner: Partner) -> str:
        """The address of a page that stands under the partner at the vendor's, and is the partner's own in the portal."""
        return self.url(name, partner.pk) if self is VENDOR else self.url(name)

    def home(self, partner: Partner) -> str:
        """The list of the partner's registrations."""
        return self.url("registrations_of", partner.pk) if self is VENDOR else self.url("registrations")

    def page(
        self, request: HttpRequest, partner: Partner, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        """Under the partner's header, or as a page of the portal: `template` is the name without the side."""
        request.section = "registrations"
        context = {"side": self, **context}
        if self is VENDOR:
            return hub.page(request, partner, "registrations", f"dealdesk/partner_{template}.html", context, status)
        crumbs = [] if hasattr(request, "signed_link") else [(_("Registrations"), self.url("registrations"))]
        context = {"partner": partner, "crumbs": crumbs, **context}
        return render(request, f"dealdesk/portal_{template}.html", context, status=status)


VENDOR = Side("", P.REGISTER_FOR_PARTNERS)
PORTAL = Side("portal_", P.SELL)


def find(request: HttpRequest, pk: int) -> Registration:
    """The registration, if this person may see it; else 404, as for one that isn't there."""
    found: Registration = get_object_or_404(queries.registrations(request.user), pk=pk)
    return found
