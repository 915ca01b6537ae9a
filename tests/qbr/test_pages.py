"""The pages of reviews, by role: from the partner page to a downloaded deck, the portal, settings."""

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts import links
from accounts.permissions import Role
from prm.common.models import Job, Policy
from prm.documents import pptx_template
from qbr import actions
from qbr.actions.drafting import usual_quarter
from qbr.letters import READ_LINK
from qbr.models import Attendee, Commitment, PartnerLogo, Qbr, Template, Version
from tests.qbr.making import built, held, in_days, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def browser(client_for, cam):
    return client_for(cam)


@pytest.fixture
def qbr(acme, cam):
    return actions.start(partner=acme.partner_a, by=cam)


def page(client, name, *args, **query):
    response = client.get(reverse(f"qbr:{name}", args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def file(client, name, *args):
    """What comes as a download."""
    response = client.get(reverse(f"qbr:{name}", args=args))
    assert response.status_code == 200
    content = b"".join(response.streaming_content)
    return content


def test_from_the_partner_page_to_a_deck_are_three_clicks(acme, browser):
    hub = browser.get(acme.partner_a.get_absolute_url()).content.decode()
    tab = reverse("qbr:partner", args=[acme.partner_a.pk])
    assert f'href="{tab}"' in hub
    form = browser.get(tab).content.decode()
    start = reverse("qbr:start", args=[acme.partner_a.pk])
    assert f'action="{start}"' in form
    assert usual_quarter().label in form
    sent = browser.post(start, {"quarter": usual_quarter().key, "build": "1"})
    assert sent.status_code == 302
    waiting = browser.get(sent.url).content.decode()
    assert "hx-get" in waiting
    assert "Waiting for its turn" in waiting
    job = run(Job.objects.get(kind="qbr.build"))
    part = browser.get(sent.url, headers={"HX-Request": "true"}).content.decode()
    file = re.search(r'href="([^"]*/pptx/)"', part)[1]
    assert "hx-get" not in part
    assert job.result_url == reverse("qbr:qbr", args=[Qbr.everything.get().pk])
    deck = browser.get(file)
    assert deck.status_code == 200
    assert "attachment" in deck["Content-Disposition"]
    assert acme.partner_a.name in deck["Content-Disposition"]
    assert "v1.pptx" in deck["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(b"".join(deck.streaming_content))) as package:
        assert "ppt/slides/slide1.xml" in package.namelist()


def test_a_build_that_failed_says_why_and_can_be_tried_again(browser, cam, qbr):
    from qbr.content import KEYS

    actions.change(qbr=qbr, by=cam, switched=dict.fromkeys(KEYS, False))
    run(actions.build(qbr=qbr, by=cam))
    shown = page(browser, "deck", qbr.pk)
    assert "All slides are switched off" in shown
    assert "Build the deck" in shown


def test_the_draft_shows_one_slide_with_its_words_and_the_way_to_the_others(browser, qbr):
    shown = page(browser, "qbr", qbr.pk, slide="glance")
    assert "slide-paper" in shown
    assert 'aria-current="true"' in shown
    here = reverse("qbr:qbr", args=[qbr.pk])
    assert f'href="{here}?slide=title"' in shown
    assert f'href="{here}?slide=appendix"' in shown
    assert "Slide 3 of" in shown
    assert page(browser, "qbr", qbr.pk, slide="nothing")


def test_slides_are_moved_switched_and_put_back(browser, qbr):
    slides = reverse("qbr:slides", args=[qbr.pk])
    browser.post(slides, {"slide": "glance", "move": "up"})
    qbr.refresh_from_db()
    assert qbr.order[:3] == ["title", "glance", "agenda"]
    browser.post(slides, {"slide": "glance", "turn": "off"})
    browser.post(slides, {"order": "appendix,title"})
    qbr.refresh_from_db()
    assert qbr.order[:2] == ["appendix", "title"]
    assert qbr.switched == {"glance": False}
    assert "Put in: " in page(browser, "qbr", qbr.pk)
    browser.post(slides, {"usual": "1"})
    qbr.refresh_from_db()
    assert (qbr.order, qbr.switched) == ([], {})
    assert browser.post(slides, {"order": "nothing"}, follow=True).context["messages"]


def test_commentary_is_edited_refused_and_given_back(browser, qbr):
    said = reverse("qbr:commentary", args=[qbr.pk, "glance"])
    assert browser.post(said, {"lines": "Strong.\n\n Go on."}).status_code == 302
    shown = page(browser, "qbr", qbr.pk, slide="glance")
    assert "Strong." in shown
    assert "Back to what is proposed" in shown
    long = browser.post(said, {"lines": "\n".join(str(n) for n in range(9))})
    assert long.status_code == 422
    assert "8 lines" in long.content.decode()
    browser.post(said, {"lines": "x", "proposed": "1"})
    qbr.refresh_from_db()
    assert qbr.commentary == {}
    assert browser.post(reverse("qbr:commentary", args=[qbr.pk, "nothing"]), {}).status_code == 404


def test_a_commitment_is_added_changed_and_taken_away_on_its_slide(acme, browser, cam, qbr):
    add = reverse("qbr:commit", args=[qbr.pk])
    seller = acme.users_a[Role.PARTNER_SELLER]
    wrong = browser.post(add, {"text": "", "owner": f"u{seller.pk}", "due_on": in_days(9)})
    assert wrong.status_code == 422
    for given in ({"owner": f"u{seller.pk}"}, {"owner": "v", "owner_name": "Our lawyer"}):
        assert browser.post(add, {"text": "Train two engineers", "due_on": in_days(9), **given}).status_code == 302
    first, second = Commitment.everything.order_by("pk")
    assert (first.side, first.owner) == ("partner", seller)
    assert (second.side, second.who) == ("vendor", "Our lawyer")
    assert "Train two engineers" in page(browser, "qbr", qbr.pk, slide="next")
    change = reverse("qbr:commitment", args=[second.pk])
    assert "Our lawyer" in browser.get(change).content.decode()
    browser.post(change, {"text": "Send it", "owner": f"u{cam.pk}", "due_on": in_days(9)})
    second.refresh_from_db()
    assert (second.text, second.owner) == ("Send it", cam)
    browser.post(change, {"remove": "1"})
    assert Commitment.everything.get() == first
    strange = browser.post(
        add, {"text": "x", "owner": f"u{acme.users_b[Role.PARTNER_SELLER].pk}", "due_on": in_days(9)}
    )
    assert strange.status_code == 422


def test_it_is_held_with_people_of_both_sides_and_corrected(acme, browser, cam):
    qbr = built(acme, cam).qbr
    form = reverse("qbr:held", args=[qbr.pk])
    champion = acme.users_a[Role.PARTNER_CHAMPION]
    alone = browser.post(form, {"held_on": in_days(0), "ours": [f"u{cam.pk}"]})
    assert alone.status_code == 422
    assert "partner’s side" in alone.content.decode()
    given = {"held_on": in_days(0), "ours": [f"u{cam.pk}"], "theirs": [f"u{champion.pk}"], "theirs_more": "Pat\nSam"}
    assert browser.post(form, given).status_code == 302
    assert set(Attendee.everything.values_list("name", flat=True)) == {
        cam.display_name,
        champion.display_name,
        "Pat",
        "Sam",
    }
    again = browser.get(form).content.decode()
    assert re.search(rf'value="u{champion.pk}"[^>]*checked', again)
    assert "Pat\nSam" in again
    assert "Held on" in page(browser, "deck", qbr.pk)


def test_sharing_needs_the_meeting_and_the_partner_then_downloads_it(acme, browser, cam, client_for):
    qbr = built(acme, cam).qbr
    share = reverse("qbr:share", args=[qbr.pk])
    assert browser.get(share).status_code == 302
    held(acme, cam)
    champion = acme.users_a[Role.PARTNER_CHAMPION]
    version = Version.everything.filter(qbr=qbr).latest("number")
    portal = client_for(champion)
    theirs = reverse("qbr:portal_qbr", args=[qbr.pk])
    assert portal.get(theirs).status_code == 404
    assert (
        browser.post(share, {"version": version.pk, "to": [str(champion.pk)], "message": "Thanks"}).status_code == 302
    )
    assert f'href="{theirs}"' in page(portal, "portal_list")
    shown = portal.get(theirs).content.decode()
    assert "slide-paper" in shown
    assert "Pat Example" in shown
    assert file(portal, "portal_file", qbr.pk, "pptx")[:2] == b"PK"
    assert file(portal, "portal_file", qbr.pk, "pdf")[:5] == b"%PDF-"
    assert client_for(acme.users_b[Role.PARTNER_CHAMPION]).get(theirs).status_code == 404
    browser.post(reverse("qbr:unshare", args=[qbr.pk]))
    assert portal.get(theirs).status_code == 404


def test_the_link_of_the_mail_opens_that_review_alone_without_a_password(acme, cam, client):
    qbr, champion = held(acme, cam), acme.users_a[Role.PARTNER_CHAMPION]
    actions.share(qbr=qbr, by=cam, to=[champion])
    link = champion.signed_links.get(purpose=READ_LINK)
    client.defaults["HTTP_HOST"] = acme.host
    opened = client.get(reverse("accounts:open_link", args=[links.token(link)]), follow=True)
    assert opened.status_code == 200
    assert "slide-paper" in opened.content.decode()
    assert file(client, "portal_file", qbr.pk, "pptx")[:2] == b"PK"
    assert client.get(reverse("qbr:portal_list")).status_code == 302
    actions.unshare(qbr=qbr, by=cam)
    assert client.get(reverse("qbr:portal_qbr", args=[qbr.pk])).status_code == 404


def test_a_version_is_shown_as_it_was_built_and_a_vendor_copy_to_nobody_else(acme, browser, cam, client_for):
    version = built(acme, cam)
    actions.change(qbr=version.qbr, by=cam, commentary={"glance": ["Changed since."]})
    assert "Changed since." not in page(browser, "version", version.pk)
    copy = built(acme, cam, kind="vendor")
    assert "not for the partner" in page(browser, "version", copy.pk)
    for client in (client_for(acme.users[Role.CHIEF]), client_for(acme.users[Role.ADMIN])):
        assert client.get(reverse("qbr:version", args=[copy.pk])).status_code == 404
        assert client.get(reverse("qbr:file", args=[copy.pk, "pptx"])).status_code == 404
    assert browser.get(reverse("qbr:file", args=[copy.pk, "exe"])).status_code == 404


def test_the_chief_reads_and_changes_nothing(acme, cam, client_for, qbr):
    chief = client_for(acme.users[Role.CHIEF])
    assert "Build the deck" not in page(chief, "qbr", qbr.pk)
    assert chief.post(reverse("qbr:build", args=[qbr.pk])).status_code == 403
    assert chief.get(reverse("qbr:new")).status_code == 403
    assert client_for(acme.users[Role.MARKETING]).get(reverse("qbr:list")).status_code == 403


def test_the_partners_logo_is_a_picture_or_refused(acme, browser):
    logo = reverse("qbr:logo", args=[acme.partner_a.pk])
    wrong = browser.post(logo, {"logo": SimpleUploadedFile("logo.png", b"no picture")})
    assert wrong.status_code == 422
    assert "PNG" in wrong.content.decode()
    file = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(file, "PNG")
    assert browser.post(logo, {"logo": SimpleUploadedFile("logo.png", file.getvalue())}).status_code == 302
    assert PartnerLogo.everything.get().partner == acme.partner_a
    browser.post(logo, {"remove": "1"})
    assert not PartnerLogo.everything.exists()


# ── Settings ──


def test_a_template_is_checked_looked_at_and_put_to_use(acme, client_for):
    admin = client_for(acme.users[Role.ADMIN])
    look = reverse("qbr:look")
    wrong = admin.post(look, {"file": SimpleUploadedFile("own.pptx", b"no presentation")})
    assert wrong.status_code == 422
    assert not Template.objects.exists()
    own = SimpleUploadedFile("own.pptx", pptx_template.BASE.read_bytes())
    assert admin.post(look, {"file": own}).status_code == 302
    found = Template.objects.get()
    assert not found.active
    assert "16:9" in page(admin, "template", found.pk)
    sample = admin.get(reverse("qbr:template_sample", args=[found.pk]))
    assert sample.status_code == 200
    assert sample.content[:2] == b"PK"
    admin.post(reverse("qbr:template_use"), {"template": found.pk})
    assert Template.objects.get().active
    admin.post(reverse("qbr:template_remove", args=[found.pk]))
    assert Template.objects.exists(), "one in use stays"
    assert built(acme, acme.users[Role.CAM]).slides
    admin.post(reverse("qbr:template_use"))
    admin.post(reverse("qbr:template_remove", args=[found.pk]))
    assert not Template.objects.exists()
    assert client_for(acme.users[Role.CAM]).get(look).status_code == 403


def test_the_usual_slides_are_what_drafts_begin_with(acme, browser, client_for, qbr):
    admin, form = client_for(acme.users[Role.ADMIN]), reverse("qbr:slides_policy")
    from qbr.content import KEYS

    given = {f"place_{key}": place for place, key in enumerate(KEYS, 1)} | {f"on_{key}": "on" for key in KEYS}
    given |= {"starts_on": in_days(0), "place_appendix": "1"}
    del given["on_leads"]
    assert admin.post(form, {**given, "starts_on": in_days(-1)}).status_code == 422
    assert admin.post(form, given).status_code == 302
    assert Policy.objects.get(kind="qbr_slides").data["off"] == ["leads"]
    shown = page(browser, "qbr", qbr.pk, slide="leads")
    assert "Not in the file" in shown
    assert shown.index('data-key="appendix"') < shown.index('data-key="agenda"')
