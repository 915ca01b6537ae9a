"""Partners, for the vendor's people: list, hub, create, edit, change of stage, many at once."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission
from partners import actions, history, hub, queries
from partners.filters import PartnerFilter, matches
from partners.forms import MoveForm, PartnerForm, StageForm, TouchForm, option_text
from partners.models import Action, Partner, Placement
from partners.tables import partner_listing
from prm.common import lists
from prm.common.merging import blame
from prm.common.vendor import today


@vendor(Permission.SEE_PARTNERS)
def partner_list(request: HttpRequest) -> HttpResponse:
    listing = partner_listing(request.user, request.GET)
    can_edit = request.user.can(Permission.EDIT_PARTNERS)
    context = {
        "filter": listing.filter,
        "listing": listing,
        "can_edit": can_edit,
        "can_import": request.user.can(Permission.IMPORT_DATA),
        "moves": _moves(request.user) if can_edit else [],
        "can_assign": request.user.can(Permission.ASSIGN_PARTNERS),
        "query": request.GET.urlencode(),
    }
    return render(request, "partners/list.html", context)


def _moves(user: Any) -> list[tuple[str, str]]:
    """What this user may change for many at once."""
    moves = [
        ("cam", _("CAM")),
        ("cover", _("Cover")),
        ("stage", _("Life stage")),
        ("tier", _("Tier")),
        ("region", _("Region")),
    ]
    return [move for move in moves if move[0] not in actions.ASSIGNED or user.can(Permission.ASSIGN_PARTNERS)]


@vendor(Permission.SEE_PARTNERS)
def partner_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "partners", kind)


@vendor(Permission.EDIT_PARTNERS)
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """First asks to what and why, and says for how many; with `confirmed` does it."""
    what = request.POST.get("what", "")
    if what not in dict(_moves(request.user)):
        raise PermissionDenied
    rows = _selected(request)
    confirmed = "confirmed" in request.POST
    form = MoveForm(request.POST if confirmed else None, what=what)
    total = rows.count()
    if not total:
        messages.warning(request, _("No partner was selected."))
        return redirect("partners:list")
    if confirmed and str(total) != request.POST.get("total"):
        messages.warning(request, _("Meanwhile other partners match. Look again before you change them."))
    elif confirmed and form.is_valid():
        done = actions.move_partners(
            by=request.user,
            partners=rows,
            what=what,
            value=form.cleaned_data["value"],
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, ngettext("%(n)s partner changed.", "%(n)s partners changed.", done) % {"n": done})
        return redirect(f"{reverse('partners:list')}?{request.POST.get('query', '')}")
    context = {
        "form": form,
        "what": what,
        "label": dict(_moves(request.user))[what],
        "total": total,
        "some": list(rows.order_by("name", "pk")[:5]),
        "all_matching": "all_matching" in request.POST,
        "selected": [] if "all_matching" in request.POST else list(rows.values_list("pk", flat=True)),
        "query": request.POST.get("query", ""),
    }
    return render(request, "partners/bulk.html", context, status=422 if confirmed else 200)


def _selected(request: HttpRequest) -> Any:
    """The ticked partners, or all that the filter finds; only those this person sees."""
    rows = queries.partner_list(request.user)
    if "all_matching" in request.POST:
        return PartnerFilter(QueryDict(request.POST.get("query", "")), user=request.user).apply(rows)
    pks = [int(pk) for pk in request.POST.getlist("selected") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    return rows.filter(pk__in=pks)


@vendor(Permission.SEE_PARTNERS)
def partner_hub(request: HttpRequest, pk: int) -> HttpResponse:
    partner = hub.find(request, pk)
    return hub.page(request, partner, "overview", "partners/overview.html", overview(request, partner))


def overview(request: HttpRequest, partner: Partner, touch_form: TouchForm | None = None) -> dict[str, Any]:
    """What the overview tab shows."""
    sees_work = request.user.can(Permission.SEE_WORK)
    seen = Partner.objects.visible_to(request.user)
    edit = format_html('<a class="button" href="{}">{}</a>', reverse("partners:edit", args=[partner.pk]), _("Edit"))
    return {
        "edit_link": edit if request.user.can(Permission.EDIT_PARTNERS) else "",
        "contacts": partner.contacts.all()[:6],
        "branches": queries.branches(partner, request.user)[:10],
        "branch_count": queries.branches(partner, request.user).count(),
        "above": list(seen.filter(pk__in=[pk for pk in (partner.parent_id, partner.distributor_id) if pk])),
        "distributed": seen.filter(distributor=partner).count(),
        "touches": queries.touches(partner, request.user)[:8] if sees_work else [],
        "live_actions": queries.with_lateness(queries.actions(request.user), today()).filter(
            partner=partner, status__in=Action.LIVE
        )[:5]
        if sees_work
        else [],
        "touch_form": touch_form or TouchForm(),
    }


@vendor(Permission.EDIT_PARTNERS)
def partner_create(request: HttpRequest) -> HttpResponse:
    form = PartnerForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            partner = actions.create_partner(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("%(name)s was added.") % {"name": partner.name})
            return redirect(partner)
    return render(request, "partners/create.html", {"form": form}, status=422 if form.is_bound else 200)


@vendor(Permission.EDIT_PARTNERS)
def partner_edit(request: HttpRequest, pk: int) -> HttpResponse:
    partner = hub.find(request, pk)
    form = PartnerForm(request.POST or None, instance=partner, user=request.user)
    if request.method == "POST" and form.is_valid():
        changes, seen = form.edits()
        now = Partner.objects.visible_to(request.user).get(pk=pk)
        try:
            actions.update_partner(by=request.user, partner=partner, changes=changes, seen=seen)
        except actions.Conflict as conflict:
            form.show_conflict(now, conflict.current, history.last_editor(now, set(conflict.current)))
        except ValidationError as error:
            blame(form, error)
        else:
            _say_saved(request, form.changed_meanwhile(now))
            return redirect("partners:hub", pk=pk)
    return hub.page(
        request,
        hub.find(request, pk),
        "overview",
        "partners/edit.html",
        {"form": form},
        status=422 if form.is_bound else 200,
    )


def _say_saved(request: HttpRequest, others: list[str]) -> None:
    if others:
        messages.info(
            request,
            _("Saved. While you were editing, somebody else changed: %(fields)s. Both are kept.")
            % {"fields": ", ".join(others)},
        )
    else:
        messages.success(request, _("Saved."))


@vendor(Permission.EDIT_PARTNERS)
def stage(request: HttpRequest, pk: int) -> HttpResponse:
    partner = hub.find(request, pk)
    form = StageForm(request.POST or None, initial={"stage": partner.stage_id})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        rows = Partner.objects.visible_to(request.user).filter(pk=pk)
        try:
            actions.move_partners(
                by=request.user,
                partners=rows,
                what="stage",
                value=values["stage"],
                reason=values["reason"],
                on=values["on"],
            )
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Life stage: %(stage)s.") % {"stage": values["stage"]})
            return redirect("partners:hub", pk=pk)
    return hub.page(
        request, partner, "overview", "partners/stage.html", {"form": form}, status=422 if form.is_bound else 200
    )


@vendor(Permission.SEE_PARTNERS)
def pick(request: HttpRequest) -> HttpResponse:
    """Suggestions for a field that names a partner."""
    text = request.GET.get(request.GET.get("for", ""), "").replace("\x00", "").strip()[:200]
    found = (
        Partner.objects.visible_to(request.user).filter(matches(text)).order_by("name", "pk")[:12]
        if len(text) > 1
        else []
    )
    return render(request, "partners/options.html", {"options": [option_text(partner) for partner in found]})


@vendor(Permission.SEE_WORK)
def partner_history(request: HttpRequest, pk: int) -> HttpResponse:
    partner = hub.find(request, pk)
    placements = (
        Placement.objects.visible_to(request.user)
        .filter(partner=partner)
        .select_related("stage", "tier", "region", "cam", "by")
    )
    page = lists.Paginator(queries.audit_of(partner), lists.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"placements": placements, "page": page, "entries": [history.line(entry) for entry in page]}
    return hub.page(request, partner, "history", "partners/history.html", context)
