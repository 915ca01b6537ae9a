"""The performance scorecard of a partner, at both sides' addresses; its files, its mail, its reviews."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import portal, vendor
from accounts.permissions import Permission as P
from partners import hub
from partners.forms import TouchForm
from partners.models import Partner
from prm.common.lists import CONTENT_TYPES
from prm.common.saving import saved
from prm.documents.pdf import Paper, PdfUnavailable
from prm.documents.pdf import render as render_pdf
from prm.documents.xlsx import workbook
from scorecards import actions
from scorecards.models import PerformanceReview
from scorecards.performance_page.addresses import BY_LINK, PORTAL, VENDOR, Side
from scorecards.performance_page.forms import DayForm, MailForm, ReviewForm
from scorecards.performance_page.page import Page
from scorecards.performance_page.parts import parts
from scorecards.performance_page.sheets import sheets

by_link = portal(P.PORTAL, link=actions.PERFORMANCE_LINK)


def _own(request: HttpRequest, pk: int | None = None) -> Partner:
    """The partner of a user of its side; 404 for another one."""
    rows = Partner.objects.visible_to(request.user).select_related("tier", "stage", "partner_type", "region", "cam")
    return get_object_or_404(rows, **({} if pk is None else {"pk": pk}))


def _page(request: HttpRequest, partner: Partner, side: Side, *, shared: bool = False) -> tuple[Page, DayForm]:
    form = DayForm(request.GET)
    family = form.with_family and side is VENDOR
    here = request.get_full_path()
    return Page(request.user, partner, form.day, side, family=family, shared=shared, here=here), form


def _context(page: Page, form: DayForm, request: HttpRequest) -> dict[str, Any]:
    review = page.side is VENDOR and request.user.can(P.REVIEW_PERFORMANCE)
    mail_form = MailForm(page.partner) if review else None
    return {
        "page": page,
        "parts": parts(page),
        "partner": page.partner,
        "day_form": form,
        "shared": page.shared,
        "may_review": review,
        "review_form": ReviewForm(prefix="review", initial={"on": page.day}) if review else None,
        "mail_form": mail_form if mail_form and mail_form.people else None,
        "touch_form": TouchForm() if page.touch_url else None,
    }


# ── The vendor's side ────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.SEE_PERFORMANCE)
def performance(request: HttpRequest, pk: int) -> HttpResponse:
    """The tab Performance of the partner page."""
    page, form = _page(request, hub.find(request, pk), VENDOR)
    context = _context(page, form, request)
    status = 200 if form.is_valid() else 422
    return hub.page(request, page.partner, "performance", "scorecards/performance.html", context, status)


@vendor(P.REVIEW_PERFORMANCE)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes that the page was gone through with the partner; the small form by itself where it was refused."""
    partner = hub.find(request, pk)
    form = ReviewForm(request.POST or None, prefix="review")
    if (
        request.method == "POST"
        and form.is_valid()
        and saved(form, actions.review_performance, partner=partner, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, _("Noted, with the figures of that day."))
        return redirect("scorecards:performance", pk)
    return _form(request, partner, form, _("Reviewed with partner"), _("Note the review"))


@vendor(P.REVIEW_PERFORMANCE)
@require_POST
def review_undo(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(PerformanceReview.objects.visible_to(request.user), pk=pk)
    try:
        actions.take_back_review(review=found, by=request.user)
    except actions.NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The review is taken back."))
    return redirect("scorecards:performance", found.partner_id)


@vendor(P.REVIEW_PERFORMANCE)
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends the partner's version of the page to one of its people."""
    partner = hub.find(request, pk)
    form = MailForm(partner, request.POST or None)
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["to"]
        try:
            actions.mail_performance(partner=partner, to=to, by=request.user, message=form.cleaned_data["message"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The page is on its way to %(email)s.") % {"email": to.email})
            return redirect("scorecards:performance", pk)
    return _form(request, partner, form, _("Mail this page"), _("Send"))


def _form(request: HttpRequest, partner: Partner, form: Any, heading: str, button: str) -> HttpResponse:
    context = {"form": form, "heading": heading, "button": button}
    status = 422 if form.is_bound else 200
    return hub.page(request, partner, "performance", "scorecards/performance_form.html", context, status)


@vendor(P.SEE_PERFORMANCE)
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    return _pdf(request, _for_file(request, pk))


@vendor(P.SEE_PERFORMANCE)
def xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    return _xlsx(_for_file(request, pk))


def _for_file(request: HttpRequest, pk: int) -> Page:
    """With `for=partner` as the partner sees it, to hand over."""
    shared = request.GET.get("for") == "partner"
    return _page(request, hub.find(request, pk), VENDOR, shared=shared)[0]


# ── The partner's side ───────────────────────────────────────────────────────────────────────────────────────────────


@portal(P.PORTAL)
def own(request: HttpRequest) -> HttpResponse:
    """The partner's own page, as its navigation leads to it."""
    return _portal(request, _own(request))


@by_link
def of_link(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for who came by a mailed link, which is for this one partner."""
    return _portal(request, _own(request, pk))


def _portal(request: HttpRequest, partner: Partner) -> HttpResponse:
    request.section = "performance"
    page, form = _page(request, partner, _side(request))
    status = 200 if form.is_valid() else 422
    return render(request, "scorecards/performance_portal.html", _context(page, form, request), status=status)


def _side(request: HttpRequest) -> Side:
    return BY_LINK if hasattr(request, "signed_link") else PORTAL


@by_link
def portal_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    return _pdf(request, _page(request, _own(request, pk), _side(request))[0])


@by_link
def portal_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    return _xlsx(_page(request, _own(request, pk), _side(request))[0])


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _pdf(request: HttpRequest, page: Page) -> HttpResponse:
    """One page: A4, or Letter where asked for, or where the reader's country uses it."""
    vendor_settings = request.vendor_settings
    asked = request.GET.get("paper", "").lower()
    paper = Paper.LETTER if asked == "letter" or (asked != "a4" and page.uses_letter) else Paper.A4
    context = {
        "page": page,
        "title": _("Performance of %(partner)s") % {"partner": page.partner.name},
        "vendor": vendor_settings.name,
        "as_of": timezone.localtime(),
        "accent": vendor_settings.accent,
    }
    try:
        content = render_pdf("scorecards/performance_pdf.html", context, paper=paper)
    except PdfUnavailable as error:
        messages.error(request, str(error))
        return redirect(page.url)
    return _file(content, "application/pdf", page, "pdf")


def _xlsx(page: Page) -> HttpResponse:
    title = _("Performance of %(partner)s") % {"partner": page.partner.name}
    return _file(workbook(sheets(page), title=title), CONTENT_TYPES["xlsx"], page, "xlsx")


def _file(content: bytes, kind: str, page: Page, ending: str) -> HttpResponse:
    name = slugify(f"{page.partner.name} performance {page.day.isoformat()}")
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response
