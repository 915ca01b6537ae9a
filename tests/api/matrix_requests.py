"""What the operations of requests, claims and their approval stand for in the matrix. What only reads shares its objects."""

from accounts.permissions import Role
from marketing.models import MarketingPlan
from mdf import actions
from mdf.models import Claim, Delegation, Fund, Line, Proof, Request
from prm.common.vendor import today
from tests.mdf.asking import approved, claimed, drafted, marketer, started, submitted
from tests.mdf.funding import make_fund

UP = (Role.ADMIN, Role.OPERATIONS)


def _fund(world, level="cam"):
    """One in which everything takes one step, at this level."""
    name = f"Decided by {level}"
    found = Fund.objects.filter(name=name).first()
    if found is None:
        found = make_fund(world, name=name, budget="90000")
        rules = {"steps": [{"level": level, "above": "0"}]}
        actions.set_rules(by=world.users[Role.ADMIN], starts_on=today(), rules=rules, fund=found)
    return found


def _level(user):
    if Role.MARKETING in user.roles:
        return "marketing"
    return "chief" if user.roles & {Role.CHIEF, *UP} else "cam"


def _is_submitted(partner):
    found = Request.everything.filter(partner=partner, state="submitted", fund__name="Decided by cam").first()
    return found


def _submitted(world, partner, user):
    return {"request_id": (_is_submitted(partner) or submitted(world, _fund(world), "100", partner=partner)).pk}


def _taken_back(world, partner, user):
    request = submitted(world, _fund(world), "100", partner=partner)
    return {"request_id": actions.recall(by=marketer(world, partner), request=request).pk}


def _decidable(world, partner, user):
    request = submitted(world, _fund(world, _level(user)), "100", partner=partner)
    if user.roles & set(UP):  # a step up, from the chief whose own it is
        MarketingPlan.everything.filter(pk=request.plan_id).update(created_by=world.users[Role.CHIEF])
    return {"request_id": request.pk}


def _is_approved(world, partner):
    found = Request.everything.filter(partner=partner, state="approved", fund__name="Decided by cam").first()
    return found or approved(world, _fund(world), "1000", partner=partner)


def _approved(world, partner, user):
    return {"request_id": approved(world, _fund(world), "100", partner=partner).pk}


def _a_line(world, partner):
    rows = Line.everything.filter(request=_is_approved(world, partner), approved__gt=0)
    return rows.select_related("request__partner", "activity__plan").first()


def _line(world, partner):
    return {"line": _a_line(world, partner).pk}


def _a_draft(world, partner):
    return Claim.everything.filter(partner=partner, state="draft").first() or started(
        world, _a_line(world, partner), "10"
    )


def _draft(world, partner, user):
    return {"claim_id": _a_draft(world, partner).pk}


def _claimed(world, partner, user):
    found = Claim.everything.filter(partner=partner, state="submitted", request__fund__name="Decided by cam").first()
    return {"claim_id": (found or claimed(world, _a_line(world, partner), "10")).pk}


def _claim_to_decide(world, partner, user):
    level = _level(user)
    request = Request.everything.filter(partner=partner, state="approved", fund=_fund(world, level)).first()
    request = request or _past_its_steps(world, submitted(world, _fund(world, level), "100", partner=partner))
    line = (
        Line.everything.filter(request=request, approved__gt=0)
        .select_related("request__partner", "activity__plan")
        .get()
    )
    claim = claimed(world, line, "10")
    if user.roles & set(UP):
        Claim.everything.filter(pk=claim.pk).update(amounts_by=world.users[Role.CHIEF])
    return {"claim_id": claim.pk}


def _past_its_steps(world, request):
    by = {"marketing": Role.MARKETING, "chief": Role.CHIEF}.get(request.fund.name.rpartition(" ")[2])
    return actions.approve(by=world.users[by] if by else request.partner.cam, request=request)


def _settled(world, partner, user):
    claim = claimed(world, _a_line(world, partner), "10")
    return {"claim_id": actions.decide_claim(by=partner.cam, claim=claim).pk}


def _proof(world, partner, user):
    found = Proof.everything.filter(claim=_a_draft(world, partner)).first()
    if found is None:
        found = Proof.everything.get(claim=started(world, _a_line(world, partner), "10"))
    return {"proof_id": found.pk}


def _a_plan(world, partner):
    found = MarketingPlan.everything.filter(partner=partner, state="draft", activities__mdf_asked=100).first()
    return found or drafted(world, "100", partner=partner)


def _plan(world, partner):
    return {"plan": _a_plan(world, partner).pk, "fund": _fund(world).pk}


def _plan_id(world, partner, user):
    return {"plan_id": _a_plan(world, partner).pk}


def _delegation(world, partner, user):
    other = world.cam_b if user != world.cam_b else world.users[Role.MARKETING]
    return {"delegation_id": Delegation.objects.create(person=user, delegate=other, starts_on="2020-01-01").pk}


def _delegate(world, partner):
    return {"delegate": world.cam_b.pk, "starts_on": "2099-01-01"}


def calls(call, body):
    """By operation; the arguments are the matrix's own helpers."""
    rules = {"starts_on": "2099-01-01", "steps": [{"level": "cam", "above": "0"}]}
    return {
        "list_mdf_requests": call(),
        "submit_mdf_request": call(body=_plan),
        "get_mdf_request": call(_submitted, owned=True),
        "decide_mdf_request": call(_decidable, body(reason="Well"), owned=True),
        "recall_mdf_request": call(_submitted, owned=True),
        "withdraw_mdf_request": call(_taken_back, body(reason="No money"), owned=True),
        "close_mdf_request": call(_approved, body(reason="It was cancelled"), owned=True),
        "list_mdf_request_steps": call(_submitted, owned=True),
        "list_mdf_request_history": call(_submitted, owned=True),
        "get_mdf_request_merit": call(_submitted, owned=True),
        "get_marketing_plan_merit": call(_plan_id, owned=True),
        "list_mdf_waiting": call(),
        "list_mdf_claimable": call(),
        "list_mdf_claims": call(),
        "create_mdf_claim": call(body=_line),
        "get_mdf_claim": call(_draft, owned=True),
        "update_mdf_claim": call(_draft, body(results="Forty came"), owned=True),
        "discard_mdf_claim": call(_draft, owned=True),
        "add_mdf_proof": call(_draft, body()),  # a form with a file; whose claim it is, tests/mdf tries
        "get_mdf_proof_file": call(_proof, owned=True),
        "remove_mdf_proof": call(_proof, owned=True),
        "submit_mdf_claim": call(_draft, body(), owned=True),
        "recall_mdf_claim": call(_claimed, owned=True),
        "decide_mdf_claim": call(_claim_to_decide, body(decision="approved"), owned=True),
        "pay_mdf_claim": call(_settled, body(reference="SEPA 1"), owned=True),
        "get_mdf_claim_payable": call(_draft, owned=True),
        "compute_mdf_payable": call(body=body(currency="EUR", share="0.5", eligible=["10"], approved="10")),
        "list_mdf_claim_steps": call(_claimed, owned=True),
        "list_mdf_claim_history": call(_claimed, owned=True),
        "get_mdf_approval_rules": call(),
        "list_mdf_approval_rules_versions": call(),
        "create_mdf_approval_rules_version": call(body=body(**rules)),
        "compute_mdf_steps": call(body=body(asked="5000.01", steps=[{"level": "cam", "above": "0"}])),
        "list_mdf_delegations": call(),
        "get_mdf_overview": call(),
        "list_mdf_trail": call(),
        "create_mdf_delegation": call(body=_delegate),
        "end_mdf_delegation": call(_delegation),
    }
