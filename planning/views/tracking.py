"""A committed plan against what became of it, at both sides' addresses: plan against actual, re-forecast, what moved."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import portal, vendor
from accounts.permissions import Permission as P
from partners import hub
from planning import queries
from planning.actions import reforecasting
from planning.comparison_page import ComparisonPage
from planning.following import fixed
from planning.models import BusinessPlan
from planning.refusals import Closed, NotAllowed
from planning.tracking_forms import ReforecastForm, VersionForm
from planning.tracking_pages.actuals import ActualsPage
from planning.tracking_pages.page import TrackingPage
from planning.tracking_pages.reforecast import ReforecastPage
from planning.views.sides import PORTAL, VENDOR, crumbs
from prm.common.lists import CONTENT_TYPES
from prm.common.saving import saved
from prm.documents.csv import write_csv
from prm.documents.xlsx import workbook


def _shown(request: HttpRequest, page: Any, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A page of a plan, under the section of plans."""
    request.section = "planning"
    where = crumbs(request, PORTAL if page.portal else VENDOR, page.plan, inside=True)
    return render(
        request, page.template, {"page": page, "plan": page.plan, "crumbs": where, **(context or {})}, status=status
    )


def _page(kind: type[TrackingPage], request: HttpRequest, pk: int, *, portal: bool = False) -> Any:
    plan = get_object_or_404(fixed(request.user), pk=pk)
    return kind(request.user, plan, request.GET.get("year", ""), portal=portal)


@vendor(P.SEE_PLANS)
def actuals(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _page(ActualsPage, request, pk))


@portal(P.PORTAL)
def portal_actuals(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _page(ActualsPage, request, pk, portal=True))


@vendor(P.SEE_PLANS)
def export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    return _file(_page(ActualsPage, request, pk), kind)


@portal(P.PORTAL)
def portal_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    return _file(_page(ActualsPage, request, pk, portal=True), kind)


def _file(page: TrackingPage, kind: str) -> HttpResponse:
    if kind not in CONTENT_TYPES:
        raise Http404
    sheet = page.sheet()
    content = (
        "".join(write_csv(sheet.columns, sheet.rows)) if kind == "csv" else workbook([sheet], title=page.file_name)
    )
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    name = slugify(page.file_name) or "plan"
    response["Content-Disposition"] = f'attachment; filename="{name}-{page.today:%Y-%m-%d}.{kind}"'
    return response


@vendor(P.SEE_PLANS)
def reforecast(request: HttpRequest, pk: int) -> HttpResponse:
    return _reforecast(request, _page(ReforecastPage, request, pk), None)


@portal(P.PORTAL)
def portal_reforecast(request: HttpRequest, pk: int) -> HttpResponse:
    return _reforecast(request, _page(ReforecastPage, request, pk, portal=True), None)


def _reforecast(request: HttpRequest, page: ReforecastPage, form: ReforecastForm | None) -> HttpResponse:
    confirms = not page.portal and page.in_force and request.user.can(P.EDIT_PLANS)
    shown = form or ReforecastForm(initial={"mark": page.mark})
    return _shown(request, page, {"form": shown if confirms else None}, 422 if form else 200)


@vendor(P.EDIT_PLANS)
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps the re-forecast that the person looked at; the page again where something is in the way."""
    page: ReforecastPage = _page(ReforecastPage, request, pk)
    form = ReforecastForm(request.POST)
    try:
        done = form.is_valid() and saved(
            form, reforecasting.confirm, plan=page.plan, by=request.user, **form.cleaned_data
        )
    except (Closed, NotAllowed) as error:
        messages.error(request, str(error))
        return redirect("tracking:reforecast", pk)
    if done:
        messages.success(request, _("The re-forecast is confirmed."))
        return redirect("tracking:reforecast", pk)
    form.show_again(page.mark)
    return _reforecast(request, page, form)


@vendor(P.SEE_PLANS)
def of_partner(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a partner is re-forecast: at its plan in force; at its plans, where none is."""
    partner = hub.find(request, pk)
    plan = queries.in_force(request.user, partner)
    if plan is None:
        messages.info(request, _("There is no plan in force to re-forecast yet."))
        return redirect("planning:partner", partner.pk)
    return redirect("tracking:reforecast", plan.pk)


@vendor(P.SEE_PLANS)
def moved(request: HttpRequest, pk: int) -> HttpResponse:
    return _moved(request, pk, portal=False)


@portal(P.PORTAL)
def portal_moved(request: HttpRequest, pk: int) -> HttpResponse:
    return _moved(request, pk, portal=True)


def _moved(request: HttpRequest, pk: int, *, portal: bool) -> HttpResponse:
    """Against the version it follows, or the one asked for; of the first version there is nothing to tell."""
    plan = get_object_or_404(queries.plans(request.user), pk=pk)
    versions: list[BusinessPlan] = list(queries.history(request.user, plan.partner).filter(number__lt=plan.number))
    form = VersionForm(request.GET, versions=versions, follows=plan.follows_id)
    if not versions:
        raise Http404
    return _shown(request, ComparisonPage(plan, form.chosen, versions, portal=portal), {"form": form})
