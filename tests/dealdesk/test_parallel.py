"""Two at the same moment: exactly one is first, and neither learns from the answer whether there is another."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import tokens
from accounts.models import User
from accounts.permissions import Role
from dealdesk import actions
from dealdesk.models import Conflict, Registration, Step
from dealdesk.refusals import Closed, InConflict
from pipeline.models import Deal
from prm.common.models import Notification, OutgoingMail
from tests.api.conftest import Api
from tests.dealdesk.making import drafted, fresh, kinds, line, seller, submitted, values
from tests.together import at_once
from tests.world import World

BODY = {
    "customer_name": "Contoso GmbH",
    "domain": "contoso.de",
    "country": "DE",
    "product_lines": ["servers"],
    "amount": {"amount": "25000", "currency": "USD"},
    "need": "Replaces its servers",
    "submit": True,
}
# What is a registration's own whatever others have done.
OWN = ("id", "reference", "partner", "submitted_at", "created_at", "updated_at")


def api(world: World, user: User) -> Api:
    return Api(tokens.create(user, "Desk", ["sales:read", "sales:write"], 1)[1], world.host)


def body(**changes: Any) -> dict[str, Any]:
    return {**BODY, "expected_close": values()["expected_close"].isoformat(), **changes}


def same(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name not in OWN}


def test_of_two_at_once_exactly_one_is_first_and_the_answers_are_the_same(committed):
    line()
    callers = [api(committed, seller(committed, partner)) for partner in (committed.partner_a, committed.partner_b)]
    for name in ("contoso", "fabrikam", "tailspin", "litware"):
        sent = body(customer_name=name.title(), domain=f"{name}.de")
        answers = at_once(
            committed, *(lambda caller=caller, sent=sent: caller.post("/registrations", sent) for caller in callers)
        )
        assert [answer.status_code for answer in answers] == [201, 201]
        assert same(answers[0]) == same(answers[1])
        assert same(answers[0])["may_exist"] is None
        made = [Registration.everything.get(pk=answer.json()["id"]) for answer in answers]
        actions.check_waiting()
        assert sorted(str(fresh(each).flag) for each in made) == ["clear", "flagged"]
        first, second = sorted(made, key=lambda each: (each.submitted_at, each.pk))
        assert first.submitted_at < second.submitted_at
        conflict = Conflict.everything.get(registration__in=made)
        assert (conflict.registration, conflict.other) == (second, first)
        told = [api_of.get(f"/registrations/{each.pk}").json() for api_of, each in zip(callers, made, strict=True)]
        assert {each["id"]: each["may_exist"] for each in told} == {first.pk: False, second.pk: True}


def test_eight_at_once_stand_in_one_line(committed):
    drafts = [drafted(committed, partner) for partner in (committed.partner_a, committed.partner_b) * 4]
    at_once(
        committed,
        *(
            lambda draft=draft: actions.submit(by=seller(committed, draft.partner), registration=draft)
            for draft in drafts
        ),
    )
    at_once(committed, *(lambda draft=draft: actions.check(draft.pk) for draft in drafts))
    made = sorted((fresh(draft) for draft in drafts), key=lambda each: each.submitted_at)
    assert len({each.submitted_at for each in made}) == 8
    assert [each.flag for each in made] == ["clear", *["flagged"] * 7]
    assert Conflict.everything.count() == 8 * 7 // 2
    assert Step.everything.filter(kind="submitted").count() == 8


def test_one_submitted_twice_at_once_is_submitted_once(committed):
    draft, by = drafted(committed), seller(committed)
    at_once(committed, *(lambda: actions.submit(by=by, registration=draft) for _n in range(4)))
    at_once(committed, *(lambda: actions.check(draft.pk) for _n in range(4)))
    assert kinds(draft) == ["submitted"]


def test_two_deciders_at_once_make_one_deal(committed):
    made = submitted(committed)
    deciders = [committed.users[role] for role in (Role.OPERATIONS, Role.CHIEF, Role.ADMIN)]
    came = at_once(
        committed, *(lambda by=by: actions.approve(by=by, registration=made, reason="Fits") for by in deciders)
    )
    assert [type(each) for each in came if isinstance(each, Exception)] == [Closed] * 2
    assert Deal.everything.count() == 1
    assert kinds(made) == ["submitted", "approved"]


def test_two_for_one_customer_are_not_both_approved_without_an_override(committed):
    first, second = submitted(committed), submitted(committed, committed.partner_b)
    by = committed.users[Role.OPERATIONS]
    came = at_once(
        committed,
        *(lambda each=each: actions.approve(by=by, registration=each, reason="Fits") for each in (first, second)),
    )
    assert not isinstance(came[0], Exception)
    assert isinstance(came[1], InConflict)
    assert Deal.everything.count() == 1


def test_withdrawn_and_approved_at_once_is_one_of_both(committed):
    made, by = submitted(committed), committed.users[Role.OPERATIONS]
    came = at_once(
        committed,
        lambda: actions.approve(by=by, registration=made, reason="Fits"),
        lambda: actions.withdraw(by=seller(committed), registration=made, reason="Lost interest"),
    )
    # Approved first it can still be withdrawn; withdrawn first it is approved no more.
    assert fresh(made).state == "withdrawn"
    assert Deal.everything.count() == (0 if isinstance(came[0], Closed) else 1)


# ── The answer ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("other", ["registration", "protected", "returned"])
def test_the_answer_to_a_submission_is_the_same_with_and_without_a_conflict(acme, other):
    line()
    caller = api(acme, seller(acme, acme.partner_b))
    made = submitted(acme)
    if other == "protected":
        actions.approve(by=acme.users[Role.OPERATIONS], registration=made, reason="Fits")
    elif other == "returned":
        actions.give_back(by=acme.users[Role.OPERATIONS], registration=made, reason="Which site?")
    caller.post("/registrations", body(customer_name="First call", domain="first.example"))
    answers, statements = [], []
    for name, domain in (("Contoso GmbH", "contoso.de"), ("Tailspin GmbH", "tailspin.de")):
        with CaptureQueriesContext(connection) as context:
            answers.append(caller.post("/registrations", body(customer_name=name, domain=domain)))
        statements.append([re.sub(r"'[^']*'|\d+", "?", each["sql"]) for each in context.captured_queries])
    assert [answer.status_code for answer in answers] == [201, 201]
    with_one, without = (same(answer) for answer in answers)
    assert with_one | {"customer_name": "", "domain": ""} == without | {"customer_name": "", "domain": ""}
    assert statements[0] == statements[1]  # not even what is asked of the database differs


def test_the_mails_differ_by_one_sentence_and_name_nobody(acme):
    who = seller(acme, acme.partner_b)
    submitted(acme)
    OutgoingMail.objects.all().delete()
    made = [
        submitted(acme, acme.partner_b, customer_name=name, domain=domain, check=False)
        for name, domain in (("Contoso GmbH", "contoso.de"), ("Tailspin GmbH", "tailspin.de"))
    ]
    Registration.everything.filter(pk__in=[each.pk for each in made]).update(decide_by=made[0].decide_by)
    actions.check_waiting()
    sentence = "A registration may already exist."
    texts, lines = [], []
    for each in made:
        mail = OutgoingMail.objects.get(to=who.email, text__contains=each.reference)
        line_of = Notification.objects.get(user=who, url__endswith=f"/{each.pk}/")
        assert acme.partner_a.name not in mail.text + mail.html + mail.subject + line_of.text
        for text in (mail.text, re.sub(r"<[^>]*>|\s+", " ", mail.html), mail.subject, line_of.text):
            lines.append(re.sub(f"{each.reference}|{each.customer_name}|/{each.pk}/", "…", text))
        texts.append([" ".join(line_of.replace(sentence, "").split()) for line_of in lines[-4:]])
    assert sentence in lines[0]
    assert sentence in lines[1]
    assert not any(sentence in text for text in lines[4:])
    assert texts[0] == texts[1]
    assert OutgoingMail.objects.filter(to=who.email).count() == 2
