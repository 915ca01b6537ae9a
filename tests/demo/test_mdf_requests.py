"""Requests and claims of the demo: every amount of MDF goes from a budget by way of a request and a claim to a result."""

from decimal import Decimal

from django.db.models import Count, F, Sum

from mdf.claiming import rounded
from mdf.models import ApprovalStep, Claim, Entry, Fund, Line, Proof, Receipt, Request
from mdf.queries.claims import payable
from mdf.queries.funds import adds_up, figures
from mdf.steps import Rules


def test_each_state_is_there_and_every_row_is_valid(demo):
    requests = Request.objects.unscoped("the test's")
    states = set(requests.values_list("state", flat=True))
    assert {"submitted", "approved", "rejected"} <= states
    assert states & {"closed", "expired"}
    claims = Claim.objects.unscoped("the test's")
    assert {"submitted", "approved", "paid", "rejected"} <= set(claims.values_list("state", flat=True))
    for rows in (requests, claims):
        for row in rows.order_by("pk")[:40]:
            row.full_clean(validate_unique=False)
    assert claims.filter(submitted_at__lt=F("line__activity__starts_on")).count() == 0
    assert claims.filter(submitted_on__gt=F("line__claim_until")).count() == 0
    assert claims.filter(paid_on__lt=F("approved_on")).count() == 0
    first = Proof.objects.unscoped("the test's").first()
    assert first is not None
    assert first.file.storage.exists(first.file.name)


def test_the_funds_add_up_and_hold_what_the_lines_say(demo):
    for fund in Fund.objects.all():
        assert adds_up(fund)
    lines = Line.objects.unscoped("the test's").filter(request__state="approved", approved__gt=0)
    found = lines.aggregate(left=Sum(F("approved") - F("claimed")))
    held = figures([fund.pk for fund in Fund.objects.all()])
    assert sum(each.reserved for each in held.values()) == (found["left"] or Decimal(0))
    claimed = Claim.objects.unscoped("the test's").filter(state__in=Claim.GRANTED).aggregate(n=Sum("approved"))["n"]
    assert claimed > 0
    assert sum(each.spent for each in held.values()) == claimed


def test_every_amount_leads_from_the_budget_to_a_result(demo):
    spent = Entry.objects.unscoped("the test's").filter(kind=Entry.Kind.SPEND)
    assert spent.count() == Claim.objects.unscoped("the test's").filter(state__in=Claim.GRANTED).count()
    for entry in spent.order_by("pk")[:25]:
        assert entry.subject_kind == "claim"
        claim = (
            Claim.objects.unscoped("the test's").select_related("line__activity", "request").get(pk=entry.subject_id)
        )
        assert (claim.line_id, claim.approved) == (entry.hold, entry.amount)
        assert claim.request.plan_id == claim.line.activity.plan_id
        assert claim.line.activity.results.exists()
        assert entry.amount == rounded(payable(claim).amount, claim.request.currency)


def test_steps_are_those_of_the_sum_and_nobody_decided_their_own(demo):
    rules = Rules()
    requests = Request.objects.unscoped("the test's").annotate(n=Count("approvalsteps"))
    for request in requests.order_by("pk")[:60]:
        assert request.n == len(rules.needed(request.asked))
    steps = ApprovalStep.objects.unscoped("the test's")
    assert not steps.filter(decided_by=F("request__submitted_by")).exists()
    assert not steps.filter(decided_by=F("claim__submitted_by")).exists()
    assert steps.filter(state="waiting", decide_by__isnull=True).count() == 0
    assert Receipt.objects.unscoped("the test's").filter(proof__isnull=True).count() == 0
