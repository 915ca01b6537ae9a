"""Certifications and required tasks: a partner's, all of them, and the vendor's list of tasks."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import portal, vendor
from accounts.permissions import Permission as P
from partners import history, hub
from partners.learning import actions, queries
from partners.learning.forms import CertificationForm, DoneForm, TaskForm
from partners.learning.tables import certification_listing
from partners.models import Certification, Partner, Task
from prm.common import lists
from prm.common.merging import blame
from prm.common.vendor import today


@vendor(P.SEE_PARTNERS)
def certification_list(request: HttpRequest) -> HttpResponse:
    listing = certification_listing(request.user, request.GET)
    context = {
        "filter": listing.filter,
        "listing": listing,
        "query": request.GET.urlencode(),
        "crumbs": [(_("Partners"), reverse("partners:list"))],
    }
    return render(request, "partners/certifications.html", context)


@vendor(P.SEE_PARTNERS)
def certification_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "certifications", kind)


@vendor(P.SEE_PARTNERS)
def learning(request: HttpRequest, pk: int) -> HttpResponse:
    """What a partner is certified in, and which of the tasks required of it are done."""
    return _page(request, hub.find(request, pk))


def _page(request: HttpRequest, partner: Partner, refused: DoneForm | None = None) -> HttpResponse:
    """`refused`: the form of a task that could not be taken as done."""
    checklist = queries.checklist(partner, request.user)
    people = list(partner.contacts.all()) if request.user.can(P.EDIT_PARTNERS) else []
    forms = {line.task.pk: DoneForm(task=line.task, people=people) for line in checklist.lines if line.done is None}
    if refused is not None:
        forms = {pk: refused if form.prefix == refused.prefix else form for pk, form in forms.items()}
    context = {
        "certifications": queries.of_partner(partner, request.user, today()),
        "progress": checklist.progress,
        "lines": [(line, forms.get(line.task.pk)) for line in checklist.lines],
        "people": people,
    }
    status = 200 if refused is None else 422
    return hub.page(request, partner, "learning", "partners/learning.html", context, status=status)


@vendor(P.EDIT_PARTNERS)
def certification_add(request: HttpRequest, pk: int) -> HttpResponse:
    partner = hub.find(request, pk)
    form = CertificationForm(request.POST or None, partner=partner)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_certification(by=request.user, partner=partner, **form.fields_of_new())
        except ValidationError as error:
            _blame(form, error)
        else:
            messages.success(request, _("Certification added."))
            return redirect("partners:learning", pk=pk)
    return _form(request, partner, form, None)


def _form(
    request: HttpRequest, partner: Partner, form: CertificationForm, certification: Certification | None
) -> HttpResponse:
    context = {"form": form, "certification": certification}
    status = 422 if form.is_bound else 200
    return hub.page(request, partner, "learning", "partners/certification.html", context, status=status)


def _blame(form: CertificationForm, error: ValidationError) -> None:
    if hasattr(error, "error_dict") and "person" in error.error_dict:
        error.error_dict["new_name"] = error.error_dict.pop("person")
    blame(form, error)


@vendor(P.EDIT_PARTNERS)
def certification_edit(request: HttpRequest, pk: int) -> HttpResponse:
    rows = queries.certifications(request.user, today())
    row = get_object_or_404(rows, pk=pk)
    partner = hub.find(request, row.partner_id)
    form = CertificationForm(request.POST or None, instance=row, partner=partner)
    if request.method == "POST" and form.is_valid():
        changes, seen = form.edits()
        now = rows.get(pk=pk)
        try:
            actions.update_certification(by=request.user, certification=now, changes=changes, seen=seen)
        except actions.Conflict as conflict:
            form.show_conflict(now, conflict.current, history.last_editor(now, set(conflict.current)))
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("partners:learning", pk=partner.pk)
    return _form(request, partner, form, rows.get(pk=pk))


@vendor(P.EDIT_PARTNERS)
@require_POST
def certification_remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Certification.objects.visible_to(request.user), pk=pk)
    actions.remove_certification(by=request.user, certification=row)
    messages.success(request, _("Removed."))
    return redirect("partners:learning", pk=row.partner_id)


@vendor(P.EDIT_PARTNERS)
@require_POST
def task_do(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    partner, row = hub.find(request, pk), get_object_or_404(Task, pk=task)
    form = DoneForm(request.POST, task=row, people=list(partner.contacts.all()))
    if form.is_valid():
        try:
            actions.do_task(by=request.user, partner=partner, task=row, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Done: %(name)s.") % {"name": row.name})
            return redirect("partners:learning", pk=pk)
    return _page(request, partner, form)


@vendor(P.EDIT_PARTNERS)
@require_POST
def task_undo(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    partner, row = hub.find(request, pk), get_object_or_404(Task, pk=task)
    actions.undo_task(by=request.user, partner=partner, task=row)
    messages.success(request, _("Open again: %(name)s.") % {"name": row.name})
    return redirect("partners:learning", pk=pk)


# ── The vendor's list of tasks ───────────────────────────────────────────────────────────────────────────────────────


@vendor(P.EDIT_SETTINGS)
def task_list(request: HttpRequest) -> HttpResponse:
    request.section = "settings"
    return render(request, "partners/tasks.html", {"tasks": queries.tasks()})


@vendor(P.EDIT_SETTINGS)
def task_add(request: HttpRequest) -> HttpResponse:
    return _task_form(request, None)


@vendor(P.EDIT_SETTINGS)
def task_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _task_form(request, get_object_or_404(Task, pk=pk))


def _task_form(request: HttpRequest, task: Task | None) -> HttpResponse:
    request.section = "settings"
    form = TaskForm(request.POST or None, instance=task)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_task(by=request.user, task=task, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("partners:tasks")
    context: dict[str, Any] = {"form": form, "task": task}
    return render(request, "partners/task.html", context, status=422 if form.is_bound else 200)


@vendor(P.EDIT_SETTINGS)
@require_POST
def task_remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Task, pk=pk)
    try:
        actions.remove_task(by=request.user, task=row)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("partners:task_edit", pk=pk)
    messages.success(request, _("%(name)s was removed.") % {"name": row.name})
    return redirect("partners:tasks")


# ── The partner's own ────────────────────────────────────────────────────────────────────────────────────────────────


@portal(P.PORTAL)
def portal_learning(request: HttpRequest) -> HttpResponse:
    """The partner's own certifications and tasks, to read."""
    request.section = "learning"
    partner = Partner.objects.visible_to(request.user).select_related("tier", "stage").get()
    checklist = queries.checklist(partner, request.user)
    context = {
        "certifications": queries.of_partner(partner, request.user, today()),
        "progress": checklist.progress,
        "lines": [(line, None) for line in checklist.lines],
    }
    return render(request, "partners/portal_learning.html", context)
