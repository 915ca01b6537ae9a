"""The pages of requests: submitted with the fund filled in, decided line by line or from the mail, by those whose step it is."""

import datetime as dt
import re
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.permissions import Role
from marketing import actions as marketing
from mdf import actions
from mdf.api.shapes import request_out
from mdf.models import Account, ApprovalStep, Fund, Happening, Request
from mdf.steps import Decision
from prm.common.lists import Listing
from prm.common.models import CurrencyRate, Notification, OutgoingMail
from prm.common.vendor import fiscal_calendar, today
from tests.mdf.asking import approved, cam, claimed, drafted, fresh, lines, marketer, pass_all, submitted, tactic
from tests.mdf.funding import give, make_fund

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def mails(user) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(to=user.email).order_by("pk"))


def last(user) -> OutgoingMail:
    return mails(user)[-1]


def links(mail: OutgoingMail) -> list[str]:
    """The paths of the signed links in a mail: first the button's."""
    return re.findall(r"https?://[^/\s]+(/l/\S+)", mail.text)


@pytest.fixture
def nobody(client_for):
    """A browser in which nobody is signed in."""
    return client_for()


# ── Submitting ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plan_is_submitted_with_the_fund_filled_in(acme, client_for):
    fund = make_fund(acme, budget="50000")
    plan, own = drafted(acme, "3000", "0"), marketer(acme)
    client = client_for(own)
    page = client.get(f"/portal/mdf/plans/{plan.pk}/submit/")
    assert fund.name in text(page)
    assert "50,000" not in text(page)  # what is left for everybody is no partner's matter
    chosen = re.search(r'name="account" value="(\d+)"[^>]*checked', page.content.decode())
    assert chosen
    sent = client.post(f"/portal/mdf/plans/{plan.pk}/submit/", {"account": chosen[1], "note": "The same as last year"})
    made = Request.everything.get(plan=plan)
    assert sent["Location"] == f"/portal/mdf/requests/{made.pk}/"
    assert (made.fund, made.asked, made.note, made.submitted_by) == (fund, 3000, "The same as last year", own)


def fund_filled_in(page) -> Fund:
    chosen = re.search(r'name="account" value="(\d+)"[^>]*checked', page.content.decode())
    assert chosen
    return Account.everything.get(pk=chosen[1]).fund


def test_the_fund_of_the_plans_own_period_is_filled_in_though_another_ends_first(acme, client_for):
    year = fiscal_calendar().year_of(today())
    now = make_fund(acme, budget="50000")
    ahead = make_fund(acme, budget="50000", name="Growth fund of next year", period=year.next.key)
    client = client_for(marketer(acme))
    for quarter, fund in ((year.quarters[-1], now), (year.next.quarters[0], ahead)):
        plan = drafted(acme, "3000", quarter=quarter.key)
        assert fund_filled_in(client.get(f"/portal/mdf/plans/{plan.pk}/submit/")) == fund


def test_a_fund_of_another_period_is_filled_in_where_the_plans_own_pays_for_other_tactics_only(acme, client_for):
    year = fiscal_calendar().year_of(today())
    now = make_fund(acme, budget="50000")
    make_fund(acme, budget="50000", name="Fairs of next year", period=year.next.key, tactics=[tactic("fair")])
    plan = drafted(acme, "3000", quarter=year.next.quarters[0].key)
    assert fund_filled_in(client_for(marketer(acme)).get(f"/portal/mdf/plans/{plan.pk}/submit/")) == now


def test_the_accounts_of_one_fund_are_told_apart(acme, client_for):
    fund, region = make_fund(acme, budget="50000"), acme.partner_a.region
    give(acme, fund, "1000", partner=acme.partner_a)
    give(acme, fund, "1000", region=region)
    plan = drafted(acme, "3000")
    page = text(client_for(marketer(acme)).get(f"/portal/mdf/plans/{plan.pk}/submit/"))
    for name in ("your own part", f"for {region}", "for all partners"):
        assert page.count(f"{fund.name}, {name}") == 1
    page = text(client_for(cam(acme)).get(f"/mdf/plans/{plan.pk}/submit/"))
    for name in (acme.partner_a.name, region.name, "Not allocated"):
        assert page.count(f"{fund.name}: {name}") == 1


def test_without_a_fund_chosen_what_was_typed_stays(acme, client_for):
    make_fund(acme, budget="50000")
    plan = drafted(acme, "3000")
    page = client_for(marketer(acme)).post(f"/portal/mdf/plans/{plan.pk}/submit/", {"note": "The same as last year"})
    assert page.status_code == 422
    assert "Choose the fund that is asked." in text(page)
    assert "The same as last year" in page.content.decode()
    assert not Request.everything.filter(plan=plan).exists()


def test_what_speaks_against_a_fund_is_said_before_it_is_asked(acme, client_for):
    make_fund(acme, budget="50000", minimum_roi=Decimal(3))
    plan = drafted(acme, "3000")
    page = client_for(cam(acme)).get(f"/mdf/plans/{plan.pk}/submit/")
    assert "asks for at least 3" in text(page)


def test_a_plan_that_asks_for_nothing_is_submitted_without_a_fund(acme, client_for):
    plan = drafted(acme, "0")
    client_for(marketer(acme)).post(f"/portal/mdf/plans/{plan.pk}/submit/", {"note": ""})
    made = Request.everything.get(plan=plan)
    assert (made.fund, made.state) == (None, "submitted")


# ── Deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def asked(acme):
    return submitted(acme, make_fund(acme, budget="50000"), "3000", "1500")


def test_it_is_decided_line_by_line(acme, client_for, asked):
    first, second = lines(asked)
    client = client_for(cam(acme))
    assert asked.reference in text(client.get("/mdf/approvals/"))
    page = client.get(f"/mdf/requests/{asked.pk}/decide/")
    step = re.search(r'name="step" value="(\d+)"', page.content.decode())
    assert step
    body = {
        "step": step[1], f"decision_{first.pk}": "changed", f"amount_{first.pk}": "2000", f"note_{first.pk}": "The room is enough",
        f"decision_{second.pk}": "denied", f"note_{second.pk}": "", "reason": "",
    }  # fmt: skip
    refused = client.post(f"/mdf/requests/{asked.pk}/decide/", body)
    assert (refused.status_code, "Give a reason" in text(refused), "The room is enough" in refused.content.decode()) == (422, True, True)  # fmt: skip
    done = client.post(f"/mdf/requests/{asked.pk}/decide/", {**body, f"note_{second.pk}": "Not ours"}, follow=True)
    assert "Approved in part" in text(done)
    found = fresh(asked)
    assert (found.state, found.approved, found.is_full) == ("approved", 2000, False)
    assert [line.decision for line in lines(found)] == ["changed", "denied"]


def test_nobody_decides_their_own_and_the_page_says_so(acme, client_for):
    own = submitted(acme, make_fund(acme, budget="50000"), "3000", by=cam(acme))
    client = client_for(cam(acme))
    assert own.reference not in text(client.get("/mdf/approvals/"))
    page = client.get(f"/mdf/requests/{own.pk}/decide/")
    assert "You don’t decide what you created" in text(page)
    for page in ("approve", "decide"):
        assert client.post(f"/mdf/requests/{own.pk}/{page}/", {"reason": ""}).status_code == 403
    assert fresh(own).state == "submitted"
    assert own.reference in text(client_for(acme.users[Role.MARKETING]).get("/mdf/approvals/"))


def test_too_much_is_refused_with_what_was_left(acme, client_for):
    fund = make_fund(acme, budget="4000")
    asked = submitted(acme, fund, "3000")
    approved(acme, fund, "2000", partner=acme.partner_b)
    page = client_for(cam(acme)).post(f"/mdf/requests/{asked.pk}/approve/", {"reason": ""})
    assert page.status_code == 422
    assert "2,000" in text(page)
    assert fresh(asked).state == "submitted"


# ── By mail ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_mails_button_approves_but_not_by_opening_it(acme, nobody, asked):
    approve, give_back = links(last(cam(acme)))
    page = nobody.get(approve, follow=True)
    assert page.status_code == 200
    assert fresh(asked).state == "submitted"
    done = nobody.post(f"/mdf/requests/{asked.pk}/approve/", {"reason": "Good"}, follow=True)
    assert "Approved" in text(done)
    found = fresh(asked)
    assert (found.state, found.decided_by, found.approved) == ("approved", cam(acme), 4500)
    assert nobody.get(f"/mdf/requests/{asked.pk}/").status_code == 302  # the link opens this one page
    assert (
        "There is nothing to decide" in text(nobody.get(give_back, follow=True))
        or nobody.get(give_back).status_code == 404
    )


def test_the_other_link_returns_it_with_a_reason_and_the_partner_answers_from_its_mail(acme, client_for, nobody, asked):
    _approve, give_back = links(last(cam(acme)))
    nobody.get(give_back, follow=True)
    assert nobody.post(f"/mdf/requests/{asked.pk}/return/", {"reason": " "}).status_code == 422
    nobody.post(f"/mdf/requests/{asked.pk}/return/", {"reason": "Which audience?"})
    assert fresh(asked).state == "returned"
    told = last(marketer(acme))
    assert (told.subject.startswith("To change"), "Which audience?" in told.text) == (True, True)
    partner = client_for()
    page = partner.get(links(told)[0], follow=True)
    account = re.search(r'name="account" value="(\d+)"[^>]*checked', page.content.decode())
    assert account
    done = partner.post(
        f"/portal/mdf/plans/{asked.plan_id}/submit/", {"account": account[1], "note": "Doctors"}, follow=True
    )
    assert "is submitted" in text(done)
    assert (fresh(asked).state, fresh(asked).round, fresh(asked).note) == ("submitted", 2, "Doctors")


def test_each_step_is_asked_in_its_turn_and_the_partner_hears_the_end(acme):
    asked = submitted(acme, make_fund(acme, budget="50000"), "7000")
    marketing = acme.users[Role.MARKETING]
    assert mails(marketing) == []
    assert "asks EUR 7,000.00" in last(cam(acme)).subject.replace("\xa0", " ") or "7,000" in last(cam(acme)).subject
    actions.approve(by=cam(acme), request=asked)
    assert len(links(last(marketing))) == 2
    assert fresh(asked).state == "in_review"
    before = len(mails(marketer(acme)))
    actions.approve(by=marketing, request=fresh(asked))
    assert len(mails(marketer(acme))) == before + 1
    assert last(marketer(acme)).subject.startswith("Approved: ")
    assert Notification.objects.filter(user=marketer(acme), url=f"/portal/mdf/requests/{asked.pk}/").count() == 2


def test_the_mail_says_of_each_line_what_was_decided(acme, asked):
    first, _second = lines(asked)
    actions.decide(
        by=cam(acme), request=asked, verdicts={first.pk: actions.Verdict(Decision.DENIED, note="Not for us")}
    )
    said = last(marketer(acme))
    assert said.subject.startswith("Approved in part")
    assert "Not for us" in said.text
    assert "As asked" in said.text


# ── Lists and the rest ───────────────────────────────────────────────────────────────────────────────────────────────


def test_lists_narrow_by_state_and_look(acme, client_for, asked):
    client = client_for(acme.users[Role.MARKETING])
    assert asked.reference in text(client.get("/mdf/requests/?state=submitted"))
    assert asked.reference not in text(client.get("/mdf/requests/?state=approved"))
    assert asked.reference not in text(client.get("/mdf/requests/?look=late"))
    assert asked.reference in text(client.get(f"/mdf/requests/?q={asked.reference}"))
    sheet = client.get("/mdf/requests/export/csv/").content.decode()
    assert (asked.reference in sheet, "4500" in sheet) == (True, True)


def test_a_partner_sees_its_own_only(acme, client_for, asked):
    other = client_for(marketer(acme, acme.partner_b))
    assert other.get(f"/portal/mdf/requests/{asked.pk}/").status_code == 404
    assert asked.reference not in text(other.get("/portal/mdf/"))
    own = client_for(marketer(acme))
    assert asked.reference in text(own.get("/portal/mdf/"))
    assert own.get(f"/portal/mdf/requests/{asked.pk}/").status_code == 200


def test_taken_back_the_plan_is_a_draft_again(acme, client_for, asked):
    client, address = client_for(marketer(acme)), f"/portal/mdf/plans/{asked.plan_id}/recall/"
    for page in (f"/portal/marketing/plans/{asked.plan_id}/", f"/portal/mdf/requests/{asked.pk}/"):
        assert f'action="{address}"' in client.get(page).content.decode()
    assert client_for(marketer(acme, acme.partner_b)).post(address).status_code == 404
    client.post(address)
    assert (fresh(asked).state, fresh(asked.plan).state) == ("draft", "draft")
    assert Happening.everything.get(request=asked, kind="recalled").by == marketer(acme)


def test_given_up_it_ends_with_its_plan(acme, client_for, asked):
    actions.give_back(by=cam(acme), request=asked, reason="Too dear")
    client, address = client_for(marketer(acme)), f"/portal/mdf/plans/{asked.plan_id}/withdraw/"
    assert f'action="{address}"' in client.get(f"/portal/marketing/plans/{asked.plan_id}/build/").content.decode()
    assert client_for(marketer(acme, acme.partner_b)).post(address, {"reason": "No"}).status_code == 404
    assert "Say why the plan is given up." in text(client.post(address, {"reason": " "}, follow=True))
    assert (fresh(asked).state, fresh(asked.plan).state) == ("returned", "changes_requested")
    assert "The plan is given up." in text(client.post(address, {"reason": "No people"}, follow=True))
    assert (fresh(asked).state, fresh(asked).reason, fresh(asked.plan).state) == ("closed", "No people", "rejected")


def test_a_plan_of_which_a_step_is_decided_is_taken_back_nowhere(acme, client_for):
    found = submitted(acme, make_fund(acme), "6000")
    actions.approve(by=cam(acme), request=found)
    client, address = client_for(marketer(acme)), f"/portal/mdf/plans/{found.plan_id}/recall/"
    for page in (f"/portal/marketing/plans/{found.plan_id}/", f"/portal/mdf/requests/{found.pk}/"):
        assert address not in client.get(page).content.decode()
    client.post(address)
    assert (fresh(found).state, fresh(found.plan).state) == ("in_review", "in_review")


def test_deciding_what_marketing_refuses_says_so(acme, client_for, asked, monkeypatch):
    def refuse(**_given):
        raise marketing.Closed("This plan is a draft by now.")

    monkeypatch.setattr("mdf.actions.deciding.marketing.finish_review", refuse)
    client = client_for(cam(acme))
    answer = client.post(f"/mdf/requests/{asked.pk}/approve/", {"reason": ""}, follow=True)
    assert "This plan is a draft by now." in text(answer)
    assert fresh(asked).state == "submitted"


def test_closing_gives_the_rest_back_and_says_so(acme, client_for, asked):
    found = pass_all(acme, asked)
    client = client_for(acme.users[Role.MARKETING])
    assert client.post(f"/mdf/requests/{found.pk}/close/", {"reason": ""}).status_code == 422
    client.post(f"/mdf/requests/{found.pk}/close/", {"reason": "The event is off"})
    assert (fresh(found).state, fresh(found).released) == ("closed", 4500)
    assert last(marketer(acme)).subject.startswith("Closed")


def test_the_plans_page_shows_its_request(acme, client_for, asked):
    page = client_for(marketer(acme)).get(f"/portal/marketing/plans/{asked.plan_id}/")
    assert asked.reference in text(page)


def test_who_stands_at_two_levels_does_not_decide_both_by_clicking_twice(acme, client_for):
    found = submitted(acme, make_fund(acme, budget="50000"), "30000")
    actions.approve(by=cam(acme), request=found)
    client, address = client_for(acme.users[Role.MARKETING]), f"/mdf/requests/{found.pk}/approve/"
    actions.delegate(by=acme.users[Role.CHIEF], person=acme.users[Role.CHIEF], delegate=acme.users[Role.MARKETING])
    step = client.get(address).context["form"]["step"].value()
    assert step
    for _click in range(2):
        client.post(address, {"reason": "", "step": step})
    assert fresh(found).state == "in_review"


def test_my_approvals_ask_no_more_of_the_database_with_more_claims(acme, client_for):
    line = lines(approved(acme, make_fund(acme, budget="50000"), "4000"))[0]
    client = client_for(cam(acme))

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get("/mdf/approvals/")
        return len(asked)

    claimed(acme, line, "100")
    cost()  # the first time the site's settings are read
    one = cost()
    for _number in range(3):
        claimed(acme, line, "100")
    assert cost() == one


def test_my_approvals_come_in_pages_what_is_due_first_on_top(acme, client_for, monkeypatch):
    monkeypatch.setattr("mdf.tables.Listing", partial(Listing, page_size=2))
    line = lines(approved(acme, make_fund(acme, budget="50000"), "4000"))[0]
    claims = [claimed(acme, line, "100").reference for _number in range(2)]
    asked = submitted(acme, line.request.fund, "3000").reference
    first = claimed(acme, line, "100")
    ApprovalStep.everything.filter(claim=first).update(decide_by=timezone.now() - dt.timedelta(hours=1))
    client = client_for(cam(acme))

    def shown(query: str) -> list[str]:
        page = client.get(f"/mdf/approvals/{query}")
        return re.findall(r"[MC]-[A-Z0-9]{7}", text(page))

    assert shown("") == [first.reference, claims[0]]
    assert "late:" in text(client.get("/mdf/approvals/"))
    assert shown("?page=2") == [claims[1], asked]
    assert shown("?sort=-due") == [asked, claims[1]]
    assert sorted([*shown("?sort=partner"), *shown("?sort=partner&page=2")]) == sorted(
        [first.reference, *claims, asked]
    )


def test_taking_a_claim_back_is_told_the_cam_and_ends_the_links_of_its_mails(acme, nobody):
    line = lines(approved(acme, make_fund(acme, budget="50000"), "4000"))[0]
    claim = claimed(acme, line, "100")
    approve, _give_back = links(last(cam(acme)))
    actions.recall_claim(by=marketer(acme), claim=claim)
    assert Notification.objects.filter(user=cam(acme), text__startswith="Taken back").exists()
    assert nobody.get(approve).status_code != 302


def test_what_comes_to_nothing_in_the_funds_currency_is_refused_in_words(acme):
    CurrencyRate.objects.create(currency="EUR", on=today() - dt.timedelta(days=9), rate=Decimal("0.00001"))
    plan = drafted(acme, "1")
    with pytest.raises(ValidationError, match="comes to nothing in USD"):
        actions.submit_plan(by=marketer(acme), plan=plan, fund=make_fund(acme, currency="USD"))


def test_what_a_step_says_is_told_to_the_partner_when_all_is_decided(acme, client_for):
    found = submitted(acme, make_fund(acme), "6000", "500")
    first, second = lines(found)
    verdicts = {
        first.pk: actions.Verdict(Decision.CHANGED, Decimal("5500"), "A smaller hall"),
        second.pk: actions.Verdict(Decision.AS_ASKED),
    }
    actions.decide(by=cam(acme), request=found, verdicts=verdicts)
    assert fresh(found).state == "in_review"
    person = marketer(acme)
    page = text(client_for(person).get(f"/portal/mdf/requests/{found.pk}/"))
    assert "A smaller hall" not in page
    assert "5,500" not in page
    told = request_out(fresh(found), person)["lines"]
    assert {(line["decision"], line["decided_in_plan"], line["note"]) for line in told} == {("undecided", None, "")}
    ours = text(client_for(cam(acme)).get(f"/mdf/requests/{found.pk}/"))
    assert "A smaller hall" in ours
    actions.approve(by=acme.users[Role.MARKETING], request=fresh(found))
    assert "A smaller hall" in text(client_for(person).get(f"/portal/mdf/requests/{found.pk}/"))
