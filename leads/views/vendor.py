"""Leads as the vendor sees them: all of them, one with its history, a new one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from leads import actions, queries
from leads.explaining import explained
from leads.fairness_page import made_by
from leads.forms import CapacityForm, ClosedForm, DirectForm, LeadForm, NoteForm, OfferForm, ReasonForm
from leads.models import Lead, LeadOffer
from leads.tables import holder, lead_listing, partner_lead_listing
from partners import history, hub
from partners.actions import Conflict
from prm.common import lists
from prm.common.merging import blame


@vendor(P.SEE_LEADS)
def lead_list(request: HttpRequest) -> HttpResponse:
    listing = lead_listing(request.user, request.GET)
    context = {
        "listing": listing,
        "filter": listing.filter,
        "tabs": places("list", request),
        "can_write": request.user.can(P.EDIT_LEADS),
        "can_import": request.user.can(P.IMPORT_DATA),
    }
    return render(request, "leads/list.html", context)


def places(current: str, request: HttpRequest) -> list[dict[str, Any]]:
    """The pages of leads beside each other."""
    pages = [("list", _("Leads"), "leads:list"), ("report", _("Fairness"), "leads:report")]
    found = [{"label": label, "url": reverse(name), "current": key == current} for key, label, name in pages]
    if request.user.can(P.EDIT_LEAD_RULES):
        found.append({"label": _("Rules"), "url": reverse("leads:rules"), "current": False})
    return found


@vendor(P.SEE_LEADS)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "leads", kind)


def find(request: HttpRequest, pk: int) -> Lead:
    lead: Lead = get_object_or_404(queries.lead_with_all(request.user), pk=pk)
    return lead


def may_give(request: HttpRequest) -> bool:
    """Whether the person brings leads in and gives them out."""
    return bool(request.user.can(P.EDIT_LEADS))


def may_work(request: HttpRequest, lead: Lead) -> bool:
    """Whether the person works on it: its own, or what no partner holds where it may give leads out."""
    return lead.person_direct_id == request.user.pk or (lead.partner_id is None and may_give(request))


def page(request: HttpRequest, lead: Lead, **refused: Any) -> HttpResponse:
    """The lead's page; `refused` forms stand in it as they were typed."""
    runs = queries.distributions(request.user, lead)
    forms = {
        "offer_form": OfferForm(user=request.user, auto_id="offer_%s"),
        "direct_form": DirectForm(user=request.user, lead=lead, auto_id="direct_%s"),
        "withdraw_form": ReasonForm(auto_id="withdraw_%s"),
        "put_back_form": ReasonForm(auto_id="back_%s"),
        "disqualify_form": ReasonForm(auto_id="disqualify_%s"),
        "note_form": NoteForm(auto_id="note_%s"),
        "closed_form": ClosedForm(auto_id="closed_%s"),
    }
    context = {
        "lead": lead,
        "holder": holder(lead),
        "steps": entries(queries.timeline(request.user, lead)),
        "runs": [explained(request.user, run) for run in runs],
        "may_give": may_give(request),
        "may_work": may_work(request, lead),
        "working": lead.state in Lead.WORKED,
        "sees_deals": request.user.can(P.SEE_DEALS),
        "sees_marketing": request.user.can(P.SEE_MARKETING),
        "crumbs": [(_("Leads"), reverse("leads:list"))],
        **forms,
        **refused,
    }
    return render(request, "leads/lead.html", context, status=422 if refused else 200)


ICONS = {
    "accepted": "check", "qualified": "check", "converted": "success", "won": "success", "declined": "close", "lost": "close",
    "disqualified": "close", "timed_out": "clock", "nudged": "bell", "pulled_back": "undo", "queued": "undo", "withdrawn": "undo",
    "offered": "leads", "added": "plus", "contacted": "phone", "kept_direct": "user", "changed": "edit",
}  # fmt: skip


def entries(steps: list[queries.Step]) -> list[dict[str, Any]]:
    """A lead's history for the timeline, newest first."""
    return [
        {
            "text": f"{step.label}: {_where(step)}" if _where(step) else step.label,
            "when": step.at,
            "who": step.by.display_name if step.by else "",
            "icon": ICONS.get(step.kind, "clock"),
            "detail": step.note,
        }
        for step in reversed(steps)
    ]


def _where(step: queries.Step) -> str:
    if step.partner is not None:
        return str(step.partner.name)
    return _("another partner") if step.other else ""


@vendor(P.SEE_LEADS)
def lead(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, find(request, pk))


# ── Bringing in ──────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.EDIT_LEADS)
def add(request: HttpRequest) -> HttpResponse:
    """A new lead: given out by the rules within a minute, or left for a person."""
    form = LeadForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by_rules = request.POST.get("then") != "wait"
        try:
            made = actions.add_lead(by=request.user, distribute=by_rules, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            words = _("%(company)s was added: grade %(grade)s.")
            messages.success(request, words % {"company": made.company, "grade": made.grade})
            return redirect(made)
    context = {"form": form, "lead": None, "crumbs": [(_("Leads"), reverse("leads:list"))]}
    return render(request, "leads/form.html", context, status=422 if form.is_bound else 200)


@vendor(P.EDIT_LEADS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, pk)
    form = LeadForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        now = find(request, pk)
        changes, seen = form.edits()
        try:
            actions.update_lead(by=request.user, lead=now, changes=changes, seen=seen)
        except Conflict as conflict:
            form.show_conflict(now, conflict.current, history.last_editor(now, set(conflict.current)))
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(now)
    trail = [(_("Leads"), reverse("leads:list")), (find(request, pk).company, reverse("leads:lead", args=[pk]))]
    context = {"form": form, "lead": found, "crumbs": trail}
    return render(request, "leads/form.html", context, status=422 if form.is_bound else 200)


# ── A partner's ──────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.SEE_LEADS)
def of_partner(request: HttpRequest, pk: int) -> HttpResponse:
    """The leads a partner holds, and what it makes of them. The tab Leads of the partner page."""
    return of_partner_page(request, pk)


def of_partner_page(request: HttpRequest, pk: int, **refused: Any) -> HttpResponse:
    request.section = "leads"
    partner = hub.find(request, pk)
    listing = partner_lead_listing(request.user, partner, request.GET)
    held = queries.capacities(request.user).filter(pk=pk).first()
    own = queries.capacity_of(partner)
    initial = {"capacity": own and own.capacity, "turns": own.turns if own else 1}
    offers = (
        queries.offers(request.user)
        .filter(partner=partner, state=LeadOffer.State.OPEN)
        .select_related("lead")
        .order_by("answer_by", "pk")
    )
    opened = queries.leads(request.user).filter(pk__in=offers.order_by().values("lead"))
    context = {
        "listing": listing,
        "filter": listing.filter,
        "held": held,
        "made": made_by(request.user, partner),
        "offers": offers,
        "opened": set(opened.order_by().values_list("pk", flat=True)),
        "capacity_form": CapacityForm(initial=initial) if request.user.can(P.EDIT_LEAD_RULES) else None,
        **refused,
    }
    return hub.page(request, partner, "leads", "leads/partner.html", context, status=422 if refused else 200)


@vendor(P.EDIT_LEAD_RULES)
@require_POST
def set_capacity(request: HttpRequest, pk: int) -> HttpResponse:
    """How many leads the partner can have open at once."""
    partner, form = hub.find(request, pk), CapacityForm(request.POST)
    if form.is_valid():
        try:
            actions.set_capacity(by=request.user, partner=partner, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("leads:of_partner", pk=pk)
    return of_partner_page(request, pk, capacity_form=form)


def refuse_strangers(request: HttpRequest, lead: Lead) -> None:
    """403 for who doesn't work on it."""
    if not may_work(request, lead):
        raise PermissionDenied
