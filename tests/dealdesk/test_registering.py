"""Registrations typed, kept and submitted."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from accounts.permissions import Role
from dealdesk import actions, cells
from dealdesk.models import Conflict, Registration, Step
from dealdesk.refusals import Changed, Closed, NotAllowed
from leads.models import Lead, LeadCapacity, LeadSource
from pipeline.models import Customer
from prm.common.models import AuditEntry, CurrencyRate
from prm.common.vendor import today
from tests.dealdesk.making import approved, drafted, fresh, kinds, line, ruled, seller, submitted, values

HOUR = dt.timedelta(hours=1)
State = Registration.State


def refused(call, *args, **kwargs):
    with pytest.raises(ValidationError) as error, transaction.atomic():
        call(*args, **kwargs)
    return error.value.message_dict


# ── Typing ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_keeps_what_is_there_and_asks_for_nothing_more(acme):
    draft = actions.save_draft(by=seller(acme), partner=acme.partner_a, values={"customer_name": " Contoso  GmbH "})
    assert (draft.state, draft.customer_name, draft.amount, draft.submitted_at) == ("draft", "Contoso GmbH", None, None)
    more = {"domain": "https://www.Contoso.de/", "product_lines": [line()], "country": "de"}
    kept = actions.save_draft(by=seller(acme), partner=acme.partner_a, registration=draft, values=more)
    assert (kept.customer_name, kept.domain, kept.country) == ("Contoso GmbH", "www.contoso.de", "DE")
    assert (kept.name_key, kept.registrable) == ("contoso", "contoso.de")
    assert [each.key for each in kept.product_lines.all()] == ["servers"]


def test_saving_the_same_again_is_no_change(acme):
    draft = drafted(acme)
    again = actions.save_draft(by=seller(acme), partner=acme.partner_a, registration=draft, values=values())
    assert again.revision == draft.revision == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("domain", "no domain"),
        ("country", "XX"),
        ("currency", "XYZ"),
        ("amount", Decimal(-1)),
        ("contact_email", "nobody"),
        ("customer_name", "C" * 201),
        ("customer_name", "Con\x00toso"),
        ("need", "N" * 2001),
    ],
)
def test_what_can_not_be_is_said_at_its_field(acme, field, value):
    assert field in refused(drafted, acme, **{field: value})
    assert not Registration.everything.exists()


def test_who_typed_meanwhile_is_not_overwritten(acme):
    draft = drafted(acme)
    by, partner = seller(acme), acme.partner_a
    actions.save_draft(by=by, partner=partner, registration=draft, values={"need": "Theirs"}, revision=draft.revision)
    with pytest.raises(Changed) as changed, transaction.atomic():
        actions.save_draft(by=by, partner=partner, registration=draft, values={"need": "Mine"}, revision=draft.revision)
    assert changed.value.current["need"] == "Theirs"
    with pytest.raises(Changed), transaction.atomic():
        actions.submit(by=by, registration=draft, revision=draft.revision)


def test_a_button_pressed_twice_makes_one_draft(acme):
    by = seller(acme)
    made = [
        actions.save_draft(by=by, partner=acme.partner_a, values=values(), once_in=dt.timedelta(minutes=1))
        for _n in "ab"
    ]
    assert made[0] == made[1]
    other = actions.save_draft(
        by=by, partner=acme.partner_a, values=values(product_lines=[line("storage")]), once_in=dt.timedelta(minutes=1)
    )
    assert other != made[0]


@pytest.mark.parametrize("role", [Role.PARTNER_EXECUTIVE, Role.PARTNER_MARKETER])
def test_who_does_not_sell_registers_nothing(acme, role):
    with pytest.raises(NotAllowed), transaction.atomic():
        drafted(acme, by=acme.users_a[role])


def test_nobody_registers_for_a_partner_out_of_reach(acme):
    for by in (seller(acme, acme.partner_b), acme.cam_b, acme.users[Role.MARKETING], acme.users[Role.CHIEF]):
        with pytest.raises(NotAllowed), transaction.atomic():
            drafted(acme, by=by)


def test_a_cam_registers_in_its_partners_name(acme):
    made = submitted(acme, by=acme.users[Role.CAM])
    assert (made.partner, made.by_vendor, made.state) == (acme.partner_a, True, "submitted")


def test_a_partners_draft_is_the_partners_alone(acme):
    draft, ours = drafted(acme), drafted(acme, by=acme.users[Role.CAM])
    assert set(Registration.objects.visible_to(acme.users[Role.ADMIN])) == {ours}
    assert set(Registration.objects.visible_to(seller(acme))) == {draft, ours}
    assert not Registration.objects.visible_to(seller(acme, acme.partner_b)).exists()
    assert not Registration.objects.visible_to(acme.users[Role.MARKETING]).exists()
    assert not AuditEntry.objects.filter(target_name__contains="Contoso").exists()


def test_a_draft_is_thrown_away_and_nothing_else_is(acme):
    draft, sent = drafted(acme), submitted(acme, customer_name="Fabrikam", domain="")
    actions.discard(by=seller(acme), registration=draft)
    with pytest.raises(Closed), transaction.atomic():
        actions.discard(by=seller(acme), registration=sent)
    assert list(Registration.everything.all()) == [sent]


# ── Submitting ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_submitted_it_has_its_place_and_a_clock(acme, told):
    before = timezone.now()
    made = submitted(acme)
    assert made.state == "submitted"
    assert before <= made.submitted_at <= timezone.now()
    assert made.decide_by > made.submitted_at + dt.timedelta(days=1)
    assert (made.flag, made.may_exist, kinds(made)) == ("clear", False, ["submitted"])
    assert [moment for moment, _registration, _step in told] == ["checked"]
    entry = AuditEntry.objects.get(verb="registration.submitted")
    assert (entry.actor, entry.partner_id) == (seller(acme), acme.partner_a.pk)


def test_submitted_twice_it_is_submitted_once(acme, told):
    made = submitted(acme)
    again = actions.submit(by=seller(acme), registration=made)
    actions.check(made.pk)
    assert again.submitted_at == made.submitted_at
    assert kinds(made) == ["submitted"]
    assert len(told) == 1


@pytest.mark.parametrize(
    "field", ["customer_name", "country", "product_lines", "amount", "currency", "expected_close", "need"]
)
def test_what_is_missing_is_named(acme, field):
    empty = {"product_lines": [], "amount": None, "expected_close": None}.get(field, "")
    draft = drafted(acme, **{field: empty})
    assert list(refused(actions.submit, by=seller(acme), registration=draft)) == [field]
    assert fresh(draft).state == "draft"


def test_a_web_domain_is_not_asked_for(acme):
    assert submitted(acme, domain="").state == "submitted"


def test_the_policy_refuses_small_ones_in_any_currency(acme):
    ruled(minimum="10000")
    CurrencyRate.objects.create(on="2020-01-01", currency="EUR", rate="1.25")
    assert submitted(acme, amount=Decimal(8000), currency="EUR").state == "submitted"
    draft = drafted(acme, amount=Decimal("7999.99"), currency="EUR")
    assert "10000 USD" in refused(actions.submit, by=seller(acme), registration=draft)["amount"][0]


def test_without_a_rate_it_can_not_be_held_against_a_minimum(acme):
    ruled(minimum="10000")
    draft = drafted(acme, amount=Decimal(1), currency="JPY")
    (said,) = refused(actions.submit, by=seller(acme), registration=draft)["currency"]
    assert "JPY" in said
    assert date_format(today(), "SHORT_DATE_FORMAT") in said
    ruled()
    assert actions.submit(by=seller(acme), registration=draft).state == "submitted"


def test_the_policy_refuses_tenders_and_more_than_there_are_slots(acme):
    ruled(rfp="refused", slots=1)
    assert "is_rfp" in refused(submitted, acme, is_rfp=True)
    first = submitted(acme)
    assert "__all__" in refused(submitted, acme, customer_name="Fabrikam", domain="")
    submitted(acme, acme.partner_b, customer_name="Fabrikam", domain="")
    actions.withdraw(by=seller(acme), registration=first, reason="Wrong customer")
    assert submitted(acme, customer_name="Tailspin", domain="").state == "submitted"


def test_an_expected_close_that_has_passed_is_refused(acme):
    draft = drafted(acme, expected_close=today() - dt.timedelta(days=1))
    assert "expected_close" in refused(actions.submit, by=seller(acme), registration=draft)


def test_returned_and_sent_again_in_time_it_keeps_its_place(acme, operations):
    made = submitted(acme)
    actions.give_back(by=operations, registration=made, reason="Which site?")
    kept = actions.save_draft(by=seller(acme), partner=acme.partner_a, registration=made, values={"need": "Site Bonn"})
    again = actions.submit(by=seller(acme), registration=kept)
    assert again.submitted_at == made.submitted_at
    assert again.decide_by >= made.decide_by
    assert (again.reason, again.decided_by, kinds(made)) == ("", None, ["submitted", "returned", "resubmitted"])
    assert made.steps.get(kind="resubmitted").details == {"keeps_place": True}


def test_sent_again_too_late_it_comes_after_the_others(acme, operations):
    made = submitted(acme)
    actions.give_back(by=operations, registration=made, reason="Which site?")
    other = submitted(acme, acme.partner_b)
    assert fresh(other).flag == "flagged"  # a returned one holds its customer
    Registration.everything.filter(pk=made.pk).update(place_until=timezone.now() - HOUR)
    again = actions.submit(by=seller(acme), registration=made)
    actions.check(made.pk)
    assert again.submitted_at > other.submitted_at
    assert (fresh(made).flag, fresh(other).flag) == ("flagged", "clear")
    conflict = Conflict.everything.get()
    assert (conflict.registration, conflict.other) == (made, other)


@pytest.mark.parametrize("typed", ["customer", "products"])
def test_returned_and_made_another_it_loses_its_place(acme, operations, typed):
    made = submitted(acme)
    behind = submitted(acme, acme.partner_b)
    assert fresh(behind).flag == "flagged"
    actions.give_back(by=operations, registration=made, reason="Which site?")
    values = {"customer_name": "Globomantics", "domain": "globomantics.example"}
    values = values if typed == "customer" else {"product_lines": [line(), line("printers")]}
    kept = actions.save_draft(by=seller(acme), partner=acme.partner_a, registration=made, values=values)
    assert (fresh(behind).flag, kept.place_until) == ("clear", None)
    actions.submit(by=seller(acme), registration=kept)
    actions.check(made.pk)
    assert fresh(made).submitted_at > behind.submitted_at
    assert made.steps.get(kind="resubmitted").details == {"keeps_place": False}
    assert (fresh(made).flag, fresh(behind).flag) == ("flagged" if typed == "products" else "clear", "clear")


def test_a_place_comes_after_all_others_also_where_the_clock_was_put_back(acme):
    made = submitted(acme)
    ahead = timezone.now() + dt.timedelta(days=1)
    Registration.everything.filter(pk=made.pk).update(submitted_at=ahead)
    assert submitted(acme, acme.partner_b).submitted_at > ahead


def test_once_submitted_it_is_changed_no_more(acme):
    for made in (submitted(acme), approved(acme, customer_name="Fabrikam", domain="")):
        with pytest.raises(Closed), transaction.atomic():
            actions.save_draft(by=seller(acme), partner=acme.partner_a, registration=made, values={"need": "More"})


def test_what_happened_is_not_rewritten(acme):
    step = Step.everything.get(registration=submitted(acme))
    step.reason = "Other"
    with pytest.raises(TypeError):
        step.save()


def test_the_database_holds_to_it_too(acme):
    made = submitted(acme)
    for wrong in ({"submitted_at": None}, {"state": "approved"}, {"state": "rejected"}, {"amount": Decimal(-1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Registration.everything.filter(pk=made.pk).update(**wrong)


# ── Made of a lead or a target ───────────────────────────────────────────────────────────────────────────────────────


def lead_of(acme, partner):
    source = LeadSource.objects.get_or_create(key="web", defaults={"name": "Web"})[0]
    now = timezone.now()
    return Lead.everything.create(
        company="Contoso GmbH", source=source, score=50, grade="B", holder="partner", partner=partner, state="qualified",
        accepted_at=now, contacted_at=now, qualified_at=now, created_at=now,
    )  # fmt: skip


def test_nobody_makes_one_of_anothers_lead(acme):
    lead = lead_of(acme, acme.partner_b)
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.save_draft(by=seller(acme), partner=acme.partner_a, values=values(), lead=lead)


def test_a_lead_becomes_a_registration_and_then_a_deal(acme, operations, told):
    lead = lead_of(acme, acme.partner_a)
    made = actions.save_draft(by=seller(acme), partner=acme.partner_a, values=values(), lead=lead)
    lead.refresh_from_db()
    assert lead.state == "qualified"
    actions.submit(by=seller(acme), registration=made)
    lead.refresh_from_db()
    assert (lead.state, lead.deal) == ("converted", None)
    done = actions.approve(by=operations, registration=made, reason="Fits")
    lead.refresh_from_db()
    assert lead.deal == done.deal


@pytest.mark.parametrize("end", ["reject", "withdraw", "withdraw_returned"])
def test_a_lead_whose_registration_came_to_nothing_is_worked_on_again(acme, operations, told, end):
    LeadCapacity.objects.create(partner=acme.partner_a, capacity=0)  # it has had its place before
    lead = lead_of(acme, acme.partner_a)
    made = actions.save_draft(by=seller(acme), partner=acme.partner_a, values=values(), lead=lead)
    actions.submit(by=seller(acme), registration=made)
    if end != "withdraw":
        decide = actions.reject if end == "reject" else actions.give_back
        decide(by=operations, registration=made, reason="Not new")
    if end != "reject":
        actions.withdraw(by=seller(acme), registration=made, reason="They bought")
    lead.refresh_from_db()
    assert (lead.state, lead.closed_at, lead.partner) == ("qualified", None, acme.partner_a)
    again = actions.save_draft(by=seller(acme), partner=acme.partner_a, values=values(), lead=lead)
    actions.submit(by=seller(acme), registration=again)
    done = actions.approve(by=operations, registration=again, reason="Fits")
    actions.withdraw(by=seller(acme), registration=done, reason="Too late")
    lead.refresh_from_db()
    assert (lead.state, lead.deal) == ("converted", done.deal)  # it has become a deal, which stays


def test_a_lead_with_another_registration_under_way_stays_as_it_is(acme, operations, told):
    lead = lead_of(acme, acme.partner_a)
    drafts = [
        actions.save_draft(by=seller(acme), partner=acme.partner_a, values=values(), lead=lead) for _twice in range(2)
    ]
    for draft in drafts:
        actions.submit(by=seller(acme), registration=draft)
    actions.reject(by=operations, registration=drafts[0], reason="Twice")
    lead.refresh_from_db()
    assert lead.state == "converted"


def test_what_is_changed_of_a_returned_one_can_be_traced(acme, operations, told):
    made = submitted(acme)
    assert not AuditEntry.objects.filter(verb="registration.changed").exists()
    actions.give_back(by=operations, registration=made, reason="Which site?")
    typed = {"need": "Site Bonn", "product_lines": [line("storage")]}
    actions.save_draft(by=seller(acme), partner=acme.partner_a, registration=made, values=typed)
    entry = AuditEntry.objects.get(verb="registration.changed")
    assert (entry.actor_id, entry.target_id) == (seller(acme).pk, str(made.pk))
    assert entry.changes == {"need": ["Replaces its servers", "Site Bonn"], "product_lines": ["Servers", "Storage"]}


def test_a_lead_that_went_elsewhere_meanwhile_stays_there(acme, operations, told):
    lead = lead_of(acme, acme.partner_a)
    made = actions.save_draft(by=seller(acme), partner=acme.partner_a, values=values(), lead=lead)
    Lead.everything.filter(pk=lead.pk).update(partner=acme.partner_b)
    actions.submit(by=seller(acme), registration=made)
    done = actions.approve(by=operations, registration=made, reason="Fits")
    lead.refresh_from_db()
    assert (done.state, lead.state, lead.deal) == ("approved", "qualified", None)


def test_one_under_way_shows_in_the_cell_of_the_account_plan(acme, operations, told):
    customer = Customer.everything.create(partner=acme.partner_a, name="Contoso")
    made = submitted(acme)
    names = {customer.pk: customer.name_key}
    (one,) = cells.registrations(seller(acme), acme.partner_a, names)
    assert (one.customer, one.line, one.name) == (customer.pk, line().pk, made.reference)
    assert not list(cells.registrations(seller(acme), acme.partner_a, {customer.pk: "fabrikam"}))
    actions.approve(by=operations, registration=made, reason="Fits")  # from now on it is its deal
    assert not list(cells.registrations(seller(acme), acme.partner_a, names))
