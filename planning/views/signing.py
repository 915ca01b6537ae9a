"""Signing a plan: what it comes to on one page, and a typed name; by a mailed link, without a password."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from planning import queries, reading
from planning.actions import signing as actions
from planning.assumption_list import assumption_groups
from planning.forms.signers import SignForm
from planning.models import BusinessPlan
from planning.outcome import Span
from planning.refusals import Changed, Closed, NotAllowed, NotReady
from planning.signature_state import Signer, states
from planning.signing import content_hash, current_objectives
from planning.views.sides import Side, crumbs, find, name_of, outcome_of


def sign(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """The page a person asked to sign comes to; after that, and for everybody else who may see it, how far it is."""
    plan = find(request, pk)
    if queries.asked(plan, side.whose) is None and not plan.is_fixed:
        raise Http404
    if request.method != "POST":
        return _page(request, side, plan, SignForm(initial={"content_hash": content_hash(plan)}))
    form = SignForm(request.POST)
    if not form.is_valid():
        return _page(request, side, plan, form, 422)
    try:
        actions.sign(plan=plan, side=side.whose, by=request.user, **form.cleaned_data)
    except ValidationError as error:
        for name, texts in error.message_dict.items():
            form.add_error(name if name in form.fields else None, texts)
        return _page(request, side, plan, form, 422)
    except Changed as changed:
        messages.warning(request, str(changed))
        return _page(request, side, find(request, pk), _anew(request, plan), 422)
    except NotReady as refused:
        form.add_error(None, refused.reasons)
        return _page(request, side, plan, form, 422)
    except (Closed, NotAllowed) as refused:
        messages.info(request, str(refused))
        return redirect(side.url("sign", pk))
    plan = find(request, pk)
    committed = plan.status == BusinessPlan.Status.COMMITTED
    messages.success(
        request,
        _("Signed by both: the plan is in force.") if committed else _("Signed. The other side is still to sign."),
    )
    return redirect(side.url("sign", pk))


def _anew(request: HttpRequest, plan: BusinessPlan) -> SignForm:
    """The form for the plan as it is now, with the name that was typed."""
    return SignForm(initial={"content_hash": content_hash(plan), "name": request.POST.get("name", "")[:150]})


def _page(request: HttpRequest, side: Side, plan: BusinessPlan, form: SignForm, status: int = 200) -> HttpResponse:
    signers = states(plan)
    mine = _mine(request, side, signers)
    found = outcome_of(request, plan)
    context = {
        "plan": plan,
        "name": name_of(plan),
        "outcome": found,
        "statement": found.statement(Span.YEAR),
        "texts": found.plan.texts,
        "groups": assumption_groups(found.plan, plan.currency, plan.first_month),
        "objectives": reading.objectives_of(plan) if plan.is_fixed else current_objectives(plan),
        "signers": signers,
        "may_sign": mine is not None and mine.signature is None and not plan.is_fixed,
        "reasons": actions.reasons_against(plan) if plan.status == BusinessPlan.Status.DRAFT else [],
        "hash": plan.content_hash or content_hash(plan),
        "form": form,
        "crumbs": crumbs(request, side, plan, inside=True),
    }
    return render(request, "planning/sign.html", context, status=status)


def _mine(request: HttpRequest, side: Side, signers: list[Signer]) -> Signer | None:
    """The person's own side, where it is this person who is asked."""
    return next((one for one in signers if one.side == side.whose and one.user_id == request.user.pk), None)
