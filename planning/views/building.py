"""Building a plan: its six steps, which work as plain forms and follow each change where there is script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from partners.objectives import queries as objectives
from pipeline.models import ProductLine
from planning import document, prefill, queries, reading
from planning.actions import drafting
from planning.document import Invalid
from planning.forms.steps import (
    BY_KEY,
    STEPS,
    Entered,
    Step,
    StepForm,
    as_posted,
    entered,
    new_row,
    next_step,
    row_change,
)
from planning.models import BusinessPlan
from planning.outcome import Outcome, Span
from planning.refusals import Changed, Closed, NotAllowed
from planning.views import committing
from planning.views.sides import Side, crumbs, find, outcome_of
from prm.common.currencies import MINOR_UNITS
from prm.common.models import CurrencyRate
from prm.common.vendor import fiscal_calendar, today, vendor_settings

WHERE = "planning.step"  # in the session


@dataclass
class Sent:
    """What came with a form: its values, the marks of what its writer started from, and what is to be done with a row."""

    entered: Entered
    base: dict[str, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        return {**self.entered.parts, **self.entered.fields}


def step(request: HttpRequest, side: Side, pk: int, key: str) -> HttpResponse:
    """One step of a draft. A signed plan has its own page, and so has a draft for those who may not change it."""
    if key not in BY_KEY:
        raise Http404
    plan = find(request, pk)
    if not queries.may_edit(request.user, plan):
        return redirect(side.url("plan", pk))
    if request.method != "POST":
        remember(request, plan, key)
        return page(request, side, plan, BY_KEY[key])
    if request.headers.get("HX-Request"):
        return _live(request, side, plan, BY_KEY[key])
    return _posted(request, side, plan, BY_KEY[key])


def remember(request: HttpRequest, plan: BusinessPlan, key: str) -> None:
    """Where this person is in the plan, so that coming back goes on there."""
    if request.session.get(WHERE) != [plan.pk, key]:
        request.session[WHERE] = [plan.pk, key]


def where_left(request: HttpRequest, plan: BusinessPlan) -> str:
    """The step at which this person was last; the first, if it was in another plan."""
    number, key = request.session.get(WHERE, [0, ""])
    return key if number == plan.pk and key in BY_KEY else STEPS[0].key


# ── A page and its form ──────────────────────────────────────────────────────────────────────────────────────────────


def form_of(plan: BusinessPlan, step: Step, values: Mapping[str, Any] | None = None, **more: Any) -> StepForm:
    """The step's form with what is stored, or with `values`."""
    return StepForm(
        step,
        reading.values(plan) if values is None else {**reading.values(plan), **values},
        currency=plan.currency,
        first_month=plan.first_month,
        today=today(),
        currencies=_currencies(plan) if "currency" in step.fields else (),
        **more,
    )


def _currencies(plan: BusinessPlan) -> list[str]:
    """Those the vendor reports in or has a rate of, and the plan's own."""
    with_rate = CurrencyRate.objects.values_list("currency", flat=True).distinct()
    return sorted({plan.currency, vendor_settings().reporting_currency, *with_rate})


def _marks(plan: BusinessPlan, step: Step) -> dict[str, str]:
    """By part and field: the mark of its value as stored, and of what an untouched form sends of it."""
    untouched = entered(step, as_posted(form_of(plan, step)))
    now = reading.digests(plan)
    return {
        name: f"{now[name]} {reading.digest(value)}" for name, value in {**untouched.parts, **untouched.fields}.items()
    }


def _sent(step: Step, data: QueryDict) -> Sent:
    """What was posted, without what its writer left as it was."""
    found = Sent(entered(step, data))
    for values in (found.entered.parts, found.entered.fields):
        for name in list(values):
            stored, _space, untouched = data.get(f"base-{name}", "").partition(" ")
            if untouched and untouched == reading.digest(values[name]):
                del values[name]
            elif stored:
                found.base[name] = stored
    return found


def page(
    request: HttpRequest,
    side: Side,
    plan: BusinessPlan,
    step: Step,
    form: StepForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """A step's page."""
    form = form or form_of(plan, step)
    context = {
        **working(request, side, plan, step),
        "form": form,
        "marks": _marks(plan, step),
        "steps": _stepper(side, plan, step),
        "next": BY_KEY[next_step(step.key)],
        "products": _products(form) if step.key == "lines" else [],
        "crumbs": crumbs(request, side, plan),
        "changed": bool(form.theirs),
        **_beside(request, side, plan, step),
        **more,
    }
    return render(request, f"planning/step_{step.key}.html", context, status=status)


def _beside(request: HttpRequest, side: Side, plan: BusinessPlan, step: Step) -> dict[str, Any]:
    """What a step shows beside its form."""
    if step.key == "goals":
        back = side.url("step", plan.pk, "goals")
        year = fiscal_calendar().year_of(plan.first_month).year
        return {"board": objectives.for_plan(request.user, plan.partner, year), "back": back}
    return committing.context(request, side, plan) if step.key == "commit" else {}


def working(
    request: HttpRequest, side: Side, plan: BusinessPlan, step: Step, found: Outcome | None = None
) -> dict[str, Any]:
    """What the parts of the page that follow each change are made from; `found` where it is not what is stored."""
    return {
        "plan": plan,
        "side": side,
        "step": step,
        "outcome": found or outcome_of(request, plan),
        "span": span_of(request),
        "urls": urls(side, plan),
        "signed": getattr(plan, "live_signatures", []),
        "saved": None,
    }


def urls(side: Side, plan: BusinessPlan) -> dict[str, str]:
    names = ("plan", "tornado", "discard", "share", "ask")
    found = {name: side.url(name, plan.pk) for name in names if side.prefix == "" or name not in ("share", "ask")}
    return found | {"step": side.url("step", plan.pk, "goals").removesuffix("goals/")}


def span_of(request: HttpRequest) -> Span:
    asked = request.POST.get("span") or request.GET.get("span", "")
    return Span(asked) if asked in list(Span) else Span.YEAR


def _stepper(side: Side, plan: BusinessPlan, current: Step) -> list[dict[str, Any]]:
    at = STEPS.index(current)
    return [
        {
            "label": each.label,
            "state": "current" if number == at else "done" if number < at else "ahead",
            "url": side.url("step", plan.pk, each.key),
        }
        for number, each in enumerate(STEPS)
    ]


def _products(form: StepForm) -> list[ProductLine]:
    """The vendor's product lines that the plan has not yet."""
    there = {row.product for row in form.groups["lines"]}
    return [line for line in ProductLine.objects.all() if str(line.pk) not in there]


# ── Posted ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _posted(request: HttpRequest, side: Side, plan: BusinessPlan, step: Step) -> HttpResponse:
    """Keeps the step, and goes on to the next; or stays, with a row more or less."""
    sent = _sent(step, request.POST)
    change = row_change(step, request.POST, lambda group: _new_row(request, plan, group))
    if change is not None:
        sent.entered.parts[change.group] = change.rows
        sent.base[change.group] = request.POST.get(f"base-{change.group}", "").partition(" ")[0]
    try:
        refused = _kept(request, plan, step, sent)
    except (Closed, NotAllowed) as error:
        messages.info(request, str(error))
        return redirect(side.url("plan", plan.pk))
    if refused is not None:
        return page(request, side, find(request, plan.pk), step, refused, 422)
    if change is not None:
        return redirect(f"{side.url('step', plan.pk, step.key)}#{change.anchor}")
    stays = "stay" in request.POST
    return redirect(side.url("step", plan.pk, step.key if stays else next_step(step.key)))


def keep(request: HttpRequest, plan: BusinessPlan, step: Step) -> StepForm | None:
    """Saves what was sent of a step along with something else; where that is refused, the form with what is wrong. Raises Closed,
    NotAllowed."""
    return _kept(request, plan, step, _sent(step, request.POST))


def _kept(request: HttpRequest, plan: BusinessPlan, step: Step, sent: Sent) -> StepForm | None:
    try:
        _save(request, plan, sent)
    except Invalid as invalid:
        return _shown_again(plan, step, request, sent, invalid.errors)
    except Changed as changed:
        return _shown_again(plan, step, request, sent, {}, changed.theirs)
    return None


def _shown_again(
    plan: BusinessPlan,
    step: Step,
    request: HttpRequest,
    sent: Sent,
    errors: Mapping[str, str],
    theirs: Mapping[str, Any] | None = None,
) -> StepForm:
    """The form as it was posted, with what is wrong with it."""
    whole = entered(step, request.POST)
    values = {**whole.parts, **whole.fields, **sent.values}
    return form_of(plan, step, values, errors=errors, theirs=theirs)


def _save(request: HttpRequest, plan: BusinessPlan, sent: Sent) -> BusinessPlan:
    return drafting.save(plan=plan, by=request.user, parts=sent.entered.parts, base=sent.base, **sent.entered.fields)


def _new_row(request: HttpRequest, plan: BusinessPlan, group: str) -> dict[str, Any]:
    """A product line of the vendor's comes with the numbers that plans of such partners begin with."""
    asked = request.POST.get("product", "") if group == "lines" else ""
    product = ProductLine.objects.filter(pk=int(asked)).first() if re.fullmatch(r"[0-9]{1,9}", asked) else None
    if product is None:
        return new_row(group)
    like = prefill.line_of(plan.partner, product.pk, plan.currency)
    return new_row(group, name=product.name, product=product.pk, like=like)


# ── Live ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _live(request: HttpRequest, side: Side, plan: BusinessPlan, step: Step) -> HttpResponse:
    """What follows a change: the result with what is typed, and, with `keep`, that it is saved. What is wrong comes back with
    422 and each field's message; what somebody else changed with 409, and the page then posts the form as a whole."""
    sent = _sent(step, request.POST)
    try:
        if "keep" in request.POST:
            _save(request, plan, sent)
            plan = find(request, plan.pk)
            context = working(request, side, plan, step) | {"saved": timezone.now(), "marks": _marks(plan, step)}
        else:
            context = working(request, side, plan, step, _previewed(request, plan, sent)) | {"marks": {}}
    except Invalid as invalid:
        form = _shown_again(plan, step, request, sent, invalid.errors)
        return render(request, "planning/wrong.html", {"form": form}, status=422)
    except (Changed, Closed, NotAllowed) as refused:
        return HttpResponse(str(refused), status=409)
    return render(request, "planning/live.html", context)


def _previewed(request: HttpRequest, plan: BusinessPlan, sent: Sent) -> Outcome:
    """What the plan comes to with what is typed; nothing is stored. Raises Invalid."""
    fields = sent.entered.fields
    if (typed := fields.get("first_month")) not in (None, f"{plan.first_month:%Y-%m}"):
        plan.first_month = drafting.first_month(typed)
    if fields.get("currency") in MINOR_UNITS:
        plan.currency = fields["currency"]
    if fields.get("scenario") in BusinessPlan.Scenario.values:
        plan.scenario = fields["scenario"]
    stored = {name: value for name, value in reading.values(plan).items() if name in reading.PARTS}
    read = document.read({**stored, **sent.entered.parts}, reading.places(plan.currency))
    return outcome_of(request, plan, read)
