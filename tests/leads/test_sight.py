"""Who sees which lead, and what of it before it is accepted."""

import pytest

from accounts.permissions import Role
from leads import actions, queries
from leads.models import Distribution, Lead, LeadOffer, LeadStep
from leads.tasks import run_due
from tests.leads.conftest import at, offered
from tests.world import make_user

SECRETS = ("Pat Secret", "pat@contoso.example", "555 0100", "Asked for a price")


@pytest.fixture
def waiting(acme, admin, lead_for):
    """Offered to partner A."""
    return offered(lead_for(), acme.partner_a, admin)


def test_before_it_accepts_a_partner_reads_company_need_grade_and_place(acme, admin, seller, seller_b, waiting):
    found = queries.teaser(seller, waiting.pk, at(5))
    assert (found.company, found.need, found.grade, found.place) == ("Contoso", "Two servers", "A", "Oslo, NO")
    assert (found.is_open, found.why_not, found.lead_id) == (True, "", None)
    assert [each.offer_id for each in queries.teasers(seller, at=at(5))] == [waiting.pk]
    assert not any(secret in repr(found) for secret in SECRETS)
    assert not queries.leads(seller).exists()
    assert not LeadStep.objects.visible_to(seller).exists()
    assert queries.teaser(seller_b, waiting.pk, at(5)) is None
    assert queries.teasers(seller_b, at=at(5)) == []


def test_once_accepted_it_reads_all_and_nobody_else_does(acme, admin, seller, seller_b, waiting):
    actions.accept(by=seller, offer=waiting, at=at(5))
    lead = queries.lead_with_all(seller).get()
    assert (lead.person, lead.email) == ("Pat Secret", "pat@contoso.example")
    assert queries.teaser(seller, waiting.pk, at(5)).lead_id == lead.pk
    assert not queries.leads(seller_b).exists()


def test_taken_back_it_is_out_of_the_partners_reach(acme, admin, seller, waiting):
    lead = actions.accept(by=seller, offer=waiting, at=at(5))
    actions.put_back(by=admin, lead=lead, reason="Wrong one", at=at(6))
    assert not queries.leads(seller).exists()
    found = queries.teaser(seller, waiting.pk, at(6))
    assert (found.is_open, found.lead_id) == (False, None)
    assert "taken back" in found.why_not
    assert not LeadStep.objects.visible_to(seller).exists()


def test_when_the_time_is_up_the_partner_is_told_so(seller, waiting):
    late = queries.teaser(seller, waiting.pk, at(8))
    assert not late.is_open
    assert "January 7" in late.why_not or "Jan. 7" in late.why_not
    assert queries.teasers(seller, at=at(8)) == []
    assert [each.offer_id for each in queries.teasers(seller, open_only=False, at=at(8))] == [waiting.pk]


def test_a_cam_sees_what_its_partners_hold_or_are_offered_and_its_own(acme, admin, seller, waiting, lead_for, held):
    cam, cam_b = acme.users[Role.CAM], acme.cam_b
    direct = actions.keep_direct(by=admin, lead=lead_for("Direct"), person=cam_b, at=at(5))
    queued = lead_for("Queued")
    mine = held("Held")
    assert set(queries.leads(cam)) == {waiting.lead, mine}
    assert set(queries.leads(cam_b)) == {direct}
    assert set(queries.leads(admin)) == {waiting.lead, direct, queued, mine}
    row = queries.leads(cam).get(pk=waiting.lead_id)
    assert (row.offered_to_id, row.offered_to, row.answer_by) == (
        acme.partner_a.pk, acme.partner_a.name, waiting.answer_by,
    )  # fmt: skip


def test_a_distributor_sees_what_its_partners_hold(acme, seller, waiting):
    from partners.models import Partner, PartnerType

    house = Partner.objects.create(
        name="House ACME", partner_type=PartnerType.objects.get(key="distributor"), stage=acme.partner_a.stage
    )
    acme.partner_a.distributor = house
    acme.partner_a.save()
    user = make_user(acme, "house", Role.DISTRIBUTOR, partner=house)
    assert not queries.leads(user).exists()
    assert queries.offers(user).get() == waiting
    actions.accept(by=seller, offer=waiting, at=at(5))
    assert queries.leads(user).get() == waiting.lead


def test_candidates_have_no_name_for_who_does_not_see_them(acme, admin, lead_for):
    lead = lead_for()
    run_due(at(5))
    run = lead.distributions.get()
    assert {each.partner for each in queries.candidates(admin, run)} == {acme.partner_a, acme.partner_b}
    seen = queries.candidates(acme.users[Role.CAM], run)
    assert [each.partner for each in seen] == [acme.partner_a, None]
    assert queries.distributions(acme.users[Role.CAM], lead) == [run]
    assert not Distribution.objects.visible_to(acme.users_a[Role.PARTNER_SELLER]).exists()


def test_history_names_neither_other_partners_nor_the_vendors_people_to_a_partner(acme, admin, seller_b, lead_for):
    seller = acme.users_a[Role.PARTNER_SELLER]
    first = offered(lead_for(), acme.partner_a, admin)
    actions.decline(by=seller, offer=first, reason="Our secret", at=at(5))
    second = offered(first.lead, acme.partner_b, admin, at(6))
    lead = actions.accept(by=seller_b, offer=second, at=at(6))
    steps = queries.timeline(seller_b, lead)
    assert [step.kind for step in steps] == ["offered", "accepted"]
    assert [step.by for step in steps] == [None, seller_b]
    ours = queries.timeline(acme.cam_b, lead)
    assert [step.other for step in ours if step.kind in ("offered", "declined")] == [True, True, False]
    (declined,) = [step for step in ours if step.kind == "declined"]
    assert (declined.by, declined.note) == (
        None,
        "",
    )  # what another CAM's partner said, and who, is that one's business
    (told,) = [step for step in queries.timeline(admin, lead) if step.kind == "declined"]
    assert (told.by, told.note) == (seller, "Our secret")
    assert [step.partner for step in queries.timeline(admin, lead) if step.kind == "declined"] == [acme.partner_a]


def test_nobody_without_the_permission(acme, held):
    from accounts.models import User

    held()
    nobody = User.objects.create_user("none@acme.example", name="None")
    assert not queries.leads(nobody).exists()
    assert not queries.offers(nobody).exists()


def test_rows_can_not_be_read_without_a_reader():
    from prm.common.scoping import Unscoped

    for model in (Lead, LeadOffer, LeadStep, Distribution):
        with pytest.raises(Unscoped):
            model.objects.count()
