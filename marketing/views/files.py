"""A plan as a file: one or two pages to print, and a workbook that computes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify

from marketing import paper, workbook
from marketing.models import MarketingPlan
from marketing.views.sides import Side, find
from prm.common.lists import CONTENT_TYPES
from prm.documents.pdf import Paper, PdfUnavailable
from scorecards.performance_page.page import LETTER_COUNTRIES


def pdf(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """A4, or Letter where asked for, or where the partner's country uses it."""
    plan = find(request, pk)
    asked = request.GET.get("paper", "").lower()
    letter = asked == "letter" or (asked != "a4" and plan.partner.country in LETTER_COUNTRIES)
    vendor = request.vendor_settings
    try:
        content = paper.paper(plan, vendor=vendor.name, accent=vendor.accent, size=Paper.LETTER if letter else Paper.A4)
    except PdfUnavailable as error:
        messages.error(request, str(error))
        return redirect(f"{side.url('plan', pk)}?read=1")
    return _file(content, "application/pdf", plan, "pdf")


def xlsx(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """The workbook: its formulas compute what the page says."""
    plan = find(request, pk)
    content = workbook.workbook(plan, vendor=request.vendor_settings.name)
    return _file(content, CONTENT_TYPES["xlsx"], plan, "xlsx")


def _file(content: bytes, kind: str, plan: MarketingPlan, ending: str) -> HttpResponse:
    name = slugify(f"{plan.partner.name} {plan.title}") or "marketing-plan"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response
