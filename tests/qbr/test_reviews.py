"""A review from its draft to the portal: choices, versions, the meeting, commitments, sharing."""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.permissions import Role
from cadence.models import DueItem
from partners import actions as partner_actions
from partners.models import Action, Contact
from prm.common.models import AuditEntry, Job, Notification, OutgoingMail
from prm.common.vendor import fiscal_calendar, today
from qbr import actions, queries, reading, tasks
from qbr.actions.drafting import usual_quarter
from qbr.content import KEYS
from qbr.frozen import freeze, thaw
from qbr.models import Attendee, Commitment, Qbr, Version
from qbr.refusals import Changed, Closed, NotAllowed
from tests.qbr.making import built, held, in_days, names, people, run
from tests.world import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def qbr(acme, cam):
    return actions.start(partner=acme.partner_a, by=cam)


# ── The draft ──


def test_a_partner_has_one_review_a_quarter_which_is_the_last_that_is_over(acme, cam, qbr):
    over = fiscal_calendar().quarter_of(today()).previous
    assert (qbr.quarter, qbr.starts_on, qbr.ends_on, qbr.state) == (over.key, over.start, over.end, "draft")
    assert actions.start(partner=acme.partner_a, by=cam, quarter=over.key).pk == qbr.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Qbr.objects.create(partner=acme.partner_a, quarter=over.key, starts_on=over.start, ends_on=over.end)


@pytest.mark.parametrize("quarter", ["2019Q1", "2031Q4", "Q4", "2026", "2026-07"])
def test_only_near_quarters_that_began_can_be_reviewed(acme, cam, quarter):
    with pytest.raises(ValidationError) as refused:
        actions.start(partner=acme.partner_a, by=cam, quarter=quarter)
    assert "quarter" in refused.value.message_dict


def test_nobody_begins_one_of_a_partner_out_of_reach(acme, cam):
    with pytest.raises(NotAllowed):
        actions.start(partner=acme.partner_b, by=cam)
    for role in (Role.CHIEF, Role.MARKETING):
        with pytest.raises(NotAllowed):
            actions.start(partner=acme.partner_a, by=acme.users[role])
    with pytest.raises(NotAllowed):
        actions.start(partner=acme.partner_a, by=acme.users_a[Role.PARTNER_CHAMPION])


def test_choices_are_kept_one_by_one_and_go_back_to_what_is_proposed(cam, qbr):
    qbr = actions.change(
        qbr=qbr, by=cam, switched={"appendix": False}, commentary={"pipeline": ["Strong.", "  ", "Go on."]}
    )
    qbr = actions.change(qbr=qbr, by=cam, switched={"leads": True}, order=["performance", "title"])
    assert qbr.switched == {"appendix": False, "leads": True}
    assert qbr.commentary == {"pipeline": ["Strong.", "Go on."]}
    assert qbr.order[:3] == ["performance", "title", "agenda"]
    assert sorted(qbr.order) == sorted(KEYS)
    assert qbr.revision == 2
    qbr = actions.change(qbr=qbr, by=cam, switched={"appendix": None}, commentary={"pipeline": None}, order=[])
    assert (qbr.switched, qbr.commentary, qbr.order) == ({"leads": True}, {}, [])


def test_of_two_who_change_it_at_once_the_second_is_told(cam, qbr):
    actions.change(qbr=qbr, by=cam, switched={"leads": True}, revision=0)
    with pytest.raises(Changed) as told:
        actions.change(qbr=qbr, by=cam, switched={"leads": False}, revision=0)
    assert told.value.current["switched"] == {"leads": True}


@pytest.mark.parametrize(
    "given",
    [
        {"order": ["nothing"]},
        {"switched": {"nothing": True}},
        {"commentary": {"title": ["x"] * 9}},
        {"commentary": {"title": ["x" * 401]}},
        {"chosen": {"losses": []}},
        {"chosen": {"deals": ["1"]}},
        {"chosen": {"deals": [True]}},
        {"chosen": {"wins": ["x"] * 7}},
    ],
)
def test_what_no_slide_takes_is_refused(cam, qbr, given):
    with pytest.raises(ValidationError):
        actions.change(qbr=qbr, by=cam, **given)
    qbr.refresh_from_db()
    assert qbr.revision == 0


def test_the_draft_shows_edited_words_in_the_order_chosen(cam, qbr):
    qbr = actions.change(qbr=qbr, by=cam, commentary={"glance": ["Ours."]}, order=["glance"], switched={"title": False})
    draft = reading.draft(qbr, cam)
    assert draft.lines[0].key == "glance"
    assert draft.lines[0].slide.commentary == ("Ours.",)
    assert draft.lines[0].edited
    assert draft.lines[0].proposed.commentary != ("Ours.",)
    assert "title" not in {slide.key for slide in draft.standing}


# ── Versions ──


def test_a_build_keeps_a_snapshot_that_later_choices_do_not_change(acme, cam):
    first = built(acme, cam)
    assert (first.number, first.kind, first.as_of, first.built_by, first.qbr.state) == (
        1,
        "partner",
        today(),
        cam,
        "built",
    )
    with first.pptx.open("rb") as file, zipfile.ZipFile(io.BytesIO(file.read())) as package:
        assert "ppt/presentation.xml" in package.namelist()
    with first.pdf.open("rb") as file:
        assert file.read(5) == b"%PDF-"
    before = first.content
    actions.change(qbr=first.qbr, by=cam, commentary={"glance": ["Changed since."]})
    second = built(acme, cam)
    first.refresh_from_db()
    assert second.number == 2
    assert first.content == before
    assert "Changed since." not in str(first.content)
    assert "Changed since." in str(second.content)
    assert len(thaw(second.content).slides) == second.slides
    assert freeze(thaw(second.content)) == second.content


def test_a_second_click_waits_for_the_build_under_way(cam, qbr):
    job = actions.build(qbr=qbr, by=cam)
    assert actions.build(qbr=qbr, by=cam) == job
    assert actions.build(qbr=qbr, by=cam, kind="vendor") != job


def test_a_deck_with_every_slide_off_is_not_built_and_says_why(cam, qbr):
    actions.change(qbr=qbr, by=cam, switched=dict.fromkeys(KEYS, False))
    job = run(actions.build(qbr=qbr, by=cam))
    assert job.state == Job.State.FAILED
    assert "switched off" in job.error
    assert not Version.everything.exists()


def test_a_vendor_copy_says_so_and_is_its_builders_alone(acme, cam):
    copy = built(acme, cam, kind="vendor")
    assert copy.content["marked"]
    assert copy.qbr.state == "draft"
    for role in (Role.CHIEF, Role.ADMIN):
        assert not Version.objects.visible_to(acme.users[role]).exists()
    assert Version.objects.visible_to(cam).get() == copy
    copy.shared = True
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save()


def test_a_builder_who_lost_the_partner_builds_nothing(acme, cam, qbr):
    job = actions.build(qbr=qbr, by=cam)
    type(acme.partner_a).everything.filter(pk=acme.partner_a.pk).update(cam=acme.cam_b)
    assert run(job).state == Job.State.FAILED
    assert "out of your reach" in job.error


# ── The meeting ──


def test_only_a_built_review_is_held_and_on_a_day_that_can_be(acme, cam, qbr):
    with pytest.raises(Closed):
        actions.hold(qbr=qbr, by=cam, held_on=today(), people=people(cam))
    qbr = built(acme, cam).qbr
    for day in (in_days(1), qbr.starts_on - dt.timedelta(days=1)):
        with pytest.raises(ValidationError) as refused:
            actions.hold(qbr=qbr, by=cam, held_on=day, people=people(cam))
        assert "held_on" in refused.value.message_dict


def test_both_sides_are_there_and_nobody_of_another_partner(acme, cam):
    qbr = built(acme, cam).qbr
    other = Contact.everything.create(partner=acme.partner_b, name="Not theirs")
    stranger = acme.users_b[Role.PARTNER_SELLER]
    for wrong in (
        people(cam)[:1],
        people(cam)[1:],
        [*people(cam), actions.Person("partner", contact=other)],
        [*people(cam), actions.Person("partner", user=stranger)],
        [*people(cam), actions.Person("vendor", user=acme.users_a[Role.PARTNER_SELLER])],
        [*people(cam), actions.Person("vendor", user=stranger)],
    ):
        with pytest.raises(ValidationError):
            actions.hold(qbr=qbr, by=cam, held_on=today(), people=wrong)
    assert not Attendee.everything.exists()


def test_holding_it_makes_commitments_actions_once_and_corrections_keep_them(acme, cam):
    qbr = built(acme, cam).qbr
    seller = acme.users_a[Role.PARTNER_SELLER]
    actions.commit(qbr=qbr, by=cam, side="partner", owner=seller, text="Train two engineers", due_on=in_days(40))
    actions.commit(qbr=qbr, by=cam, side="vendor", owner_name="Our lawyer", text="Send the contract", due_on=in_days(9))
    assert not Action.everything.filter(origin="qbr").exists()
    actions.hold(qbr=qbr, by=cam, held_on=today(), people=people(cam))
    actions.hold(qbr=qbr, by=cam, held_on=in_days(-1), people=[*people(cam), actions.Person("partner", user=seller)])
    made = Action.everything.filter(origin="qbr").order_by("pk")
    assert [(each.title, each.owner, each.due_on, each.shared, each.origin_id) for each in made] == [
        ("Train two engineers", seller, in_days(40), True, qbr.pk),
        ("Send the contract", None, in_days(9), True, qbr.pk),
    ]
    assert "Our lawyer" in made[1].detail
    qbr.refresh_from_db()
    assert (qbr.state, qbr.held_on) == ("held", in_days(-1))
    assert names(qbr) == {cam.display_name, "Pat Example", seller.display_name}
    later = actions.commit(qbr=qbr, by=cam, side="vendor", owner=cam, text="Call in May", due_on=in_days(60))
    assert later.action is not None
    assert later.action.owner == cam


def test_a_commitment_is_changed_until_it_is_an_action(acme, cam, qbr):
    row = actions.commit(qbr=qbr, by=cam, side="vendor", owner=cam, text="Visit", due_on=in_days(9))
    row = actions.change_commitment(commitment=row, by=cam, text="Visit twice")
    assert row.text == "Visit twice"
    gone = actions.commit(qbr=qbr, by=cam, side="vendor", owner=cam, text="Nothing", due_on=in_days(9))
    actions.remove_commitment(commitment=gone, by=cam)
    qbr = built(acme, cam).qbr
    actions.hold(qbr=qbr, by=cam, held_on=today(), people=people(cam))
    with pytest.raises(Closed):
        actions.change_commitment(commitment=row, by=cam, text="Visit never")
    with pytest.raises(Closed):
        actions.remove_commitment(commitment=row, by=cam)
    assert Commitment.everything.get().text == "Visit twice"


@pytest.mark.parametrize("wrong", [{"text": " "}, {"text": "x" * 251}, {"side": "both"}, {"owner": None}, {"due_on": dt.date(2099, 1, 1)}])  # fmt: skip
def test_a_commitment_says_who_what_and_by_when(cam, qbr, wrong):
    given = {"side": "vendor", "owner": cam, "text": "Visit", "due_on": in_days(9)}
    with pytest.raises(ValidationError):
        actions.commit(qbr=qbr, by=cam, **{**given, **wrong})


def test_an_owner_is_of_the_side_named_and_never_of_another_partner(acme, cam, qbr):
    for side, owner in (("partner", cam), ("vendor", acme.users_a[Role.PARTNER_SELLER]), ("partner", acme.users_b[Role.PARTNER_SELLER])):  # fmt: skip
        with pytest.raises(ValidationError):
            actions.commit(qbr=qbr, by=cam, side=side, owner=owner, text="Visit", due_on=in_days(9))


def test_what_was_agreed_returns_in_the_next_quarter_and_only_if_it_was_held(acme, cam):
    earlier = usual_quarter().previous
    before = actions.start(partner=acme.partner_a, by=cam, quarter=earlier.key)
    actions.commit(qbr=before, by=cam, side="vendor", owner=cam, text="Visit", due_on=in_days(9))
    assert queries.agreed_before(acme.partner_a, usual_quarter()) == []
    run(actions.build(qbr=before, by=cam))
    actions.hold(qbr=before, by=cam, held_on=today(), people=people(cam))
    assert [row.text for row in queries.agreed_before(acme.partner_a, usual_quarter())] == ["Visit"]
    assert queries.agreed_before(acme.partner_a, earlier) == []
    assert queries.agreed_before(acme.partner_b, usual_quarter()) == []


def test_holding_it_closes_what_the_cadence_asks_for(acme, cam, django_capture_on_commit_callbacks):
    quarter = fiscal_calendar().quarter_of(today())
    item = DueItem.everything.create(
        partner=acme.partner_a, task="qbr", period=quarter.key, starts_on=quarter.start, ends_on=quarter.end, due_on=quarter.end
    )  # fmt: skip
    version = built(acme, cam)
    item.refresh_from_db()
    assert item.state == "open", "a deck that was built alone is no review"
    with django_capture_on_commit_callbacks(execute=True):
        actions.hold(qbr=version.qbr, by=cam, held_on=today(), people=people(cam))
    item.refresh_from_db()
    assert (item.state, item.done_on) == ("done", today())


# ── Shared ──


def test_the_partner_sees_the_one_version_that_was_shared_after_the_meeting(acme, cam):
    champion = acme.users_a[Role.PARTNER_CHAMPION]
    first = built(acme, cam)
    with pytest.raises(Closed):
        actions.share(qbr=first.qbr, by=cam)
    assert not Qbr.objects.visible_to(champion).exists()
    actions.hold(qbr=first.qbr, by=cam, held_on=today(), people=people(cam))
    assert not Qbr.objects.visible_to(champion).exists(), "held isn't shared"
    actions.share(qbr=first.qbr, by=cam)
    second = built(acme, cam)
    assert Version.objects.visible_to(champion).get() == first
    actions.share(qbr=first.qbr, by=cam, version=second)
    assert Version.objects.visible_to(champion).get() == second
    assert not Version.objects.visible_to(acme.users_b[Role.PARTNER_CHAMPION]).exists()
    actions.unshare(qbr=first.qbr, by=cam)
    assert not Version.objects.visible_to(champion).exists()
    assert not Qbr.objects.visible_to(champion).exists()


def test_a_vendor_copy_is_never_shared(acme, cam):
    qbr = held(acme, cam)
    copy = built(acme, cam, kind="vendor")
    with pytest.raises(NotAllowed):
        actions.share(qbr=qbr, by=cam, version=copy)
    assert actions.share(qbr=qbr, by=cam).kind == "partner", "the newest for the partner"


def test_mail_goes_to_users_of_the_partner_alone_with_a_link(acme, cam):
    qbr, champion = held(acme, cam), acme.users_a[Role.PARTNER_CHAMPION]
    with pytest.raises(ValidationError):
        actions.share(qbr=qbr, by=cam, to=[acme.users_b[Role.PARTNER_CHAMPION]])
    actions.share(qbr=qbr, by=cam, to=[champion], message="Thank you for the day.")
    mail = OutgoingMail.objects.filter(to=champion.email).latest("pk")
    assert "Thank you for the day." in mail.text
    assert champion.signed_links.filter(purpose="qbr.read", target_id=str(qbr.pk)).exists()
    assert Notification.objects.filter(user=champion, url__contains=f"/portal/qbr/{qbr.pk}/").exists()


def test_everything_is_written_down(acme, cam):
    qbr = held(acme, cam)
    actions.share(qbr=qbr, by=cam)
    verbs = set(AuditEntry.objects.filter(target_type="qbr.Qbr").values_list("verb", flat=True))
    assert {"qbr.started", "qbr.built", "qbr.held", "qbr.shared"} <= verbs


# ── People and files that go ──


def test_a_review_outlives_the_people_in_it(acme, cam):
    """Who leaves, or is erased, takes nothing along that was agreed: the review refers to people, and doesn't hang on them."""
    gone = make_user(acme, "gone", Role.CAM)
    seller = make_user(acme, "gone_seller", Role.PARTNER_SELLER, partner=acme.partner_a)
    contact = Contact.everything.create(partner=acme.partner_a, name="Carl Contact")
    type(acme.partner_a).everything.filter(pk=acme.partner_a.pk).update(cover=gone)
    version = built(acme, gone)
    qbr = version.qbr
    actions.commit(qbr=qbr, by=gone, side="partner", owner=seller, text="Train two engineers", due_on=in_days(9))
    there = [
        actions.Person("vendor", user=gone),
        actions.Person("partner", user=seller),
        actions.Person("partner", contact=contact),
    ]
    actions.hold(qbr=qbr, by=gone, held_on=today(), people=there)
    actions.share(qbr=qbr, by=gone, to=[seller])
    type(acme.partner_a).everything.filter(pk=acme.partner_a.pk).update(cover=None)
    partner_actions.remove_contact(by=cam, contact=contact)
    Attendee.everything.filter(user__in=[gone, seller]).update(name="Erased person")  # as whoever erases finds them
    seller.delete()
    gone.delete()
    qbr.refresh_from_db()
    version.refresh_from_db()
    assert (qbr.state, qbr.held_on, qbr.held_by, qbr.shared_by, qbr.created_by) == ("shared", today(), None, None, None)
    assert (version.built_by, version.shared) == (None, True)
    assert sorted(Attendee.everything.values_list("name", "user", "contact")) == [
        ("Carl Contact", None, None), ("Erased person", None, None), ("Erased person", None, None),
    ]  # fmt: skip
    (row,) = queries.commitments(cam, qbr)
    assert (row.text, row.who, row.owner, row.action.owner) == ("Train two engineers", "", None, None)
    assert version.pptx.storage.exists(version.pptx.name)
    again = run(actions.build(qbr=qbr, by=cam))
    assert again.state == Job.State.DONE, again.error


def test_files_are_the_vendors_under_names_that_say_nothing(acme, cam):
    """So they go with the vendor's folder, when it is exported or deleted, and nobody guesses one."""
    version = built(acme, cam)
    for file in (version.pptx, version.pdf):
        assert f"/{acme.vendor.schema_name}/" in file.path
        assert re.fullmatch(r"qbr/[\w/-]{20,}\.(pptx|pdf)", file.name), file.name
        assert acme.partner_a.name not in file.name


def test_a_build_that_breaks_at_its_end_leaves_no_file_behind(acme, cam, qbr, monkeypatch):
    def breaks(*args, **more):
        raise RuntimeError

    monkeypatch.setattr(tasks.news, "send", breaks)
    folder = Path(settings.MEDIA_ROOT) / acme.vendor.schema_name / "qbr"
    before = set(folder.rglob("*.p*"))
    assert run(actions.build(qbr=qbr, by=cam)).state == Job.State.FAILED
    assert set(folder.rglob("*.p*")) == before
    qbr.refresh_from_db()
    assert (qbr.state, Version.everything.count()) == ("draft", 0)
