"""The demo's registrations are as the actions leave them, and show each state there is."""

from dealdesk.models import Conflict, Registration
from pipeline.models import Deal
from tests.demo.conftest import TODAY


def test_each_state_is_there_and_every_row_is_as_the_actions_write_it(demo):
    rows = Registration.everything.select_related("deal").prefetch_related("product_lines", "steps")
    assert {row.state for row in rows} >= {
        "draft", "submitted", "returned", "approved", "rejected", "expired", "withdrawn"
    }  # fmt: skip
    for row in rows:
        row.clean_fields()
        key, domain = row.name_key, row.registrable
        row.save()
        assert (row.name_key, row.registrable) == (key, domain)
        assert row.product_lines.all()
        steps = sorted(row.steps.all(), key=lambda step: step.at)
        assert bool(steps) == (row.state != "draft")
        assert not steps or steps[0].kind == "submitted"
        assert (row.deal is not None) == (row.state in ("approved", "expired"))


def test_a_registered_deal_has_one_registration_and_is_its_partners(demo):
    deals = Deal.everything.filter(registered_on__isnull=False)
    assert Registration.everything.filter(deal__isnull=False).count() == deals.count() > 20
    for deal in deals.prefetch_related("registrations"):
        (registration,) = deal.registrations.all()
        assert (registration.partner_id, registration.protected_from) == (deal.partner_id, deal.registered_on)
        assert (registration.state == "expired") == (registration.expires_on < TODAY)


def test_two_are_for_one_customer(demo):
    conflicts = Conflict.everything.filter(degree="flagged", other__isnull=False)
    assert conflicts.exists()
    for conflict in conflicts:
        assert conflict.registration.flag == "flagged"
        assert conflict.other.submitted_at < conflict.registration.submitted_at
