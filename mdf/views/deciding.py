"""Deciding: a request line by line or a claim by its receipts, with merit and money beside it; and the pages behind the mails' buttons.

Opening such a page decides nothing, since mail scanners open links; the button on it does.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import vendor
from accounts.permissions import Permission as P
from marketing import actions as marketing
from mdf import actions, beside, forecast, showing
from mdf.claim_forms import ClaimDecisionForm
from mdf.letters import APPROVE, APPROVE_CLAIM, GIVE_BACK, GIVE_BACK_CLAIM
from mdf.models import Claim, Request
from mdf.queries import claims as claim_queries
from mdf.queries import waiting
from mdf.refusals import Closed, NotAllowed, NotEnough
from mdf.request_forms import DecideForm, GiveBackForm, WordForm
from mdf.steps import Outcome
from mdf.views.claims import papers
from mdf.views.requests import happenings, lines_of, shown_lines, steps_of
from mdf.views.sides import VENDOR, find_claim, find_request
from prm.common.merging import blame
from prm.common.money import NoRate

REFUSALS = (Closed, NotAllowed, NotEnough, marketing.Closed, marketing.NotAllowed)


def _said(of: Request | Claim) -> str:
    """What became of it, after somebody decided."""
    if of.state in (Request.State.SUBMITTED, Request.State.IN_REVIEW):
        return _("%(what)s is approved at your step and goes on to the next.") % {"what": of.reference}
    return _("%(what)s: %(state)s.") % {"what": of.reference, "state": showing.state_of(of)}


def _refuse_to_take(request: HttpRequest, of: Request | Claim) -> None:
    """Whose step it isn't reads why, and may not send anything; what is over by now just says so."""
    if request.method == "POST" and of.state in of.REVIEWED:
        raise PermissionDenied


def _try(
    request: HttpRequest, form: Form, act: Callable[[], Request | Claim], refuse: Callable[[ValidationError], None]
) -> HttpResponse | None:
    """Decides; None where the form says what is wrong."""
    try:
        of = act()
    except ValidationError as error:
        refuse(error)
        return None
    except NotEnough as error:
        form.add_error(None, str(error))
        return None
    except REFUSALS as error:
        messages.error(request, str(error))
    else:
        if hasattr(request, "signed_link"):
            return render(request, "mdf/decided.html", {"said": _said(of), "found": of})
        messages.success(request, _said(of))
    if hasattr(request, "signed_link"):
        return redirect(request.path)
    return redirect("mdf:approvals")


def _whole(
    request: HttpRequest,
    found: Request | Claim,
    kind: type[Form],
    act: Callable[[str, int | None], Request | Claim],
    what: str,
) -> HttpResponse:
    """The page behind a mail's button: all of it at once, with a word or without."""

    def page(form: Form | None) -> HttpResponse:
        if isinstance(found, Claim):
            return _claim_page(request, found, "confirm_claim", form, what=what)
        return _page(request, found, "confirm", form, what=what)

    if found.state not in found.REVIEWED or waiting.may_decide(request.user, found) is None:
        _refuse_to_take(request, found)
        return page(None)
    step = waiting.current(found)
    form = kind(request.POST if request.method == "POST" else None, initial={"step": step.pk if step else None})
    if form.is_valid() and (
        done := _try(
            request,
            form,
            lambda: act(form.cleaned_data["reason"], form.cleaned_data["step"]),
            lambda error: blame(form, error),
        )
    ):
        return done
    return page(form)


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.DECIDE_MDF)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Line by line."""
    found = find_request(request, pk)
    lines, step = lines_of(found, request.user), waiting.current(found)
    if step is None or waiting.may_decide(request.user, found) is None:
        _refuse_to_take(request, found)
        return _page(request, found, "decide", None)
    data = request.POST or None
    form = DecideForm(data, lines=lines, currency=found.plan.currency, step=step.pk)
    if form.is_valid():
        values = form.cleaned_data

        def act() -> Request:
            return actions.decide(
                by=request.user, request=found, verdicts=form.verdicts, reason=values["reason"], step_id=values["step"]
            )

        if done := _try(request, form, act, form.refuse):
            return done
    return _page(request, found, "decide", form)


@vendor(P.DECIDE_MDF, link=APPROVE)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """What the mail's button leads to: all of it as it stands, with one more button."""
    found = find_request(request, pk)
    return _whole(
        request,
        found,
        WordForm,
        lambda reason, step: actions.approve(by=request.user, request=found, reason=reason, step_id=step),
        "approve",
    )


@vendor(P.DECIDE_MDF, link=GIVE_BACK)
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    found = find_request(request, pk)
    return _whole(
        request,
        found,
        GiveBackForm,
        lambda reason, step: actions.give_back(by=request.user, request=found, reason=reason, step_id=step),
        "return",
    )


def _page(request: HttpRequest, found: Request, template: str, form: Form | None, *, what: str = "") -> HttpResponse:
    request.section = "mdf"
    lines = lines_of(found, request.user)
    context: dict[str, Any] = {
        "found": found,
        "what": what,
        "partner": found.partner,
        "plan": found.plan,
        "form": form,
        "facts": showing.request_facts(found),
        "rows": _paired(found, lines, form),
        "total": forecast.total(found.plan, [line.activity for line in lines]),
        "why_not": "" if form else _why_not(request, found),
        "state_word": showing.state_of(found),
        "steps": showing.steps(steps_of(found, request.user)),
        "timeline": happenings(found, request.user),
        "beside": beside.of_request(found) if form else None,
        "decide_url": reverse("mdf:decide", args=[found.pk]),
        "crumbs": VENDOR.crumbs((found.reference, found.get_absolute_url())),
    }
    return VENDOR.page(request, template, context, 422 if form is not None and form.is_bound else 200)


def _paired(found: Request, lines: list[Any], form: Form | None) -> list[dict[str, Any]]:
    """The shown lines, each with its fields where the form has some."""
    rows = shown_lines(found, lines, with_claims=False)
    if isinstance(form, DecideForm):
        for row, fields in zip(rows, form.rows(), strict=True):
            row["fields"] = fields
    return rows


def _why_not(request: HttpRequest, of: Request | Claim) -> str:
    if of.state not in Request.REVIEWED:
        return _("There is nothing to decide: %(state)s.") % {"state": showing.state_of(of)}
    if request.user.pk in waiting.own(of):
        return _("You don’t decide what you created, submitted or changed an amount of yourself.")
    step = waiting.current(of)
    who = step.get_level_display().lower() if step else "–"
    return _("This step isn’t yours to decide: it waits for %(who)s.") % {"who": who}


# ── Claims ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.DECIDE_MDF)
def decide_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """What of its receipts counts, and how much of it is paid."""
    found = find_claim(request, pk)
    step = waiting.current(found)
    if step is None or waiting.may_decide(request.user, found) is None:
        _refuse_to_take(request, found)
        return _claim_page(request, found, "decide_claim", None)
    receipts = claim_queries.receipts_of(found)
    form = ClaimDecisionForm(request.POST or None, claim=found, receipts=receipts, step=step.pk)
    if form.is_valid():
        values = form.cleaned_data

        def act() -> Claim:
            return actions.decide_claim(
                by=request.user, claim=found, outcome=form.outcome, amount=form.amount, eligible=form.eligible,
                reason=values["reason"], step_id=values["step"],
            )  # fmt: skip

        if done := _try(request, form, act, form.refuse):
            return done
    return _claim_page(request, found, "decide_claim", form)


@vendor(P.DECIDE_MDF, link=APPROVE_CLAIM)
def approve_claim(request: HttpRequest, pk: int) -> HttpResponse:
    found = find_claim(request, pk)

    def act(reason: str, step: int | None) -> Claim:
        return actions.decide_claim(by=request.user, claim=found, reason=reason, step_id=step)

    return _whole(request, found, WordForm, act, "approve")


@vendor(P.DECIDE_MDF, link=GIVE_BACK_CLAIM)
def give_back_claim(request: HttpRequest, pk: int) -> HttpResponse:
    found = find_claim(request, pk)

    def act(reason: str, step: int | None) -> Claim:
        return actions.decide_claim(by=request.user, claim=found, outcome=Outcome.RETURNED, reason=reason, step_id=step)

    return _whole(request, found, GiveBackForm, act, "return")


def _claim_page(
    request: HttpRequest, found: Claim, template: str, form: Form | None, *, what: str = ""
) -> HttpResponse:
    request.section = "mdf"
    context: dict[str, Any] = {
        "found": found,
        "what": what,
        "partner": found.partner,
        "form": form,
        "facts": showing.claim_facts(found),
        "proposed": showing.money(_proposed(found), found.request.currency) if form else "",
        "why_not": "" if form else _why_not(request, found),
        "state_word": showing.state_of(found),
        "steps": showing.steps(steps_of(found, request.user)),
        "timeline": happenings(found, request.user),
        "decide_url": reverse("mdf:decide_claim", args=[found.pk]),
        "crumbs": VENDOR.crumbs((found.reference, found.get_absolute_url()), claims=True),
        **papers(found, VENDOR, request.user),
    }
    return VENDOR.page(request, template, context, 422 if form is not None and form.is_bound else 200)


def _proposed(claim: Claim) -> Decimal | None:
    """What an approval without another word would pay; None where a rate is missing."""
    try:
        return claim_queries.proposed(claim)
    except NoRate:
        return None
