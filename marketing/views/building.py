"""Building a plan: one page of cards, which work as plain forms and follow each change where there is script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from marketing import actions, beside, outlook, queries, reading, waterfall
from marketing.actions import Changed, Closed, NotAllowed
from marketing.forms.activity import ActivityForm
from marketing.forms.closing import WithdrawForm
from marketing.forms.plan import GoalsForm
from marketing.models import Activity, MarketingPlan
from marketing.views.sides import TWICE, Side, crumbs, find, find_activity
from partners.queries import action_owners

BAD_NUMBERS: Mapping[str, Any] = {
    "days": _l("It ends before it begins."),
    "months": _l("An activity takes a year at most."),
}


def build(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """The builder; its form of goals is sent here. One that may not be changed has its page to read."""
    plan = find(request, pk)
    if not queries.may_edit(request.user, plan):
        return redirect(f"{side.url('plan', pk)}?read=1")
    if request.method != "POST":
        return page(request, side, plan)
    form = GoalsForm(request.POST, plan=plan, of_vendor=not request.user.is_partner_side)
    live = bool(request.headers.get("HX-Request"))
    if not form.is_valid():
        return _wrong(request, form.wrong) if live else page(request, side, plan, goals=form, status=422)
    if live and "keep" not in request.POST:
        for name in ("pipeline_goal", "revenue_goal"):
            setattr(plan, name, form.cleaned_data[name])
        return _live(request, side, plan, outlook.stored(plan, plan_url(side, plan)))
    try:
        actions.save(plan=plan, by=request.user, fields=form.changes, revision=form.revision)
    except Changed as changed:
        return _conflict(request, side, plan, str(changed), live, goals=form)
    except (Closed, NotAllowed) as refused:
        return _refused(request, side, plan, str(refused), live)
    except ValidationError as error:
        form._update_errors(error)
        return _wrong(request, form.wrong) if live else page(request, side, plan, goals=form, status=422)
    if not live:
        return redirect(f"{side.url('build', pk)}#goals")
    plan = find(request, pk)
    return _live(request, side, plan, outlook.stored(plan, plan_url(side, plan)), kept=True)


def activity(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """What the card of an activity is sent to. Opened, it leads to the card."""
    row = find_activity(request, pk)
    plan = find(request, row.plan_id)
    row = next((each for each in plan.activities.all() if each.pk == pk), row)
    if request.method != "POST":
        return redirect(f"{side.url('plan', plan.pk)}#activity-{pk}")
    live = bool(request.headers.get("HX-Request"))
    if not queries.may_edit(request.user, plan):
        return _refused(request, side, plan, _("This plan can’t be changed now."), live)
    form = ActivityForm(request.POST, activity=row, people=_people(plan))
    if "remove" in request.POST:
        return _removed(request, side, row)
    if not form.is_valid():
        return _wrong(request, form.wrong) if live else page(request, side, plan, form=form, status=422)
    if live and "keep" not in request.POST:
        return _previewed(request, side, plan, row, form)
    return _kept(request, side, plan, row, form, live)


def _kept(
    request: HttpRequest, side: Side, plan: MarketingPlan, row: Activity, form: ActivityForm, live: bool
) -> HttpResponse:
    """Saves the card, and does what its button says: moves it, takes the rates of history."""
    try:
        saved = actions.change_activity(activity=row, by=request.user, fields=form.changes, revision=form.revision)
        if "accept" in request.POST:
            actions.accept_history(activity=saved, by=request.user)
        if "move" in request.POST:
            _move(request, plan, row)
    except Changed as changed:
        return _conflict(request, side, plan, str(changed), live, form=form)
    except (Closed, NotAllowed) as refused:
        return _refused(request, side, plan, str(refused), live)
    except ValidationError as error:
        form.blame(error)
        return (
            _wrong(request, form.wrong) if live else page(request, side, find(request, plan.pk), form=form, status=422)
        )
    if not live:
        return redirect(f"{side.url('build', plan.pk)}#activity-{row.pk}")
    plan = find(request, plan.pk)
    fresh = next(each for each in plan.activities.all() if each.pk == row.pk)
    shown = _card(
        request, side, fresh, ActivityForm(activity=fresh, people=_people(plan)), queries.history([fresh.tactic_id])
    )
    refilled = fresh.tactic_id != row.tactic_id
    found = outlook.stored(plan, plan_url(side, plan))
    return _live(request, side, plan, found, card=shown, kept=True, refilled=refilled)


def _previewed(
    request: HttpRequest, side: Side, plan: MarketingPlan, row: Activity, form: ActivityForm
) -> HttpResponse:
    """What the card and the plan come to with what is typed; nothing is stored."""
    rows = reading.counted(plan.activities.all())
    try:
        typed = form.planned()
    except waterfall.Wrong as wrong:
        return _wrong(
            request,
            {
                form[name].auto_id: str(BAD_NUMBERS.get(what, _("Enter a number.")))
                for name, what in wrong.errors.items()
            },
        )
    planned = [typed if each.pk == row.pk else reading.planned(each) for each in rows]
    budgets = [form.budget if each.pk == row.pk else outlook.budget_of(each) for each in rows]
    found = outlook.result(plan, planned, budgets, plan_url(side, plan))
    shown = outlook.card(row, None, waterfall.of(typed), activity_url(side, row), {})
    return _live(request, side, plan, found, card=shown)


def _move(request: HttpRequest, plan: MarketingPlan, row: Activity) -> None:
    order = [each.pk for each in plan.activities.all()]
    at = order.index(row.pk)
    to = min(max(at + (-1 if request.POST["move"] == "up" else 1), 0), len(order) - 1)
    order.insert(to, order.pop(at))
    actions.reorder(plan=plan, by=request.user, order=order)


def _removed(request: HttpRequest, side: Side, row: Activity) -> HttpResponse:
    try:
        actions.remove_activity(activity=row, by=request.user)
    except (Closed, NotAllowed) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("“%(title)s” is removed.") % {"title": row.title})
    return redirect(f"{side.url('build', row.plan_id)}#add")


def add(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """A new activity of the tactic chosen, at the end, filled in."""
    plan = find(request, pk)
    chosen = request.POST.get("tactic", "")
    tactic = next((each for each in queries.tactics() if each.key == chosen), None)
    if tactic is None:
        messages.error(request, _("Choose a tactic."))
        return redirect(f"{side.url('build', pk)}#add")
    try:
        made = actions.add_activity(plan=plan, by=request.user, tactic=tactic, once_in=TWICE)
    except (Closed, NotAllowed) as refused:
        messages.info(request, str(refused))
        return redirect(side.url("plan", pk))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(f"{side.url('build', pk)}#add")
    return redirect(f"{side.url('build', pk)}#activity-{made.pk}")


# ── The page and its parts ───────────────────────────────────────────────────────────────────────────────────────────


def page(
    request: HttpRequest,
    side: Side,
    plan: MarketingPlan,
    *,
    goals: GoalsForm | None = None,
    form: ActivityForm | None = None,
    changed: str = "",
    status: int = 200,
) -> HttpResponse:
    """The builder; `goals` or `form` as they were sent, where something is wrong with them."""
    rows = list(plan.activities.all())
    people = _people(plan)
    history = queries.history(sorted({row.tactic_id for row in rows})) if rows else {}
    cards = [
        _card(request, side, row, form if form and form.activity.pk == row.pk else ActivityForm(activity=row, people=people), history)
        for row in rows
    ]  # fmt: skip
    context = {
        "plan": plan,
        "side": side,
        "urls": urls(side, plan),
        "crumbs": crumbs(side, plan),
        "goals": goals or GoalsForm(plan=plan, of_vendor=not request.user.is_partner_side),
        "cards": cards,
        "result": outlook.stored(plan, plan_url(side, plan), actions.not_ready(plan)),
        "tactics": queries.tactics(),
        "panels": panels(request, plan) if plan.submitted_at else [],
        "changed": changed,
        "saved": None,
        "wrong": list((goals or form).wrong.items()) if (goals or form) else [],
        "may_share": not request.user.is_partner_side and not plan.shared,
        "withdraw_form": WithdrawForm(auto_id="withdraw_%s") if plan.submitted_at else None,
        "may_discard": plan.submitted_at is None and (not request.user.is_partner_side or _of_partner(plan)),
    }
    return render(request, "marketing/build.html", context, status=status)


def panels(request: HttpRequest, plan: MarketingPlan) -> list[tuple[str, str]]:
    """What other tools show beside the plan: headings, and what stands under them."""
    found = beside.panels(plan, request.user)
    return [(str(each.title), render_to_string(each.template, dict(each.context), request)) for each in found]


def _of_partner(plan: MarketingPlan) -> bool:
    return plan.created_by is None or plan.created_by.is_partner_side


def _people(plan: MarketingPlan) -> list[Any]:
    """Who may own an activity, of those who have to do with this partner."""
    own = {plan.partner.cam_id, plan.partner.cover_id, plan.created_by_id}
    own |= {row.owner_id for row in plan.activities.all()}
    members = plan.partner.members.values_list("user_id", flat=True)
    return list(action_owners(plan.partner).filter(pk__in={*members, *own} - {None}))


def _card(
    request: HttpRequest, side: Side, row: Activity, form: ActivityForm, history: Mapping[int, Any]
) -> outlook.Card:
    found = history.get(row.tactic_id, {})
    address = side.url("activity", row.pk)
    return outlook.card(row, form, reading.outcome(row), activity_url(side, row), found, address)


def _live(
    request: HttpRequest,
    side: Side,
    plan: MarketingPlan,
    found: outlook.Result,
    *,
    card: outlook.Card | None = None,
    kept: bool = False,
    refilled: bool = False,
) -> HttpResponse:
    """The parts that follow a change; with `kept`, that it is saved; with `refilled` also the rates, which another tactic brought."""
    context = {
        "plan": plan,
        "side": side,
        "result": found,
        "each": card,
        "urls": urls(side, plan),
        "refilled": refilled,
    }
    context["saved"] = timezone.now() if kept else None
    return render(request, "marketing/live.html", context)


def _wrong(request: HttpRequest, wrong: Mapping[str, str]) -> HttpResponse:
    return render(request, "marketing/wrong.html", {"wrong": wrong}, status=422)


def _conflict(
    request: HttpRequest, side: Side, plan: MarketingPlan, said: str, live: bool, **forms: Any
) -> HttpResponse:
    """Somebody changed it meanwhile: the page shows what was typed, on what is there now."""
    if live:
        return HttpResponse(said, status=409)
    return page(request, side, find(request, plan.pk), changed=said, status=422, **forms)


def _refused(request: HttpRequest, side: Side, plan: MarketingPlan, said: str, live: bool) -> HttpResponse:
    if live:
        return HttpResponse(said, status=409)
    messages.info(request, said)
    return redirect(side.url("plan", plan.pk))


def urls(side: Side, plan: MarketingPlan) -> dict[str, str]:
    found = {name: side.url(name, plan.pk) for name in ("build", "add", "plan", "discard", "pdf", "xlsx")}
    found |= {"submit": side.submit_url(plan), "recall": side.recall_url(plan), "withdraw": side.withdraw_url(plan)}
    if not side.prefix:
        found["share"] = side.url("share", plan.pk)
    return found


def plan_url(side: Side, plan: MarketingPlan) -> outlook.Url:
    base = side.url("figure", plan.pk, "revenue").removesuffix("revenue/")
    return lambda key: f"{base}{key}/"


def activity_url(side: Side, row: Activity) -> outlook.Url:
    base = side.url("activity_figure", row.pk, "revenue").removesuffix("revenue/")
    return lambda key: f"{base}{key}/"
