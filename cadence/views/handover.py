"""Partners pass from one CAM to another: what goes along, and what the new one finds."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import vendor
from accounts.permissions import Permission as P
from cadence import actions, handover
from cadence.forms import HandoverForm
from cadence.summary_words import readable
from partners import queries
from partners.filters import PartnerFilter
from prm.common import lists
from prm.common.saving import saved


@vendor(P.ASSIGN_PARTNERS)
def prepare(request: HttpRequest) -> HttpResponse:
    """Whom to, a note, and what goes along with each partner; with `confirmed` hands them over."""
    rows = _chosen(request)
    confirmed = "confirmed" in request.POST
    form = HandoverForm(request.POST if confirmed else None)
    total = rows.count()
    if not total or total > handover.MOST:
        few = _("No partner was selected.")
        many = _("At most %(n)s partners at a time: narrow the list first.") % {"n": handover.MOST}
        messages.warning(request, many if total else few)
        return redirect("partners:list")
    if confirmed and form.is_valid():
        values = {"partners": rows, "to": form.cleaned_data["cam"], "note": form.cleaned_data["note"]}
        if saved(form, actions.hand_over, by=request.user, **values):
            words = ngettext("%(n)s partner is %(cam)s’s now.", "%(n)s partners are %(cam)s’s now.", total)
            messages.success(request, words % {"n": total, "cam": form.cleaned_data["cam"].display_name})
            return redirect("cadence:handovers")
    context = {
        "form": form,
        "goes": handover.goes_along(list(rows.select_related("cam", "stage", "tier").order_by("name", "pk"))),
        "total": total,
    }
    return render(request, "cadence/handover_prepare.html", context, status=422 if confirmed else 200)


def _chosen(request: HttpRequest) -> Any:
    """The partners named, ticked, or all that the filter finds; only those this person sees."""
    rows = queries.partner_list(request.user)
    if "all_matching" in request.POST and "selected" not in request.POST:
        return PartnerFilter(QueryDict(request.POST.get("query", "")), user=request.user).apply(rows)
    named = request.POST.getlist("selected") or request.GET.getlist("partner")
    return rows.filter(pk__in=[int(pk) for pk in named if pk.isascii() and pk.isdigit() and len(pk) < 19])


@vendor(P.SEE_WORK)
def handovers(request: HttpRequest) -> HttpResponse:
    """What was handed over, the latest first."""
    page = lists.Paginator(handover.handovers(request.user), lists.PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "cadence/handovers.html", {"page": page})


@vendor(P.SEE_WORK)
def summary(request: HttpRequest, pk: int) -> HttpResponse:
    """One partner on one page, as it was handed over."""
    found = get_object_or_404(handover.handovers(request.user), pk=pk)
    return render(request, "cadence/handover.html", {"handover": found, "summary": readable(found.summary)})
