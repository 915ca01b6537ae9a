"""Two people at the same moment, in a database where each commits."""

from accounts.permissions import Role
from leads import actions
from leads.models import Lead, LeadOffer, LeadStep
from leads.refusals import NoRoom, TooLate
from leads.tasks import run_due
from tests.leads.conftest import at, new_lead, offered
from tests.together import at_once


def test_two_sellers_accept_at_once(committed):
    admin, first, second = (
        committed.users[Role.ADMIN], committed.users_a[Role.PARTNER_SELLER], committed.users_a[Role.PARTNER_CHAMPION],
    )  # fmt: skip
    made = offered(new_lead(admin), committed.partner_a, admin)
    both = at_once(committed, *(lambda by=by: actions.accept(by=by, offer=made, at=at(5)) for by in (first, second)))
    assert [type(found) for found in both] == [Lead, Lead]
    assert LeadStep.everything.filter(kind="accepted").count() == 1
    assert Lead.everything.get().partner == committed.partner_a


def test_accepted_while_it_goes_to_another(committed):
    """The partner accepts as operations offers the lead to another, and that one accepts: one of the two holds it."""
    admin, a, b = (
        committed.users[Role.ADMIN], committed.users_a[Role.PARTNER_SELLER], committed.users_b[Role.PARTNER_SELLER],
    )  # fmt: skip
    made = offered(new_lead(admin), committed.partner_a, admin)

    def to_b():
        other = actions.offer(by=admin, lead=made.lead, partner=committed.partner_b, at=at(5))
        return actions.accept(by=b, offer=other, at=at(5))

    found = at_once(committed, lambda: actions.accept(by=a, offer=made, at=at(5)), to_b)
    lead = Lead.everything.get()
    winners = [each for each in found if isinstance(each, Lead)]
    assert [each.partner_id for each in winners] == [lead.partner_id]
    assert LeadOffer.everything.filter(state="accepted").count() == 1
    assert LeadStep.everything.filter(kind="accepted").count() == 1


def test_accepted_as_the_time_runs_out(committed):
    admin, seller = committed.users[Role.ADMIN], committed.users_a[Role.PARTNER_SELLER]
    made = offered(new_lead(admin), committed.partner_a, admin)
    accepted, ended = at_once(
        committed,
        lambda: actions.accept(by=seller, offer=made, at=made.answer_by),
        lambda: actions.time_out(offer=made, at=at(8)),
    )
    lead = Lead.everything.get()
    if ended is True:
        assert isinstance(accepted, TooLate)
        assert lead.holder == "queue"
    else:
        assert lead.partner == committed.partner_a


def test_the_last_place_is_taken_once(committed):
    admin = committed.users[Role.ADMIN]
    actions.set_capacity(by=admin, partner=committed.partner_a, capacity=1)
    leads = [new_lead(admin, f"Company {number}", distribute=False) for number in range(3)]
    found = at_once(
        committed,
        *(
            lambda lead=lead: actions.offer(by=admin, lead=lead, partner=committed.partner_a, at=at(5))
            for lead in leads
        ),
    )
    assert sorted(type(each).__name__ for each in found) == ["LeadOffer", "NoRoom", "NoRoom"]
    assert all(isinstance(each, LeadOffer | NoRoom) for each in found)


def test_two_rounds_at_once_offer_each_lead_once(committed):
    admin = committed.users[Role.ADMIN]
    for number in range(6):
        new_lead(admin, f"Company {number}")
    at_once(committed, *(lambda: run_due(at(5)) for _round in range(3)))
    assert LeadOffer.everything.count() == 6
    assert {lead.state for lead in Lead.everything.all()} == {"offered"}
