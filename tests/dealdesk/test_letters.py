"""What people are told of registrations, and the links by which they act without signing in."""

import datetime as dt
import re

import pytest
from django.core import mail as outbox

from accounts.models import SignedLink
from accounts.permissions import Role
from dealdesk import actions, inviting
from dealdesk.letters import REGISTER
from dealdesk.models import Registration
from dealdesk.refusals import NotAllowed
from partners import actions as partners
from partners.models import Partner
from prm.common.models import Notification, OutgoingMail
from prm.common.vendor import today
from tests.dealdesk.making import approved, fresh, seller, submitted
from tests.dealdesk.test_pages import text, typed

pytestmark = pytest.mark.django_db


def mails(user) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(to=user.email).order_by("pk"))


def last(user) -> OutgoingMail:
    return mails(user)[-1]


def link(mail: OutgoingMail) -> str:
    """The path of the signed link in a mail."""
    found = re.search(r"https?://[^/]+(/l/\S+)", mail.text)
    assert found, mail.text
    return found[1]


@pytest.fixture
def nobody(client_for):
    """A browser in which nobody is signed in."""
    return client_for()


def test_a_submission_is_confirmed_and_asks_those_who_decide(acme, operations):
    made = submitted(acme)
    (received,) = mails(seller(acme))
    assert received.subject == f"{made.reference} is submitted: Contoso GmbH"
    assert "You have an answer by" in received.text
    assert "/l/" not in received.text
    assert "To decide: " + acme.partner_a.name in last(operations).subject
    assert mails(acme.users[Role.CAM]) == []
    assert outbox.outbox == []
    assert Notification.objects.filter(user=seller(acme), url=f"/portal/registrations/{made.pk}/").count() == 1


def test_the_submitters_mail_differs_by_one_sentence_whoever_the_other_is(acme):
    submitted(acme, acme.partner_b)
    flagged = submitted(acme)
    free = submitted(acme, customer_name="Contoso Ltd", domain="elsewhere.example", country="FR")
    assert (flagged.flag, free.flag) == ("flagged", "clear")
    texts = []
    for made, mail in zip((flagged, free), mails(seller(acme)), strict=True):
        said = mail.text + mail.html
        for word in (made.reference, made.customer_name, f"/{made.pk}/"):
            said = said.replace(word, "·")
        texts.append(" ".join(said.split()))
    sentence = "A registration may already exist."
    assert sentence in texts[0]
    assert acme.partner_b.name not in texts[0]
    assert " ".join(texts[0].replace(f"<p>{sentence}</p>", "").replace(sentence, "").split()) == texts[1]


def test_by_the_mailed_link_it_is_decided_but_not_by_opening_it(acme, operations, nobody):
    made = submitted(acme)
    page = nobody.get(link(last(operations)), follow=True)
    assert page.status_code == 200
    assert "Approve" in text(page)
    assert fresh(made).state == "submitted"
    done = nobody.post(f"/registrations/{made.pk}/decide/", {"decision": "approve", "reason": "It fits"}, follow=True)
    assert "There is nothing to decide: Approved." in text(done)
    assert (fresh(made).state, fresh(made).decided_by) == ("approved", operations)
    assert nobody.get(f"/registrations/{made.pk}/").status_code == 302  # the link opens this one page


def test_each_decision_reaches_the_partner_with_its_reason(acme, operations):
    own = seller(acme)
    made = submitted(acme)
    actions.give_back(by=operations, registration=made, reason="Which branch?")
    assert (last(own).subject[:11], "Which branch?" in last(own).text) == ("To complete", True)
    assert "keeps its place" in last(own).text
    made = actions.submit(by=own, registration=made)
    actions.check(made.pk)
    actions.approve(by=operations, registration=made, reason="It fits")
    assert last(own).subject == "Approved: Contoso GmbH is yours"
    assert "It is protected until" in last(own).text
    other = submitted(acme, customer_name="Another one", domain="another.example")
    actions.reject(by=operations, registration=other, reason="Not for us")
    assert "Not approved" in last(own).subject
    assert "Not for us" in last(own).html


def test_an_override_is_told_to_both_sides_and_names_nobody(acme, operations):
    first = submitted(acme, acme.partner_b)
    second = submitted(acme)
    actions.approve(by=operations, registration=second, reason="They won it", override=True)
    winner, loser = seller(acme), seller(acme, acme.partner_b)
    assert "decided against the rules" in last(winner).text
    assert "was approved although yours was first" in last(loser).text
    assert acme.partner_a.name not in last(loser).text + last(loser).html
    assert acme.partner_b.name not in last(winner).text + last(winner).html
    assert first.reference in last(loser).text


def test_the_reminder_renews_by_its_link_where_something_has_moved(acme, nobody):
    made = approved(acme, days=14)
    actions.remind(on=today())
    assert "/l/" not in last(seller(acme)).text
    assert "Nothing has moved lately" in last(seller(acme)).text
    actions.offer_proof(by=seller(acme), registration=made, text="The trial runs")
    actions.accept_proof(by=acme.users[Role.CAM], registration=made, reason="Seen")
    actions.remind(on=today() + dt.timedelta(days=11))
    mail = last(seller(acme))
    page = nobody.get(link(mail), follow=True)
    assert "Renew the protection" in text(page)
    assert fresh(made).renewals == 0
    done = nobody.post(f"/portal/registrations/{made.pk}/renew/", follow=True)
    assert "Protected until" in text(done)
    assert fresh(made).renewals == 1
    nobody.post(f"/portal/registrations/{made.pk}/renew/")
    assert fresh(made).renewals == 1


def test_what_is_late_goes_to_those_who_decide_again_and_what_has_ended_to_the_partner(acme, operations):
    made = submitted(acme)
    before = len(mails(operations))
    actions.escalate(at=made.decide_by + dt.timedelta(days=7))
    assert len(mails(operations)) == before + 1
    assert "Not decided in time" in last(operations).subject
    over = approved(acme, customer_name="Another one", domain="another.example", days=-1)
    actions.expire(on=today())
    assert fresh(over).state == "expired"
    assert "has ended" in last(seller(acme)).subject


def test_the_other_side_hears_by_the_bell(acme):
    made = approved(acme)
    actions.release(by=seller(acme), registration=made)
    line = Notification.objects.filter(user=acme.users[Role.CAM]).latest("pk")
    assert line.text.startswith("Released: ")
    assert line.url == f"/registrations/{made.pk}/"


# ── Registering by a mailed link ─────────────────────────────────────────────────────────────────────────────────────


def invited(acme, client_for, **changes) -> OutgoingMail:
    cam = client_for(acme.users[Role.CAM])
    address = f"/partners/{acme.partner_a.pk}/registrations/invite/"
    response = cam.post(address, {"person": f"user-{seller(acme).pk}", "message": "Whenever you like", **changes})
    assert response.status_code == 302
    return OutgoingMail.objects.latest("pk")


def test_by_the_cams_link_a_deal_is_registered_without_signing_in(acme, client_for, nobody):
    mail = invited(acme, client_for)
    assert "Whenever you like" in mail.text
    address = f"/portal/registrations/by-link/{acme.partner_a.pk}/"
    page = nobody.get(link(mail), follow=True)
    assert page.redirect_chain[-1][0] == address
    refused = nobody.post(address, typed(need=""))
    assert refused.status_code == 422
    done = nobody.post(address, typed(), follow=True)
    made = Registration.everything.get()
    assert f"{made.reference} is submitted" in text(done)
    assert (made.channel, made.created_by, made.state) == ("link", seller(acme), "submitted")
    assert nobody.get("/portal/registrations/").status_code == 302
    assert nobody.get(f"/portal/registrations/by-link/{acme.partner_b.pk}/").status_code == 404


def test_a_contact_who_is_no_user_is_invited_by_it(acme, client_for, nobody):
    cam = acme.users[Role.CAM]
    contact = partners.add_contact(by=cam, partner=acme.partner_a, name="Nia Okafor", email="nia@northwind.example")
    mail = invited(acme, client_for, person=f"contact-{contact.pk}")
    assert mail.to == "nia@northwind.example"
    nobody.get(link(mail))
    nobody.post(f"/portal/registrations/by-link/{acme.partner_a.pk}/", typed())
    assert Registration.everything.get().created_by.name == "Nia Okafor"


def test_nobody_of_another_partner_gets_the_link(acme, client_for):
    stranger = seller(acme, acme.partner_b)
    cam = client_for(acme.users[Role.CAM])
    address = f"/partners/{acme.partner_a.pk}/registrations/invite/"
    assert cam.post(address, {"person": f"user-{stranger.pk}"}).status_code == 422
    partner = Partner.objects.unscoped("test").get(pk=acme.partner_a.pk)
    with pytest.raises(NotAllowed):
        inviting.invite(by=acme.users[Role.CAM], partner=partner, whom=stranger)
    assert not SignedLink.objects.filter(purpose=REGISTER).exists()
