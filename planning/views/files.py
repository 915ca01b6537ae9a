"""A plan as a file: two pages to print, and a workbook that computes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.utils.translation import gettext as _

from planning.models import BusinessPlan
from planning.paper import paper
from planning.signature_state import states
from planning.views.sides import Side, find, outcome_of
from planning.workbook import workbook
from prm.common.lists import CONTENT_TYPES
from prm.documents.pdf import Paper, PdfUnavailable
from scorecards.performance_page.page import LETTER_COUNTRIES


def pdf(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """Two pages: A4, or Letter where asked for, or where the partner's country uses it."""
    plan = find(request, pk)
    asked = request.GET.get("paper", "").lower()
    letter = asked == "letter" or (asked != "a4" and plan.partner.country in LETTER_COUNTRIES)
    vendor = request.vendor_settings
    try:
        content = paper(
            plan,
            outcome_of(request, plan),
            states(plan),
            vendor=vendor.name,
            accent=vendor.accent,
            size=Paper.LETTER if letter else Paper.A4,
        )
    except PdfUnavailable as error:
        messages.error(request, str(error))
        return redirect(side.url("plan", pk))
    return _file(content, "application/pdf", plan, "pdf")


def xlsx(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """The workbook, without what the vendor keeps for who may not see that."""
    plan = find(request, pk)
    title = _("Business plan of %(partner)s, version %(number)s") % {
        "partner": plan.partner.name,
        "number": plan.number,
    }
    content = workbook(
        outcome_of(request, plan), title=title, partner=plan.partner.name, vendor=request.vendor_settings.name
    )
    return _file(content, CONTENT_TYPES["xlsx"], plan, "xlsx")


def _file(content: bytes, kind: str, plan: BusinessPlan, ending: str) -> HttpResponse:
    name = slugify(f"{plan.partner.name} business plan {plan.number}") or "business-plan"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response
