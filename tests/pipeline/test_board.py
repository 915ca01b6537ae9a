"""The board of deals: columns with their sums, pages of their own, moves and what stands against them."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from pipeline.deals import actions, board
from pipeline.models import Deal, StageChange
from prm.common.vendor import today
from tests.pipeline.conftest import stage

DAY = dt.timedelta(days=1)


def url(name, *args):
    return reverse(f"pipeline:{name}", args=args)


@pytest.fixture
def cam(acme, client_for):
    return client_for(acme.users[Role.CAM])


def column(page, key):
    """The text of a column."""
    found = re.search(rf'id="stage-{key}".*?</section>', page.text, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])) if found else ""


def test_each_stage_is_a_column_with_its_count_and_sum(acme, cam, deal_for):
    deal_for(name="Servers", amount="1000.40", stage="proof", customer_name="Contoso", created_on=today() - 31 * DAY)
    deal_for(name="Support", amount="500", stage="proof")
    deal_for(name="Late", amount="70", stage="proposal", expected_close=today() - DAY)
    deal_for(name="Done", stage="won")
    deal_for(acme.partner_b, name="Theirs", stage="proof")
    page = cam.get(url("deals_board"))
    proof = column(page, "proof")
    for text in ("Proof", "2", "USD 1,500.40", "Servers", "Contoso", acme.partner_a.name, "31 days", "stale", "0 days"):
        assert text in proof
    assert "overdue" in column(page, "proposal")
    assert "No deals" in column(page, "negotiation")
    assert column(page, "won") == ""
    assert "Theirs" not in page.text
    assert acme.partner_b.name not in page.text
    assert "USD 1,570.40" in page.text  # of all columns


def test_the_filter_says_which_columns_there_are(cam, deal_for):
    deal_for(name="Servers", stage="proof")
    deal_for(name="Done", stage="won", amount="777")
    page = cam.get(url("deals_board"), {"state": ["won", "lost"]})
    assert "USD 777.00" in column(page, "won")
    assert "No deals" in column(page, "lost")
    assert column(page, "proof") == ""
    only = cam.get(url("deals_board"), {"deal_stage": "proof"})
    assert "Servers" in column(only, "proof")
    assert column(only, "qualified") == ""
    nothing = cam.get(url("deals_board"), {"q": "xyz"})
    assert "No deal matches" in nothing.text


def test_table_board_and_pace_keep_the_filter(cam, deal_for):
    deal_for(name="Servers")
    for name in ("deals", "deals_board"):
        page = cam.get(url(name), {"look": "stale"}).text
        for other in ("deals", "deals_board"):
            assert f'href="{url(other)}?look=stale"' in page


def test_amounts_without_a_rate_are_named_not_left_out_silently(cam, deal_for):
    deal_for(name="Oil", amount="900", currency="NOK", stage="proof")
    page = cam.get(url("deals_board"))
    assert "no rate for NOK" in page.text
    assert "NOK 900.00" in column(page, "proof")


def test_a_column_has_pages_of_its_own(cam, deal_for, monkeypatch):
    monkeypatch.setattr(board, "CARDS", 2)
    for number in range(5):
        deal_for(name=f"Servers {number}", stage="proof", expected_close=today() + number * DAY)
    deal_for(name="Other", stage="proposal")
    first = cam.get(url("deals_board"), {"look": ""})
    assert "1–2 of 5" in column(first, "proof")
    assert "Servers 1" in column(first, "proof")
    assert "Servers 2" not in first.text
    last = cam.get(url("deals_board"), {"page-proof": "99"})
    assert "5–5 of 5" in column(last, "proof")
    assert "Servers 4" in column(last, "proof")
    assert "Other" in column(last, "proposal")
    assert "page-proof=2#stage-proof" in last.text


def test_a_card_is_moved_and_the_reader_comes_back_to_it_with_the_filter(acme, cam, deal_for):
    deal = deal_for(stage="proof")
    sent = {"stage": stage("proposal").pk, "seen": stage("proof").pk, "query": "look=stale&page-proof=2"}
    answer = cam.post(url("deal_board_move", deal.pk), sent)
    assert answer.headers["Location"] == f"{url('deals_board')}?look=stale&page-proof=2#deal-{deal.pk}"
    deal.refresh_from_db()
    assert deal.stage == stage("proposal")
    step = StageChange.everything.filter(deal=deal).latest("pk")
    assert (step.from_stage.key, step.to_stage.key, step.by) == ("proof", "proposal", acme.users[Role.CAM])


def test_who_moves_what_somebody_has_moved_meanwhile_is_told_and_nothing_changes(acme, cam, deal_for):
    deal = deal_for(name="Servers", stage="proof")
    actions.move_deal(by=acme.users[Role.ADMIN], deal=deal, to=stage("negotiation"))
    sent = {"stage": stage("proposal").pk, "seen": stage("proof").pk}
    page = cam.post(url("deal_board_move", deal.pk), sent, follow=True)
    assert "moved “Servers” to “Negotiation” meanwhile" in page.text
    deal.refresh_from_db()
    assert deal.stage == stage("negotiation")


def test_lost_needs_its_reason_on_the_deals_page(cam, deal_for):
    deal = deal_for(stage="proof")
    sent = {"stage": stage("lost").pk, "seen": stage("proof").pk}
    answer = cam.post(url("deal_board_move", deal.pk), sent)
    there = f"{url('deal', deal.pk)}?to={stage('lost').pk}"
    assert answer.headers["Location"] == f"{there}#move"
    assert cam.post(url("deal_board_move", deal.pk), sent, headers={"HX-Request": "true"}).headers["HX-Redirect"] == f"{there}#move"  # fmt: skip
    page = cam.get(there).text
    assert re.search(rf'<option value="{stage("lost").pk}" selected>', page)
    deal.refresh_from_db()
    assert deal.stage == stage("proof")


def test_buttons_lead_to_the_stages_beside_and_stand_only_where_one_may(acme, cam, client_for, deal_for):
    first, last = deal_for(name="First", stage="qualified"), deal_for(name="Last", stage="negotiation")
    page = cam.get(url("deals_board")).text
    assert f'id="back-{first.pk}"' not in page
    assert "Move First on to Proof" in page
    assert "Move Last back to Proposal" in page
    assert "Move Last on to Won" in page
    assert f'id="deal-{last.pk}"' in page
    for reader in (acme.users[Role.CHIEF], acme.users_a[Role.PARTNER_SELLER]):
        name = "portal_deals_board" if reader.is_partner_side else "deals_board"
        seen = client_for(reader).get(url(name)).text
        assert "First" in seen
        assert "board-moves" not in seen
        assert "draggable" not in seen
    refused = client_for(acme.users[Role.CHIEF]).post(url("deal_board_move", first.pk), {"stage": "1", "seen": "1"})
    assert refused.status_code == 403


def test_a_deal_that_another_partner_leads_is_shown_without_its_name_and_not_moved(acme, cam, deal_for):
    theirs = deal_for(
        acme.partner_b, name="Together", stage="proof", shares={acme.partner_b.pk: 60, acme.partner_a.pk: 40}
    )
    page = cam.get(url("deals_board"))
    assert "Another partner" in column(page, "proof")
    assert acme.partner_b.name not in page.text
    assert f'id="on-{theirs.pk}"' not in page.text
    sent = {"stage": stage("proposal").pk, "seen": stage("proof").pk}
    assert cam.post(url("deal_board_move", theirs.pk), sent).status_code == 403
    assert Deal.everything.get(pk=theirs.pk).stage == stage("proof")


def test_a_partner_sees_its_own_part(acme, client_for, deal_for):
    deal_for(acme.partner_a, name="Together", amount="1000", stage="proof", shares={acme.partner_a.pk: 60, acme.partner_b.pk: 40})  # fmt: skip
    page = client_for(acme.users_b[Role.PARTNER_EXECUTIVE]).get(url("portal_deals_board"))
    assert "USD 400.00" in column(page, "proof")
    assert acme.partner_a.name not in page.text
    assert "USD 1,000.00" not in page.text


def test_more_deals_cost_no_more_queries(cam, deal_for):
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert cam.get(url("deals_board")).status_code == 200
        return len(asked)

    for key in ("qualified", "proof", "proposal", "negotiation"):
        deal_for(stage=key)
    cost()
    before = cost()
    for number in range(12):
        deal_for(stage=("qualified", "proof")[number % 2], customer_name=f"Customer {number}")
    assert cost() == before
