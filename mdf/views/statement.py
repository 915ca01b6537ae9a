"""The statement of a ledger on paper."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from mdf.models import Account, Fund
from prm.common.lists import Listing
from prm.documents.pdf import PdfUnavailable, render

MOST = 500  # lines on paper; the workbook has all


def statement_pdf(request: HttpRequest, fund: Fund, account: Account | None, listing: Listing) -> HttpResponse:
    """The lines of a listing, the newest first, as a PDF."""
    title = fund.name if account is None or account.holder is None else f"{fund.name}: {account}"
    rows = list(listing.rows()[:MOST])
    context = {
        "title": _("Statement of %(what)s") % {"what": title},
        "vendor": request.vendor_settings.name,
        "as_of": timezone.localtime(),
        "fund": fund,
        "account": account,
        "rows": rows,
        "cut": listing.total - len(rows),
        "own": request.user.is_partner_side,
    }
    try:
        content = render("mdf/statement_pdf.html", context)
    except PdfUnavailable as error:
        messages.error(request, str(error))
        return redirect(request.META.get("HTTP_REFERER") or "/")
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{slugify(title) or "statement"}-statement.pdf"'
    return response
