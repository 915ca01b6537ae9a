"""Partners pass from one CAM to another: what goes along, what the new one finds, and who may do it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.permissions import Role
from cadence import actions
from cadence.handover import goes_along
from cadence.models import DueItem, Handover
from partners.actions import add_action, add_touch
from partners.models import Action, Partner, Placement
from prm.common.models import AuditEntry, OutgoingMail
from prm.common.vendor import today
from scorecards.actions import invite_partner_to_self_score, start_assessment
from scorecards.models import Assessment
from scorecards.queries import published


@pytest.fixture
def work(acme):
    """Partner A with something of everything under way with its CAM."""
    partner, cam = acme.partner_a, acme.users[Role.CAM]
    day = today()
    span = {"starts_on": day.replace(day=1), "ends_on": day, "due_on": day, "period": f"{day:%Y-%m}"}
    for task in ("capabilities", "satisfaction"):
        DueItem.everything.create(partner=partner, task=task, **span)
    add_touch(by=cam, partner=partner, on=day, kind="call", note="Talked about the new line", people="Ana Berg")
    mine = add_action(by=cam, partner=partner, title="Send the price list", owner=cam, due_on=day)
    theirs = add_action(by=cam, partner=partner, title="Name a sponsor", owner=acme.users_a[Role.PARTNER_SELLER])
    closed = add_action(by=cam, partner=partner, title="Old", owner=cam)
    Action.everything.filter(pk=closed.pk).update(status="done", closed_at="2026-01-01T00:00Z")
    draft = start_assessment(partner=partner, version=published()[0], mode="cam", by=cam)
    for kind in ("capability", "satisfaction"):
        invite_partner_to_self_score(
            partner=partner, version=published(kind)[0], user=acme.users_a[Role.PARTNER_SELLER],
            by=acme.users[Role.OPERATIONS],
        )  # fmt: skip
    return {"mine": mine, "theirs": theirs, "closed": closed, "draft": draft}


def hand(acme, *partners, to=None, by=None, note="They want a discount"):
    rows = Partner.objects.unscoped("test").filter(pk__in=[partner.pk for partner in partners])
    return actions.hand_over(by=by or acme.users[Role.OPERATIONS], partners=rows, to=to or acme.cam_b, note=note)


def test_the_open_work_goes_along_and_only_what_was_the_old_cams_changes_hands(acme, work):
    cam, new = acme.users[Role.CAM], acme.cam_b
    before = {row.pk for row in AuditEntry.objects.all()}
    [kept] = hand(acme, acme.partner_a)
    acme.partner_a.refresh_from_db()
    assert acme.partner_a.cam == new
    assert Placement.everything.filter(partner=acme.partner_a, cam=new, starts_on=today()).exists()
    owners = {name: Action.everything.get(pk=work[name].pk).owner for name in ("mine", "theirs", "closed")}
    assert owners == {"mine": new, "theirs": acme.users_a[Role.PARTNER_SELLER], "closed": cam}
    assert Assessment.everything.get(pk=work["draft"].pk).started_by == new
    logged = AuditEntry.objects.exclude(pk__in=before)
    assert {(row.verb, row.target_id) for row in logged} == {
        ("partner.moved", str(acme.partner_a.pk)),
        ("action.handed_over", str(work["mine"].pk)),
        ("assessment.handed_over", str(work["draft"].pk)),
    }
    assert (kept.from_cam, kept.to_cam, kept.by, kept.note) == (
        cam,
        new,
        acme.users[Role.OPERATIONS],
        "They want a discount",
    )
    mail = OutgoingMail.objects.get(to=new.email)
    assert "They want a discount" in mail.text
    assert f"/handovers/{kept.pk}/" in mail.text
    assert new.notifications.get().url == f"/handovers/{kept.pk}/"


def test_the_summary_says_what_was_open_that_day_and_stays_so(acme, work, client_for):
    [kept] = hand(acme, acme.partner_a)
    Action.everything.filter(pk=work["mine"].pk).update(title="Something else")
    DueItem.everything.all().delete()
    page = client_for(acme.cam_b).get(f"/handovers/{kept.pk}/").content.decode()
    for words in ("Send the price list", "Name a sponsor", "Talked about the new line", "Ana Berg", "They want a discount",
                  "Capabilities scorecard", acme.users_a[Role.PARTNER_SELLER].display_name):  # fmt: skip
        assert words in page, words
    assert "Satisfaction" not in page  # not the CAM's to know that it is asked
    assert "Old" not in page
    listed = client_for(acme.cam_b).get("/handovers/").content.decode()
    assert acme.partner_a.name in listed
    assert client_for(acme.users[Role.CAM]).get(f"/handovers/{kept.pk}/").status_code == 404


def test_what_goes_along_is_read_in_so_many_queries_whatever_the_number(acme, work, django_assert_num_queries):
    both = list(Partner.everything.select_related("cam").order_by("pk"))
    with django_assert_num_queries(5):
        [goes] = goes_along(both[:1])
    assert [item.task for item in goes.items] == ["capabilities"]
    assert goes.own_actions == [work["mine"]]
    assert goes.drafts == [work["draft"]]
    assert [row.mode for row in goes.asked] == ["self"]
    with django_assert_num_queries(5):
        assert len(goes_along(both)) == 2


def test_only_a_cam_gets_partners_and_only_those_who_assign_hand_them_over(acme):
    with pytest.raises(PermissionDenied):
        hand(acme, acme.partner_a, by=acme.users[Role.CAM])
    with pytest.raises(ValidationError, match="Choose a CAM"):
        hand(acme, acme.partner_a, to=acme.users[Role.MARKETING])
    with pytest.raises(ValidationError, match="already"):
        hand(acme, acme.partner_b, to=acme.cam_b)
    assert len(hand(acme, acme.partner_a, acme.partner_b)) == 1  # the one that isn't theirs yet
    assert not Handover.everything.filter(partner=acme.partner_b).exists()


def test_a_partner_without_a_cam_can_be_handed_to_one_and_nobodys_actions_stay_nobodys(acme):
    Partner.everything.filter(pk=acme.partner_a.pk).update(cam=None)
    action = Action.everything.create(partner=acme.partner_a, title="Nobody's")
    [kept] = hand(acme, acme.partner_a, note="")
    assert kept.from_cam is None
    assert Action.everything.get(pk=action.pk).owner is None


def test_from_the_list_to_the_new_cam_by_the_pages(acme, work, client_for):
    client = client_for(acme.users[Role.OPERATIONS])
    preview = client.post("/partners/handover/", {"selected": [acme.partner_a.pk]})
    page = preview.content.decode()
    assert "Hand over 1 partner" in page
    assert "Send the price list" in page
    refused = client.post(
        "/partners/handover/", {"selected": [acme.partner_a.pk], "confirmed": "1", "note": "Mind them"}
    )
    assert refused.status_code == 422
    assert "Mind them" in refused.content.decode()
    done = client.post(
        "/partners/handover/",
        {"selected": [acme.partner_a.pk], "confirmed": "1", "cam": acme.cam_b.pk, "note": "Mind them"},
    )
    assert (done.status_code, done["Location"]) == (302, "/handovers/")
    assert Handover.everything.get().note == "Mind them"
    assert Partner.everything.get(pk=acme.partner_a.pk).cam == acme.cam_b


def test_from_the_hub_and_for_all_that_match(acme, client_for):
    client = client_for(acme.users[Role.OPERATIONS])
    assert (
        f"/partners/handover/?partner={acme.partner_a.pk}"
        in client.get(f"/partners/{acme.partner_a.pk}/").content.decode()
    )
    assert acme.partner_a.name in client.get(f"/partners/handover/?partner={acme.partner_a.pk}").content.decode()
    every = client.post("/partners/handover/", {"all_matching": "1", "query": "region=west"}).content.decode()
    assert acme.partner_a.name in every
    assert acme.partner_b.name not in every
    assert client.get("/partners/handover/").status_code == 302
    assert client_for(acme.users[Role.CAM]).get("/partners/handover/").status_code == 403
    assert "Hand over" not in client_for(acme.users[Role.CAM]).get(f"/partners/{acme.partner_a.pk}/").content.decode()


def test_two_hundred_at_a_time(acme, client_for):
    kind = {"partner_type": acme.partner_a.partner_type, "stage": acme.partner_a.stage}
    Partner.everything.bulk_create(Partner(name=f"P{n}", **kind) for n in range(201))
    with pytest.raises(ValidationError, match="200"):
        actions.hand_over(
            by=acme.users[Role.OPERATIONS], partners=Partner.objects.unscoped("test").all(), to=acme.cam_b
        )
    answer = client_for(acme.users[Role.OPERATIONS]).post("/partners/handover/", {"all_matching": "1"}, follow=True)
    assert "At most 200 partners" in answer.content.decode()
