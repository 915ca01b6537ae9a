"""What people do with partners, through the database: what is kept, what is refused, who is told."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from accounts.permissions import Role
from partners import actions
from partners.events import ActionsChanged, PartnerChanged, PartnerMoved
from partners.models import Action, Contact, LifeStage, Partner, PartnerType, Placement, Region, Tier
from prm.common import events
from prm.common.models import AuditEntry
from prm.common.vendor import today

pytestmark = pytest.mark.django_db


@pytest.fixture
def ops(acme):
    return acme.users[Role.OPERATIONS]


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def told(monkeypatch):
    """The events sent."""
    sent = []
    monkeypatch.setattr(events, "send", sent.append)
    return sent


def placements(partner):
    return list(Placement.everything.filter(partner=partner).order_by("starts_on"))


def new_partner(by, **fields):
    fields = {
        "name": "Tailspin Toys Ltd",
        "partner_type": PartnerType.objects.get(key="reseller"),
        "stage": LifeStage.objects.get(key="recruit"),
        **fields,
    }
    return actions.create_partner(by=by, **fields)


def everyone(*partners):
    return Partner.objects.unscoped("test").filter(pk__in=[partner.pk for partner in partners])


# ── Creating and changing ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_partner_has_a_place_in_history_and_in_the_log(ops, told):
    partner = new_partner(ops, region=Region.objects.get(key="west"))
    (place,) = placements(partner)
    assert (place.starts_on, place.stage, place.region, place.by) == (today(), partner.stage, partner.region, ops)
    assert AuditEntry.objects.get(verb="partner.created").partner_id == partner.pk
    assert isinstance(told[0], PartnerChanged)
    assert partner.name_key == "tailspin toys"


def test_a_cam_becomes_cam_of_what_they_add_and_assigns_nobody_else(acme, cam):
    assert new_partner(cam).cam == cam
    for field, value in (("cam", acme.cam_b), ("cover", acme.cam_b), ("tier", Tier.objects.get(key="gold"))):
        with pytest.raises(PermissionDenied):
            new_partner(cam, name="Other", **{field: value})


def test_only_what_was_changed_is_written_and_logged(acme, ops):
    partner = acme.partner_a
    Partner.everything.filter(pk=partner.pk).update(city="Lyon")  # somebody else's work since `partner` was read
    actions.update_partner(by=ops, partner=partner, changes={"name": "Northwind & Sons", "phone": partner.phone})
    partner.refresh_from_db()
    assert (partner.name, partner.city, partner.name_key) == ("Northwind & Sons", "Lyon", "northwind sons")
    entry = AuditEntry.objects.get(verb="partner.changed")
    assert entry.changes == {"name": ["Northwind ACME-A", "Northwind & Sons"]}


def test_changing_nothing_leaves_no_trace(acme, ops, told):
    actions.update_partner(by=ops, partner=acme.partner_a, changes={"name": acme.partner_a.name})
    assert not AuditEntry.objects.filter(verb="partner.changed").exists()
    assert told == []


def test_two_people_at_the_same_field_the_second_is_told(acme, ops):
    partner = acme.partner_a
    seen = {"city": partner.city}
    actions.update_partner(by=ops, partner=partner, changes={"city": "Lyon"}, seen=seen)
    with pytest.raises(actions.Conflict) as conflict:
        actions.update_partner(by=ops, partner=partner, changes={"city": "Leeds"}, seen=seen)
    assert conflict.value.current == {"city": "Lyon"}
    partner.refresh_from_db()
    assert partner.city == "Lyon"


def test_writing_what_the_other_wrote_is_no_conflict(acme, ops):
    for _time in range(2):
        actions.update_partner(by=ops, partner=acme.partner_a, changes={"city": "Lyon"}, seen={"city": ""})
    assert AuditEntry.objects.filter(verb="partner.changed").count() == 1


@pytest.mark.parametrize("field", ["cam", "cover", "tier"])
def test_a_cam_does_not_reassign(acme, cam, field):
    with pytest.raises(PermissionDenied):
        actions.update_partner(
            by=cam, partner=acme.partner_a, changes={field: None if field != "cover" else acme.cam_b}
        )


def test_a_branch_of_a_branch_cannot_be_the_parent(ops, acme):
    top, middle = acme.partner_a, new_partner(ops, parent=acme.partner_a)
    bottom = new_partner(ops, name="Branch", parent=middle)
    for parent in (middle, bottom, top):
        with pytest.raises(ValidationError) as error:
            actions.update_partner(by=ops, partner=top, changes={"parent": parent})
        assert "parent" in error.value.message_dict or parent == top
    top.refresh_from_db()
    assert top.parent is None


def test_an_external_id_belongs_to_one_partner(acme, ops):
    with pytest.raises(ValidationError) as error:
        new_partner(ops, external_id=acme.partner_a.external_id)
    assert error.value.message_dict["external_id"] == ["Another partner has this external id."]


def test_revenue_needs_its_currency(ops):
    with pytest.raises(ValidationError):
        new_partner(ops, annual_revenue="1000")


# ── Moving ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_many_move_at_once_each_with_history_and_log(acme, ops, told):
    silver = Tier.objects.get(key="silver")
    rows = everyone(acme.partner_a, acme.partner_b)
    assert actions.move_partners(by=ops, partners=rows, what="tier", value=silver, reason="New program") == 2
    for partner in (acme.partner_a, acme.partner_b):
        partner.refresh_from_db()
        assert partner.tier == silver
        assert placements(partner)[-1].tier == silver
        assert placements(partner)[-1].reason == "New program"
    entries = AuditEntry.objects.filter(verb="partner.moved")
    assert {entry.note for entry in entries} == {"New program"}
    assert entries[0].changes == {"tier": ["Gold", "Silver"]}
    ids = (acme.partner_a.pk, acme.partner_b.pk)
    assert told == [PartnerMoved(ids, ("tier",)), PartnerChanged(ids, ("tier",))]


def test_those_already_there_are_not_counted(acme, ops):
    rows = everyone(acme.partner_a, acme.partner_b)
    assert actions.move_partners(by=ops, partners=rows, what="tier", value=acme.partner_a.tier, reason="x") == 0
    assert not AuditEntry.objects.filter(verb="partner.moved").exists()


def test_two_changes_on_a_day_are_one_row_of_history_with_both_reasons(acme, ops):
    rows = everyone(acme.partner_a)
    silver, west = Tier.objects.get(key="silver"), Region.objects.get(key="east")
    actions.move_partners(by=ops, partners=rows, what="tier", value=silver, reason="Missed target")
    actions.move_partners(by=ops, partners=rows, what="region", value=west, reason="Moved")
    (place,) = placements(acme.partner_a)
    assert (place.tier, place.region, place.reason) == (silver, west, "Missed target; Moved")


def test_a_stage_change_is_dated_but_not_into_the_future_nor_before_a_later_one(acme, ops):
    rows, stages = everyone(acme.partner_a), {stage.key: stage for stage in LifeStage.objects.all()}
    day = today()

    def move(key, on):
        return actions.move_partners(by=ops, partners=rows, what="stage", value=stages[key], reason="r", on=on)

    assert move("mature", day - dt.timedelta(days=10)) == 1
    for wrong in (day + dt.timedelta(days=1), day - dt.timedelta(days=11)):
        with pytest.raises(ValidationError) as error:
            move("lapsed", wrong)
        assert "on" in error.value.message_dict
    assert move("lapsed", day - dt.timedelta(days=10)) == 1
    (place,) = placements(acme.partner_a)
    assert place.stage == stages["lapsed"]


def test_cover_changes_without_a_row_of_history(acme, ops):
    actions.move_partners(by=ops, partners=everyone(acme.partner_a), what="cover", value=acme.cam_b, reason="Leave")
    acme.partner_a.refresh_from_db()
    assert acme.partner_a.cover == acme.cam_b
    assert placements(acme.partner_a) == []


def test_a_cam_moves_the_stage_but_not_the_tier(acme, cam):
    rows = Partner.objects.visible_to(cam)
    assert actions.move_partners(
        by=cam, partners=rows, what="stage", value=LifeStage.objects.get(key="mature"), reason="r"
    )
    with pytest.raises(PermissionDenied):
        actions.move_partners(by=cam, partners=rows, what="tier", value=None, reason="r")
    acme.partner_b.refresh_from_db()
    assert acme.partner_b.stage.key == "accelerate"


def test_what_is_not_movable_is_a_mistake_of_the_program(acme, ops):
    with pytest.raises(ValueError):
        actions.move_partners(by=ops, partners=everyone(acme.partner_a), what="name", value=None, reason="r")


def test_moving_costs_the_same_for_one_and_for_many(acme, ops, django_assert_max_num_queries):
    silver = Tier.objects.get(key="silver")
    for number in range(20):
        new_partner(ops, name=f"P{number}")
    with django_assert_max_num_queries(12):
        actions.move_partners(by=ops, partners=Partner.objects.visible_to(ops), what="tier", value=silver, reason="r")


# ── Contacts, touches ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_main_contact_takes_the_place_of_the_old(acme, cam):
    old = actions.add_contact(by=cam, partner=acme.partner_a, name="Ana", is_primary=True)
    new = actions.add_contact(by=cam, partner=acme.partner_a, name="Bo")
    actions.update_contact(by=cam, contact=new, changes={"is_primary": True}, seen={"is_primary": False})
    assert list(Contact.everything.filter(is_primary=True)) == [new]
    old.refresh_from_db()
    assert not old.is_primary


def test_an_address_stands_once_at_a_partner_whatever_its_case(acme, cam):
    actions.add_contact(by=cam, partner=acme.partner_a, name="Ana", email="ana@x.example")
    with pytest.raises(ValidationError) as error:
        actions.add_contact(by=cam, partner=acme.partner_a, name="Ana B", email="ANA@x.example")
    assert "This partner has a contact with this e-mail already." in str(error.value)
    actions.add_contact(by=cam, partner=acme.partner_b, name="Ana", email="ana@x.example")


def test_removing_a_contact_keeps_that_they_were_there(acme, cam):
    contact = actions.add_contact(by=cam, partner=acme.partner_a, name="Ana")
    actions.remove_contact(by=cam, contact=contact)
    entry = AuditEntry.objects.get(verb="contact.removed")
    assert (entry.target_name, entry.partner_id) == ("Ana", acme.partner_a.pk)


def test_a_touch_has_happened(acme, cam):
    with pytest.raises(ValidationError):
        actions.add_touch(by=cam, partner=acme.partner_a, on=today() + dt.timedelta(days=1))
    touch = actions.add_touch(by=cam, partner=acme.partner_a, on=today(), note="Called")
    assert touch.created_by == cam
    actions.remove_touch(by=cam, touch=touch)
    assert AuditEntry.objects.get(verb="touch.removed").changes == {"note": ["Called", None]}


# ── Action plan ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_done_has_its_time_and_open_again_has_none(acme, cam, told):
    action = actions.add_action(by=cam, partner=acme.partner_a, title="Name a sponsor")
    done = actions.set_action_status(by=cam, action=action, status=Action.Status.DONE)
    assert done.closed_at is not None
    again = actions.set_action_status(by=cam, action=done, status=Action.Status.OPEN)
    assert again.closed_at is None
    assert told == [ActionsChanged((acme.partner_a.pk,), (action.pk,))] * 3


def test_an_owner_is_ours_or_the_partners(acme, cam):
    theirs, stranger = acme.users_a[Role.PARTNER_SELLER], acme.users_b[Role.PARTNER_SELLER]
    for owner in (cam, acme.users[Role.CHIEF], theirs):
        assert actions.add_action(by=cam, partner=acme.partner_a, title="t", owner=owner).owner == owner
    with pytest.raises(ValidationError) as error:
        actions.add_action(by=cam, partner=acme.partner_a, title="t", owner=stranger)
    assert "owner" in error.value.message_dict


def test_what_the_partner_is_to_do_is_shared_with_them(acme, cam):
    with pytest.raises(ValidationError) as error:
        actions.add_action(
            by=cam, partner=acme.partner_a, title="t", owner=acme.users_a[Role.PARTNER_SELLER], shared=False
        )
    assert "shared" in error.value.message_dict


def test_a_partner_user_finishes_but_does_not_drop(acme, cam):
    user = acme.users_a[Role.PARTNER_SELLER]
    action = actions.add_action(by=cam, partner=acme.partner_a, title="t")
    assert actions.set_action_status(by=user, action=action, status="done").status == "done"
    with pytest.raises(PermissionDenied):
        actions.set_action_status(by=user, action=action, status="dropped")


def test_nothing_happens_to_the_other_vendor(acme, globex, ops):
    actions.move_partners(
        by=ops,
        partners=Partner.objects.visible_to(ops),
        what="stage",
        value=LifeStage.objects.get(key="lapsed"),
        reason="r",
    )
    connection.set_tenant(globex.vendor)
    assert set(Partner.everything.values_list("stage__key", flat=True)) == {"accelerate"}
    assert not AuditEntry.objects.filter(verb="partner.moved").exists()
