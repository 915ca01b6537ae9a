"""The pages of partners, through the client: who gets what, what is refused, what is kept when it is."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from partners.models import Action, Contact, Partner, Touch
from prm.common.vendor import today

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"partners:{name}", args=args)


@pytest.fixture
def cam(acme, client_for):
    return client_for(acme.users[Role.CAM])


@pytest.fixture
def ops(acme, client_for):
    return client_for(acme.users[Role.OPERATIONS])


def text(response):
    return response.content.decode()


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def shown_values(form):
    """What a browser sends of a form nobody touched: each field, and hidden what it was shown with."""
    values = {}
    for bound in form:
        value = bound.field.prepare_value(bound.value())
        value = getattr(value, "pk", value)
        sent = "" if value is None else str(value)
        if value is not False and value is not None:
            values[bound.html_name] = sent
        if bound.field.show_hidden_initial:
            values[bound.html_initial_name] = sent
    return values


# ── Who sees what ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_shows_a_cam_their_own_partners_only(cam):
    page = text(cam.get(url("list")))
    assert "Northwind ACME-A" in page
    assert "ACME-B" not in page
    assert "GLOBEX" not in page


PARTNER_PAGES = ["hub", "edit", "stage", "history", "people", "contact_add", "actions", "action_add"]


@pytest.mark.parametrize("name", PARTNER_PAGES)
def test_each_page_of_a_partner_opens_under_the_same_header(acme, cam, name):
    response = cam.get(url(name, acme.partner_a.pk))
    page = text(response)
    assert response.status_code == 200
    assert page.count("<h1") == 1
    for part in ("Northwind ACME-A", "Accelerate", "Gold", "Cam ACME", "Next due", "Last touch"):
        assert part in page


@pytest.mark.parametrize("pk", ["other", 10**15, 10**30])
@pytest.mark.parametrize("name", PARTNER_PAGES)
def test_anothers_partner_is_like_none(acme, cam, name, pk):
    pk = acme.partner_b.pk if pk == "other" else pk
    assert cam.get(url(name, pk)).status_code == 404


@pytest.mark.parametrize("name", ["list", "create", "action_list", "search"])
def test_pages_over_all_partners_open(cam, name):
    assert cam.get(url(name)).status_code == 200


def test_marketing_has_the_directory_and_nothing_of_the_work(acme, client_for):
    Touch.everything.create(partner=acme.partner_a, on=today(), note="secret touch")
    Action.everything.create(partner=acme.partner_a, title="secret plan")
    client = client_for(acme.users[Role.MARKETING])
    page = text(client.get(url("hub", acme.partner_a.pk)))
    assert "Northwind ACME-A" in page
    for hidden in ("secret", "note ACME-A", "Note a touch", "Edit<", ">History<", "Last touch"):
        assert hidden not in page
    assert text(client.get(url("export", "csv"))).count("\n") == 3
    assert "Last touch" not in text(client.get(url("export", "csv")))
    for name in ("actions", "history", "edit", "stage", "contact_add", "touch_add"):
        assert client.get(url(name, acme.partner_a.pk)).status_code == 403


def test_a_chief_reads_and_changes_nothing(acme, client_for):
    client = client_for(acme.users[Role.CHIEF])
    page = text(client.get(url("hub", acme.partner_a.pk)))
    assert "note ACME-A" in page
    assert "Note a touch" not in page
    action = Action.everything.create(partner=acme.partner_a, title="Sponsor")
    assert client.get(url("action_edit", action.pk)).status_code == 200
    assert client.post(url("action_edit", action.pk), {"title": "x"}).status_code == 403
    assert client.post(url("touch_add", acme.partner_a.pk), {}).status_code == 403
    assert client.post(url("bulk"), {"what": "stage"}).status_code == 403


def test_a_parent_one_may_not_see_is_not_named(acme, cam):
    Partner.everything.filter(pk=acme.partner_a.pk).update(parent=acme.partner_b)
    assert "ACME-B" not in text(cam.get(url("hub", acme.partner_a.pk)))
    response = cam.get(url("edit", acme.partner_a.pk))
    assert "ACME-B" not in text(response)
    # … and stays when the form is saved.
    form = response.context["form"]
    assert cam.post(url("edit", acme.partner_a.pk), shown_values(form) | {"city": "Lyon"}).status_code == 302
    acme.partner_a.refresh_from_db()
    assert (acme.partner_a.parent, acme.partner_a.city) == (acme.partner_b, "Lyon")


def test_no_internal_note_and_nothing_unshared_on_the_partners_side(acme, client_for):
    Action.everything.create(partner=acme.partner_a, title="shared action", shared=True)
    hidden = Action.everything.create(partner=acme.partner_a, title="internal action", shared=False)
    client = client_for(acme.users_a[Role.PARTNER_SELLER])
    page = text(client.get(url("portal_actions")))
    assert "shared action" in page
    assert "internal action" not in page
    assert client.post(url("portal_action_status", hidden.pk), {"status": "done"}).status_code == 404
    assert "shared action" not in text(client_for(acme.users_b[Role.PARTNER_SELLER]).get(url("portal_actions")))


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def more_partners(acme, number, **fields):
    for n in range(number):
        partner = Partner(
            name=f"Extra {n:03}", stage=acme.partner_a.stage, partner_type=acme.partner_a.partner_type, **fields
        )
        partner.save()
        Contact.everything.create(partner=partner, name="Ana", is_primary=True)
        Touch.everything.create(partner=partner, on=today())
        Action.everything.create(partner=partner, title="Do", owner=acme.users[Role.CAM])


@pytest.mark.parametrize("address", ["/partners/", "/actions/", "/partners/export/csv/", "/search?q=extra"])
def test_a_list_costs_the_same_at_one_row_and_at_three(acme, client_for, ops, address):
    counts = []
    for _round in range(2):
        more_partners(acme, 1 if not counts else 2, cam=acme.users[Role.CAM], region=acme.partner_a.region)
        ops.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert ops.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["hub", "people", "actions", "history"])
def test_a_partners_page_costs_the_same_however_much_there_is(acme, cam, name):
    def add(number):
        for n in range(number):
            Contact.everything.create(partner=acme.partner_a, name=f"Ana {n}")
            Touch.everything.create(partner=acme.partner_a, on=today(), created_by=acme.users[Role.CAM])
            Action.everything.create(partner=acme.partner_a, title="Do", owner=acme.users[Role.CAM], due_on=today())
        cam.get(url(name, acme.partner_a.pk))
        with CaptureQueriesContext(connection) as queries:
            cam.get(url(name, acme.partner_a.pk))
        return len(queries)

    assert add(1) == add(2)


@pytest.mark.parametrize("key", ["name", "tier", "stage", "type", "region", "cam", "last_touch", "open_actions"])
def test_each_column_sorts_both_ways_with_the_unknown_last(acme, ops, key):
    more_partners(acme, 2)
    Partner.everything.filter(name="Extra 000").update(tier=None)
    up = [row.name for row in ops.get(url("list"), {"sort": key}).context["listing"].page]
    down = [row.name for row in ops.get(url("list"), {"sort": f"-{key}"}).context["listing"].page]
    assert set(up) == set(down)
    if key == "name":
        assert up == sorted(up) == down[::-1]
    if key == "tier":
        assert up[-1].startswith("Extra")
        assert down[-1].startswith("Extra")


@pytest.mark.parametrize(
    "query", ["sort=password", "sort=-", "sort=cam__password", "page=0", "page=x", "page=99999999999999999999"]
)
def test_an_odd_address_shows_the_list(ops, query):
    assert ops.get(f"{url('list')}?{query}").status_code == 200


def test_the_empty_list_says_what_will_be_here(acme, client_for):
    Partner.everything.update(cam=None)
    assert "No partners yet" in text(client_for(acme.users[Role.CAM]).get(url("list")))
    assert "No partner matches" in text(client_for(acme.users[Role.OPERATIONS]).get(url("list") + "?q=zzz"))


def test_the_export_is_what_is_shown_with_all_columns(acme, ops):
    lines = text(ops.get(url("export", "csv"), {"q": "northwind"})).lstrip("\ufeff").splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("Partner,External id,Tier,")
    assert lines[1].startswith(
        "Northwind ACME-A,ACME-A-1,Gold,Accelerate,Reseller,West,Cam ACME,northwind-acme.example"
    )
    assert "note ACME-A" not in lines[1]
    response = ops.get(url("export", "xlsx"))
    assert response.content[:2] == b"PK"
    assert response["Content-Disposition"] == f'attachment; filename="partners-{today():%Y-%m-%d}.xlsx"'
    assert ops.get(url("export", "pdf")).status_code == 404


def test_names_that_are_formulas_are_text_in_the_file(acme, ops):
    Partner.everything.filter(pk=acme.partner_a.pk).update(name='=HYPERLINK("http://evil")', city="@SUM(1)")
    line = text(ops.get(url("export", "csv"), {"q": "acme-a-1"})).splitlines()[1]
    assert line.startswith("\"'=HYPERLINK")
    assert "'@SUM(1)" in line


def test_markup_in_a_name_is_text_on_the_page(acme, ops):
    Partner.everything.filter(pk=acme.partner_a.pk).update(name="<img src=x onerror=alert(1)>")
    for address in (url("list"), url("hub", acme.partner_a.pk), url("edit", acme.partner_a.pk)):
        assert "<img src=x" not in text(ops.get(address))


# ── Create and edit ──────────────────────────────────────────────────────────────────────────────────────────────────


def partner_values(acme, **changes):
    return {
        "name": "Tailspin",
        "partner_type": acme.partner_a.partner_type_id,
        "stage": acme.partner_a.stage_id,
        **changes,
    }


def test_a_partner_is_added_and_opened(acme, cam):
    response = cam.post(url("create"), partner_values(acme, parent="Northwind ACME-A"))
    partner = Partner.everything.get(name="Tailspin")
    assert response["Location"] == url("hub", partner.pk)
    assert (partner.cam, partner.parent) == (acme.users[Role.CAM], acme.partner_a)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "a\x00b"),
        ("partner_type", "99999999999999999999"),
        ("partner_type", "x"),
        ("employees", "-1"),
        ("employees", "99999999999"),
        ("annual_revenue", "-5"),
        ("annual_revenue", "1e400"),
        ("annual_revenue", "NaN"),
        ("signed_on", "31/31/2026"),
        ("signed_on", "99999-01-01"),
        ("country", "Atlantis"),
        ("parent", "Nobody at all"),
        ("parent", "#99999999999999999999"),
        ("external_id", "ACME-A-1"),
        ("year_opened", "70000"),
    ],
)
def test_a_wrong_entry_gets_its_message_and_keeps_the_rest(acme, ops, field, value):
    response = ops.post(url("create"), partner_values(acme, city="Zürich", **{field: value}))
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert "Zürich" in text(response)
    assert not Partner.everything.filter(city="Zürich").exists()


def test_revenue_without_a_currency_says_so_at_the_currency(acme, ops):
    response = ops.post(url("create"), partner_values(acme, annual_revenue="5"))
    assert set(response.context["form"].errors) == {"annual_revenue_currency"}


def test_a_cam_cannot_slip_in_another_cam(acme, cam):
    response = cam.post(url("create"), partner_values(acme, cam=acme.cam_b.pk, tier=acme.partner_a.tier_id))
    assert response.status_code == 302
    partner = Partner.everything.get(name="Tailspin")
    assert (partner.cam, partner.tier) == (acme.users[Role.CAM], None)


def test_another_partners_name_is_no_parent_for_a_cam(acme, cam):
    for value in ("Fabrikam ACME-B", f"x (#{acme.partner_b.pk})", "ACME-B-1"):
        response = cam.post(url("create"), partner_values(acme, parent=value))
        assert response.status_code == 422
        assert response.context["form"].errors["parent"] == ["There is no partner of this name."]


def test_two_partners_of_one_name_must_be_told_apart(acme, ops):
    more_partners(acme, 1)
    more_partners(acme, 1)
    response = ops.post(url("create"), partner_values(acme, parent="Extra 000"))
    assert "choose one from the list" in str(response.context["form"].errors["parent"])
    twin = Partner.everything.filter(name="Extra 000").last()
    ops.post(url("create"), partner_values(acme, parent=f"Extra 000 (#{twin.pk})"))
    assert Partner.everything.get(name="Tailspin").parent == twin


def test_suggestions_hold_what_one_sees(acme, cam):
    page = text(cam.get(url("pick"), {"for": "parent", "parent": "acme"}))
    assert f'value="Northwind ACME-A (#{acme.partner_a.pk})"' in page
    assert "ACME-B" not in page
    for odd in ({}, {"for": "parent"}, {"for": "x", "x": "\x00"}):
        assert cam.get(url("pick"), odd).status_code == 200


def test_two_people_at_once_different_fields_both_are_kept(acme, ops, cam):
    address = url("edit", acme.partner_a.pk)
    mine = shown_values(cam.get(address).context["form"])
    theirs = shown_values(ops.get(address).context["form"])
    ops.post(address, theirs | {"city": "Lyon"})
    response = cam.post(address, mine | {"phone": "+33 1"})
    assert response.status_code == 302
    assert "City" in said(response)[0]
    acme.partner_a.refresh_from_db()
    assert (acme.partner_a.city, acme.partner_a.phone) == ("Lyon", "+33 1")


def test_two_people_at_once_the_same_field_the_second_is_asked(acme, ops, cam):
    address = url("edit", acme.partner_a.pk)
    mine = shown_values(cam.get(address).context["form"])
    ops.post(address, shown_values(ops.get(address).context["form"]) | {"city": "Lyon", "address": "1 rue X"})
    response = cam.post(address, mine | {"city": "Leeds", "phone": "+44"})
    assert response.status_code == 422
    assert response.context["form"].errors["city"] == [
        "Operations ACME changed this to “Lyon” while you were editing. Save again to keep yours."
    ]
    acme.partner_a.refresh_from_db()
    assert (acme.partner_a.city, acme.partner_a.phone) == ("Lyon", "")
    # What was typed is there, the other's change is there, and sending it again keeps both.
    again = shown_values(response.context["form"])
    for name, value in response.context["form"].data.items():
        again[name] = value
    assert (again["city"], again["phone"], again["address"]) == ("Leeds", "+44", "1 rue X")
    assert cam.post(address, again).status_code == 302
    acme.partner_a.refresh_from_db()
    assert (acme.partner_a.city, acme.partner_a.phone, acme.partner_a.address) == ("Leeds", "+44", "1 rue X")


def test_saving_an_untouched_form_changes_nothing(acme, ops):
    address = url("edit", acme.partner_a.pk)
    Partner.everything.filter(pk=acme.partner_a.pk).update(
        annual_revenue="1234567.50", annual_revenue_currency="EUR", signed_on="2020-02-29", parent=acme.partner_b,
        internal_note="two\nlines", employees=12345, year_opened=1999, country="DE", cover=acme.cam_b,
    )  # fmt: skip
    before = Partner.everything.values().get(pk=acme.partner_a.pk)
    response = ops.post(address, shown_values(ops.get(address).context["form"]))
    assert response.status_code == 302
    assert Partner.everything.values().get(pk=acme.partner_a.pk) == before


def test_a_field_emptied_is_emptied(acme, ops):
    address = url("edit", acme.partner_a.pk)
    values = shown_values(ops.get(address).context["form"])
    ops.post(address, values | {"external_id": "", "cam": "", "internal_note": ""})
    acme.partner_a.refresh_from_db()
    assert (acme.partner_a.external_id, acme.partner_a.cam, acme.partner_a.internal_note) == (None, None, "")


def test_a_circle_of_parents_is_refused_at_the_field(acme, ops):
    Partner.everything.filter(pk=acme.partner_b.pk).update(parent=acme.partner_a)
    address = url("edit", acme.partner_a.pk)
    values = shown_values(ops.get(address).context["form"])
    response = ops.post(address, values | {"parent": "Fabrikam ACME-B"})
    assert response.status_code == 422
    assert response.context["form"].errors["parent"] == ["That partner is a branch of this one already."]


def test_the_stage_changes_with_date_and_reason(acme, cam):
    address = url("stage", acme.partner_a.pk)
    stage = Partner.everything.get(pk=acme.partner_a.pk).stage
    later = type(stage).objects.get(key="mature")
    assert cam.post(address, {"stage": later.pk, "on": today().isoformat()}).status_code == 422
    future = today() + dt.timedelta(days=1)
    response = cam.post(address, {"stage": later.pk, "on": future.isoformat(), "reason": "r"})
    assert "on" in response.context["form"].errors
    assert (
        cam.post(address, {"stage": later.pk, "on": today().isoformat(), "reason": "Eight quarters"}).status_code == 302
    )
    history = text(cam.get(url("history", acme.partner_a.pk)))
    assert "Eight quarters" in history
    assert "life stage: Accelerate → Mature" in history


# ── Many at once ─────────────────────────────────────────────────────────────────────────────────────────────────────


def bulk(client, **values):
    return client.post(url("bulk"), values)


def test_many_at_once_asks_first_and_then_does(acme, ops):
    chosen = {"what": "tier", "selected": [acme.partner_a.pk, acme.partner_b.pk], "query": "stage=accelerate"}
    page = bulk(ops, **chosen)
    assert page.status_code == 200
    assert "Change 2 partners" in text(page)
    assert Partner.everything.filter(tier__key="gold").count() == 2
    silver = acme.partner_a.tier.__class__.objects.get(key="silver")
    assert bulk(ops, **chosen, total="2", confirmed="1", value=silver.pk).status_code == 422  # no reason
    done = bulk(ops, **chosen, total="2", confirmed="1", value=silver.pk, reason="New year")
    assert done["Location"] == "/partners/?stage=accelerate"
    assert Partner.everything.filter(tier=silver).count() == 2


def test_all_that_match_are_those_the_filter_finds(acme, ops):
    more_partners(acme, 3)
    values = {"what": "cam", "all_matching": "1", "query": "q=extra", "value": acme.cam_b.pk, "reason": "r"}
    assert bulk(ops, **values, total="3", confirmed="1").status_code == 302
    assert Partner.everything.filter(cam=acme.cam_b).count() == 4


def test_when_other_rows_match_by_now_nothing_is_changed(acme, ops):
    values = {"what": "cam", "all_matching": "1", "query": "", "value": acme.cam_b.pk, "reason": "r", "confirmed": "1"}
    response = bulk(ops, **values, total="1")
    assert response.status_code == 422
    assert "Meanwhile other partners match" in text(response)
    assert Partner.everything.filter(cam=acme.cam_b).count() == 1


def test_a_broken_filter_selects_nobody(acme, ops):
    response = bulk(ops, what="cam", all_matching="1", query="region=mars", confirmed="1", total="2", reason="r")
    assert response.status_code == 302
    assert said(response) == ["No partner was selected."]


def test_a_cam_changes_only_their_own_and_only_the_stage_and_region(acme, cam):
    mature = type(acme.partner_a.stage).objects.get(key="mature")
    chosen = {"selected": [acme.partner_a.pk, acme.partner_b.pk, "x", "99999999999999999999"], "reason": "r"}
    for what in ("cam", "cover", "tier", "name", ""):
        assert bulk(cam, what=what, **chosen).status_code == 403
    assert bulk(cam, what="stage", value=mature.pk, confirmed="1", total="1", **chosen).status_code == 302
    assert list(Partner.everything.filter(stage=mature)) == [acme.partner_a]


# ── Contacts, touches, actions ───────────────────────────────────────────────────────────────────────────────────────


def test_a_contact_from_adding_to_removing(acme, cam):
    pk = acme.partner_a.pk
    assert cam.post(url("contact_add", pk), {"name": "", "function": "sales"}).status_code == 422
    cam.post(url("contact_add", pk), {"name": "Ana Berg", "email": "ana@x.example", "function": "sales"})
    twice = cam.post(url("contact_add", pk), {"name": "Ana", "email": "ANA@x.example", "function": "sales"})
    assert "This partner has a contact with this e-mail already." in text(twice)
    contact = Contact.everything.get(name="Ana Berg")
    values = shown_values(cam.get(url("contact_edit", contact.pk)).context["form"])
    cam.post(url("contact_edit", contact.pk), values | {"title": "CEO", "is_primary": "on"})
    assert "CEO" in text(cam.get(url("people", pk)))
    assert cam.get(url("contact_remove", contact.pk)).status_code == 405
    cam.post(url("contact_remove", contact.pk))
    assert not Contact.everything.exists()
    assert "Contact removed: Ana Berg" in text(cam.get(url("history", pk)))


def test_a_touch_in_one_line(acme, cam):
    pk = acme.partner_a.pk
    values = {"on": today().isoformat(), "kind": "call", "purpose": "deal", "note": "Två affärer"}
    assert cam.post(url("touch_add", pk), values).status_code == 302
    assert "Två affärer" in text(cam.get(url("hub", pk)))
    wrong = cam.post(url("touch_add", pk), values | {"minutes": "-5", "note": "kept"})
    assert wrong.status_code == 422
    assert "kept" in text(wrong)
    cam.post(url("touch_remove", Touch.everything.get().pk))
    assert not Touch.everything.exists()


def test_an_action_from_adding_to_done(acme, cam):
    pk = acme.partner_a.pk
    stranger = acme.users_b[Role.PARTNER_SELLER]
    assert cam.post(url("action_add", pk), {"title": "t", "owner": stranger.pk}).status_code == 422
    assert cam.post(url("action_add", pk), {"title": "t", "resource": "javascript:alert(1)"}).status_code == 422
    cam.post(url("action_add", pk), {"title": "Name a sponsor", "due_on": "2026-01-01", "shared": "on"})
    action = Action.everything.get()
    page = text(cam.get(url("actions", pk)))
    assert "Name a sponsor" in page
    assert "late" in page
    response = cam.post(url("action_status", action.pk), {"status": "done", "next": "https://evil.example/"})
    assert response["Location"] == url("actions", pk)
    cam.post(url("action_status", action.pk), {"status": "nonsense"})
    action.refresh_from_db()
    assert action.status == "done"


def test_a_partner_user_reports_their_action_done(acme, client_for):
    action = Action.everything.create(partner=acme.partner_a, title="Sponsor")
    client = client_for(acme.users_a[Role.PARTNER_SELLER])
    assert client.post(url("portal_action_status", action.pk), {"status": "done"}).status_code == 302
    assert "Done" in text(client.get(url("portal_actions")))
    assert client.post(url("portal_action_status", action.pk), {"status": "dropped"}).status_code == 403


def test_the_history_is_in_words(acme, ops):
    address = url("edit", acme.partner_a.pk)
    values = shown_values(ops.get(address).context["form"])
    ops.post(address, values | {"city": "Lyon", "cam": ""})
    page = text(ops.get(url("history", acme.partner_a.pk)))
    assert "city: nothing → Lyon" in page
    assert "CAM: Cam ACME → nothing" in page
