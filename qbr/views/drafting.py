"""The draft, slide by slide: what each will show, on or off, in which place, with which words."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from prm.common.saving import saved
from prm.common.vendor import fiscal_calendar, today
from qbr import actions, candidates, queries, reading
from qbr.content import KEYS
from qbr.forms import CommentaryForm, CommitmentForm, PickForm, commitment_initial
from qbr.models import Qbr
from qbr.naming import quarter_of, quarter_words
from qbr.reading import COMMITMENTS, Draft, Line
from qbr.views.finding import crumbs, done, find, find_commitment, tabs


@vendor(P.SEE_QBR)
def qbr(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft with one slide open. While it shows what was read some minutes ago it asks for itself `anew`, and puts in what is another now."""
    return _page(request, find(request, pk))


def _page(request: HttpRequest, found: Qbr, *, status: int = 200, **forms: Any) -> HttpResponse:
    asked = request.GET.get("slide") or forms.pop("slide", "")
    draft = reading.shown_draft(found, request.user, asked, anew="anew" in request.GET)
    line = draft.line(asked) or next((each for each in draft.lines if each.on), draft.lines[0])
    place = draft.lines.index(line)
    editable = request.user.can(P.EDIT_QBR)
    context = {
        "qbr": found,
        "quarter": quarter_words(found),
        "draft": draft,
        "line": line,
        "place": place + 1,
        "views": reading.previews(found, draft, line),
        "before": draft.lines[place - 1] if place else None,
        "after": draft.lines[place + 1] if place + 1 < len(draft.lines) else None,
        "may_edit": editable,
        "commentary_form": forms.get("commentary_form")
        or CommentaryForm(initial={"lines": "\n".join(line.slide.commentary)}),
        "picks": _picks(draft, line) if editable else [],
        "tabs": tabs(found, "slides"),
        "crumbs": crumbs(found),
        **(_commitment_context(request, found, forms.get("commitment_form")) if line.key == COMMITMENTS else {}),
    }
    return render(request, "qbr/qbr.html", context, status=status)


def _picks(draft: Draft, line: Line) -> list[dict[str, Any]]:
    """What can be chosen on this slide."""
    return [
        {"group": group, "form": _pick_form(group), "changed": group.kind in draft.qbr.chosen}
        for group in draft.groups.get(line.key, [])
    ]


def _pick_form(group: candidates.Group, data: Any = None) -> PickForm:
    return PickForm(data, kind=group.kind, label=_("On the slide"), options=group.options, chosen=group.chosen)


def _people(request: HttpRequest, found: Qbr) -> dict[str, Any]:
    return {
        "ours": queries.vendor_people(found.partner),
        "theirs": queries.partner_people(found.partner),
        "contacts": queries.contacts(request.user, found.partner),
    }


def _commitment_context(request: HttpRequest, found: Qbr, form: CommitmentForm | None) -> dict[str, Any]:
    end = fiscal_calendar().quarter_of(today()).end
    return {
        "commitments": queries.commitments(request.user, found),
        "commitment_form": form or CommitmentForm(**_people(request, found), initial={"due_on": end}),
    }


def _to(found: Qbr, key: str) -> HttpResponse:
    return redirect(f"{reverse('qbr:qbr', args=[found.pk])}?slide={key}")


@vendor(P.EDIT_QBR)
@require_POST
def slides(request: HttpRequest, pk: int) -> HttpResponse:
    """Moves a slide, or switches it on or off; `order` sets all places at once, `usual` goes back to the vendor's."""
    found, key = find(request, pk), request.POST.get("slide", "")
    order = reading.order_of(found)
    change: dict[str, Any] = {}
    if "usual" in request.POST:
        change = {"order": [], "switched": dict.fromkeys(found.switched)}
    elif "order" in request.POST:
        change = {"order": [each for each in request.POST["order"].split(",") if each]}
    elif (step := request.POST.get("move")) in ("up", "down") and key in order:
        place = order.index(key)
        to = place + (-1 if step == "up" else 1)
        if 0 <= to < len(order):
            order[place], order[to] = order[to], order[place]
            change = {"order": order}
    elif (turn := request.POST.get("turn")) in ("on", "off") and key in order:
        change = {"switched": {key: turn == "on"}}
    if change:
        done(request, actions.change, qbr=found, **change)
    shown = request.POST.get("shown", "") or key
    return _to(found, shown if shown in KEYS else "")


@vendor(P.EDIT_QBR)
@require_POST
def commentary(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The sentences of a slide; with `proposed`, those of the rules again."""
    found = find(request, pk)
    if key not in KEYS:
        raise Http404
    if "proposed" in request.POST:
        done(request, actions.change, qbr=found, commentary={key: None}, said=_("Back to what is proposed."))
        return _to(found, key)
    form = CommentaryForm(request.POST)
    if form.is_valid() and saved(
        form, actions.change, by=request.user, qbr=found, commentary={key: form.cleaned_data["lines"]}
    ):
        messages.success(request, _("Saved."))
        return _to(found, key)
    return _page(request, found, status=422, slide=key, commentary_form=form)


@vendor(P.EDIT_QBR)
@require_POST
def choose(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Which wins, concerns, deals or actions a slide shows; with `proposed`, those of the rules again."""
    found = find(request, pk)
    key = candidates.SLIDES.get(kind)
    if key is None:
        raise Http404
    if "proposed" in request.POST:
        done(request, actions.change, qbr=found, chosen={kind: None}, said=_("Back to what is proposed."))
        return _to(found, key)
    group = candidates.group(found, kind, request.user)
    form = _pick_form(group, request.POST) if group else None
    if group and form and form.is_valid():
        picked = group.values(form.cleaned_data["picked"])
        done(request, actions.change, qbr=found, chosen={kind: picked}, said=_("Saved."))
    else:
        messages.error(request, _("What can be chosen has changed meanwhile. Choose again."))
    return _to(found, key)


# ── Commitments ──────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.EDIT_QBR)
@require_POST
def commit(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a commitment."""
    found = find(request, pk)
    form = CommitmentForm(request.POST, **_people(request, found))
    if form.is_valid() and saved(form, actions.commit, by=request.user, qbr=found, **form.values):
        messages.success(request, _("Added.") if not found.is_held else _("Added, as an action of the partner’s plan."))
        return (
            redirect(f"{reverse('qbr:deck', args=[pk])}#agreed") if "deck" in request.POST else _to(found, COMMITMENTS)
        )
    return _page(request, found, status=422, slide=COMMITMENTS, commitment_form=form)


@vendor(P.EDIT_QBR)
def commitment(request: HttpRequest, pk: int) -> HttpResponse:
    """One commitment, to change; or, with `remove`, to take away."""
    row = find_commitment(request, pk)
    people = _people(request, row.qbr)
    if request.method == "POST" and "remove" in request.POST:
        done(request, actions.remove_commitment, commitment=row, said=_("Removed."))
        return _to(row.qbr, COMMITMENTS)
    form = CommitmentForm(request.POST or None, **people, initial=commitment_initial(row, people["contacts"]))
    if form.is_valid():
        try:
            if saved(form, actions.change_commitment, by=request.user, commitment=row, **form.values):
                messages.success(request, _("Saved."))
                return _to(row.qbr, COMMITMENTS)
        except actions.Closed as error:
            messages.error(request, str(error))
            return redirect("qbr:deck", row.qbr_id)
    context = {
        "form": form,
        "row": row,
        "qbr": row.qbr,
        "quarter": quarter_of(row.qbr).label,
        "crumbs": crumbs(row.qbr, inside=True),
    }
    return render(request, "qbr/commitment.html", context, status=422 if form.is_bound else 200)
