"""Objectives: a partner's, for both sides at their own addresses; and for the vendor's people those of all partners."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import portal, vendor
from accounts.permissions import Permission as P
from partners import history, hub
from partners.models import Objective, ObjectiveProgress, Partner
from partners.objectives import actions, queries
from partners.objectives.forms import DropForm, ObjectiveForm, ProgressForm, TakeOverForm
from partners.objectives.tables import objective_listing
from prm.common import lists
from prm.common.fiscal import FiscalYear
from prm.common.merging import blame

View = Callable[..., HttpResponse]


# ── What both sides share ────────────────────────────────────────────────────────────────────────────────────────────


def _page(
    request: HttpRequest, partner: Partner, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    if request.user.is_partner_side:
        request.section = "objectives"
        shown = {"layout": "partners/objectives_portal.html", "partner": partner, **context}
        return render(request, template, shown, status=status)
    return hub.page(request, partner, "objectives", template, {"layout": "partners/hub.html", **context}, status=status)


def _back(request: HttpRequest, partner: Partner, year: int) -> str:
    """Where the person came from, else the partner's objectives of that year."""
    asked = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    return f"{queries.page_of(request.user, partner)}?{urlencode({'year': year})}"


def _objective(request: HttpRequest, pk: int) -> Objective:
    return get_object_or_404(queries.objectives(request.user), pk=pk)


def board(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Its own objectives of a year and the vendor's of it, beside each other."""
    partner = hub.find(request, pk)
    year = queries.asked_year(request.GET.get("year", ""))
    page = queries.page_of(request.user, partner)
    context = {
        "board": queries.for_plan(request.user, partner, year.year),
        "back": f"{page}?year={year.year}",
        "years": [(one, f"{page}?year={one.year}") for one in queries.years(partner, request.user)],
        "proposals": queries.proposals(request.user, partner, year) if queries.begins(year) else [],
        "take_over_url": f"{queries.of(request.user, 'objectives_take_over', partner)}?year={year.year}",
    }
    return _page(request, partner, "partners/objectives.html", context)


def add(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    partner, user = hub.find(request, pk), request.user
    year = queries.asked_year(request.GET.get("year", ""))
    sides = queries.writable_sides(user)
    asked = request.GET.get("side", "")
    initial = {"side": asked if asked in sides else sides[0], "fiscal_year": year.year}
    columns = queries.for_plan(user, partner, year.year).columns
    offered = [(column.side, column.title) for column in columns if column.side in sides]
    years = sorted({year, *queries.years(partner, user)}, reverse=True)
    form = ObjectiveForm(request.POST or None, initial=initial, sides=offered, years=years)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.add_objective(by=user, partner=partner, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Objective added."))
            return redirect(_back(request, partner, row.fiscal_year))
    return _form(request, partner, form, None, year)


def _form(
    request: HttpRequest, partner: Partner, form: ObjectiveForm, objective: Objective | None, year: FiscalYear
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "objective": objective,
        "year": year,
        "back": _back(request, partner, year.year),
    }
    if objective is not None:
        context |= {
            "line": queries.line(request.user, objective, True),
            "urls": {
                name: queries.address(request.user, f"objective_{name}", objective.pk)
                for name in ("drop", "take_up", "remove")
            },
        }
    return _page(request, partner, "partners/objective.html", context, 422 if form.is_bound else 200)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = _objective(request, pk)
    if not queries.may_write(request.user, row.side):
        raise PermissionDenied
    partner = hub.find(request, None if request.user.is_partner_side else row.partner_id)
    form = ObjectiveForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        changes, seen = form.edits()
        now = _objective(request, pk)
        try:
            actions.update_objective(by=request.user, objective=now, changes=changes, seen=seen)
        except actions.Conflict as conflict:
            form.show_conflict(now, conflict.current, history.last_editor(now, set(conflict.current)))
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(_back(request, partner, row.fiscal_year))
    year = FiscalYear(row.fiscal_year, queries.this_year().start_month)
    return _form(request, partner, form, _objective(request, pk), year)


def drop(request: HttpRequest, pk: int) -> HttpResponse:
    row, form = _objective(request, pk), DropForm(request.POST)
    if form.is_valid():
        actions.drop_objective(by=request.user, objective=row, reason=form.cleaned_data["reason"])
        messages.success(request, _("Dropped. It stays to be read and counts no longer."))
        return redirect(_back(request, row.partner, row.fiscal_year))
    messages.error(request, _("Say why it is given up."))
    return redirect(queries.address(request.user, "objective_edit", row.pk))


def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    row = _objective(request, pk)
    actions.take_up_objective(by=request.user, objective=row)
    messages.success(request, _("It counts again."))
    return redirect(_back(request, row.partner, row.fiscal_year))


def remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = _objective(request, pk)
    try:
        actions.remove_objective(by=request.user, objective=row)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(queries.address(request.user, "objective_edit", row.pk))
    messages.success(request, _("Removed."))
    return redirect(_back(request, row.partner, row.fiscal_year))


def progress(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """How far the objectives are at the end of a quarter: all of them in one form."""
    partner, user = hub.find(request, pk), request.user
    year = queries.asked_year(request.GET.get("year", ""))
    begun = queries.begun(year)
    asked = request.GET.get("quarter", "")
    quarter = next((one for one in begun if str(one.number) == asked), begun[-1] if begun else year.quarters[0])
    found = queries.for_plan(user, partner, year.year)
    form = ProgressForm(request.POST or None, lines=[line for line in found.lines if line.url], quarter=quarter.number)
    if request.method == "POST" and form.is_valid():
        changes, seen = form.entered()
        where = {"partner": partner, "fiscal_year": year.year, "quarter": quarter.number}
        try:
            actions.enter_progress(by=user, changes=changes, seen=seen, **where)
        except actions.Conflict as conflict:
            _show_conflict(form, quarter.number, conflict)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Progress of %(quarter)s saved.") % {"quarter": quarter.label})
            return redirect(_back(request, partner, year.year))
    address = queries.of(user, "objectives_progress", partner)
    more = {"next": request.GET["next"]} if "next" in request.GET else {}
    context = {
        "form": form,
        "year": year,
        "quarter": quarter,
        "quarters": [
            (one, f"{address}?{urlencode({'year': year.year, 'quarter': one.number, **more})}") for one in begun
        ],
        "columns": [
            (column, [row for row in form.rows if row[0].objective.side == column.side]) for column in found.columns
        ],
        "back": _back(request, partner, year.year),
    }
    return _page(request, partner, "partners/objectives_progress.html", context, 422 if form.is_bound else 200)


def _show_conflict(form: ProgressForm, quarter: int, conflict: actions.Conflict) -> None:
    pks = [line.objective.pk for line in form.lines]
    rows = ObjectiveProgress.objects.unscoped("of objectives in the form").filter(objective__in=pks, quarter=quarter)
    known = {row.objective_id: row for row in rows.select_related("by")}
    now = {f"{name}_{pk}": value for pk in pks for name, value in actions.held(known.get(pk)).items()}
    by = [
        row.by.display_name
        for pk, row in known.items()
        if row.by and conflict.current.keys() & {f"value_{pk}", f"note_{pk}"}
    ]
    form.show_conflict(SimpleNamespace(**now), conflict.current, by[0] if len(set(by)) == 1 else "")


def take_over(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The objectives of the year before, proposed for this one; nothing of it is kept before it is sent."""
    partner, user = hub.find(request, pk), request.user
    year = queries.asked_year(request.GET.get("year", ""))
    form = TakeOverForm(request.POST or None, proposals=queries.proposals(user, partner, year))
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.take_over(by=user, partner=partner, fiscal_year=year.year, rows=form.taken())
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            words = ngettext("%(n)s objective taken over.", "%(n)s objectives taken over.", len(added))
            messages.success(request, words % {"n": len(added)})
            return redirect(_back(request, partner, year.year))
    context = {"form": form, "year": year, "back": _back(request, partner, year.year)}
    return _page(request, partner, "partners/objectives_take_over.html", context, 422 if form.is_bound else 200)


# ── Addresses of both sides ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Part:
    """`of` "partner": at the partner's address, in the portal without one; "objective": at the objective's. `writes`: for those
    who set objectives; `posts`: what a form is sent to."""

    name: str
    address: str
    page: View
    of: str = "partner"
    writes: bool = True
    posts: bool = False

    def view(self) -> View:
        @wraps(self.page)
        def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            return self.page(request, **kwargs)

        return require_POST(view) if self.posts else view


PARTS = (
    Part("objectives", "", board, writes=False),
    Part("objective_add", "new/", add),
    Part("objectives_progress", "progress/", progress),
    Part("objectives_take_over", "take-over/", take_over),
    Part("objective_edit", "", edit, of="objective"),
    Part("objective_drop", "drop/", drop, of="objective", posts=True),
    Part("objective_take_up", "take-up/", take_up, of="objective", posts=True),
    Part("objective_remove", "remove/", remove, of="objective", posts=True),
)


def addresses() -> Iterator[URLPattern]:
    for part in PARTS:
        ours = vendor(P.EDIT_PARTNERS if part.writes else P.SEE_WORK)
        theirs = portal(P.PLAN_BUSINESS if part.writes else P.PORTAL)
        base = "partners/<int:pk>/objectives/" if part.of == "partner" else "objectives/<int:pk>/"
        own = "portal/objectives/" + ("<int:pk>/" if part.of == "objective" else "")
        yield path(base + part.address, ours(part.view()), name=part.name)
        yield path(own + part.address, theirs(part.view()), name=f"portal_{part.name}")


# ── Those of all partners ────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.SEE_WORK)
def objective_list(request: HttpRequest) -> HttpResponse:
    listing = objective_listing(request.user, request.GET)
    context = {"filter": listing.filter, "listing": listing, "crumbs": [(_("Partners"), reverse("partners:list"))]}
    return render(request, "partners/objective_list.html", context)


@vendor(P.SEE_WORK)
def objective_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "objectives", kind)
