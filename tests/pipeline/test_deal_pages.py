"""The pages of deals, by role."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from partners.models import Touch
from pipeline.deals import actions, queries
from pipeline.models import Deal, StageChange
from prm.common.vendor import today
from tests.pipeline.conftest import stage
from tests.world import make_partner

DAY = dt.timedelta(days=1)


def url(name, *args):
    return reverse(f"pipeline:{name}", args=args)


@pytest.fixture
def cam(acme, client_for):
    return client_for(acme.users[Role.CAM])


@pytest.fixture
def admin(acme, client_for):
    return client_for(acme.users[Role.ADMIN])


def posted(**more):
    return {
        "name": "Store servers", "customer_name": "Contoso", "kind": "new", "led_by": "partner", "amount": "12500.50",
        "currency": "USD", "stage": str(stage("proof").pk), "created_on": today().isoformat(), **more,
    }  # fmt: skip


# ── The list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_shows_open_deals_of_own_partners_with_their_sums(acme, cam, deal_for):
    deal_for(
        name="Store servers", amount="1000.40", stage="proof", customer_name="Contoso", created_on=today() - 30 * DAY
    )
    deal_for(name="Won one", stage="won")
    deal_for(acme.partner_b, name="Theirs")
    page = cam.get(url("deals")).content.decode()
    assert "Store servers" in page
    assert "Contoso" in page
    assert "stale" in page
    assert "USD 1,000.40" in page
    assert "USD 400.16" in page
    assert "Won one" not in page
    assert "Theirs" not in page
    assert acme.partner_b.name not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"open", "late", "renewal"}),
        ("state=won", {"won"}),
        ("state=won&state=lost", {"won", "lost"}),
        ("deal_stage=won", {"won"}),
        ("deal_stage=proof", {"late"}),
        ("look=overdue", {"late"}),
        ("look=stale", {"renewal"}),
        ("look=stale&look=overdue", {"late", "renewal"}),
        ("kind=renewal", {"renewal"}),
        ("led=vendor", {"open"}),
        ("close=none", {"renewal"}),
        ("close=month", {"open"}),
        ("line=none", {"open", "late", "renewal"}),
        ("q=contoso", {"open"}),
        ("q=RENEW", {"renewal"}),
        ("q=northwind", {"open", "late", "renewal"}),
        ("region=west", {"open", "late", "renewal"}),
        ("region=east", set()),
        ("tier=gold&type=reseller", {"open", "late", "renewal"}),
        ("closed_from=2020-01-01", {"won", "lost"}),
        ("state=nonsense", set()),
        ("close=2031Q9", set()),
    ],
)
def test_what_the_filter_finds(acme, cam, deal_for, query, found):
    deal_for(name="open", led_by="vendor", expected_close=today() + DAY, customer_name="Contoso Ltd")
    deal_for(name="late", stage="proof", expected_close=today() - DAY)
    deal_for(name="renewal", kind="renewal", created_on=today() - 31 * DAY)
    deal_for(name="won", stage="won")
    deal_for(name="lost", stage="lost", lost_reason="Price")
    deal_for(acme.partner_b, name="theirs")
    listing = cam.get(f"{url('deals')}?{query}").context["listing"]
    assert {row.name for row in listing.page} == found


def test_deals_of_one_partner_are_a_link_away(acme, admin, deal_for):
    a, b = acme.partner_a, acme.partner_b
    deal_for(name="shared", shares={a.pk: Decimal(60), b.pk: Decimal(40)})
    deal_for(name="alone")
    response = admin.get(f"{url('deals')}?partner={b.pk}")
    assert [row.name for row in response.context["listing"].page] == ["shared"]
    assert f"{b.name}" in response.content.decode()


def test_a_sum_without_a_rate_names_what_is_missing(acme, cam, deal_for):
    deal_for(amount="1000")
    deal_for(amount="777", currency="NOK")
    page = cam.get(url("deals")).content.decode()
    assert "USD 1,000.00" in page
    assert "NOK 777.00: no rate for NOK on or before" in " ".join(page.split())


def test_files_hold_what_the_page_does_not(acme, cam, deal_for):
    deal_for(amount="1000", probability=Decimal("12.5"), customer_name="Contoso", external_id="006A")
    deal_for(acme.partner_b)
    text = b"".join(cam.get(url("deals_export", "csv"))).decode().removeprefix("\ufeff")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["Amount"], row["Currency"], row["Weighted"]) == ("1000.00", "USD", "125.00")
    assert (row["End customer"], row["External id"], row["Partner"]) == ("Contoso", "006A", acme.partner_a.name)
    assert cam.get(url("deals_export", "xlsx")).content[:2] == b"PK"
    assert cam.get(url("deals_export", "exe")).status_code == 404


def test_a_list_costs_the_same_queries_for_many(acme, cam, deal_for):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert cam.get(url("deals")).status_code == 200
        return len(asked)

    deal_for(customer_name="One")
    cost()
    one = cost()
    for n in range(8):
        deal_for(customer_name=f"Customer {n}", currency="NOK", expected_close=today() - n * DAY)
    assert cost() <= one


# ── Who sees what ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_roles(acme, client_for, deal_for):
    deal = deal_for()
    for role, sees in (
        (Role.ADMIN, 200), (Role.OPERATIONS, 200), (Role.CHIEF, 200), (Role.CAM, 200), (Role.MARKETING, 403),
    ):  # fmt: skip
        client = client_for(acme.users[role])
        assert client.get(url("deals")).status_code == sees, role
        assert client.get(url("deal", deal.pk)).status_code == sees, role
        writes = 403 if role in (Role.CHIEF, Role.MARKETING) else 200
        assert client.get(url("deal_edit", deal.pk)).status_code == writes, role
        assert client.get(url("deal_create")).status_code == writes, role
    other = client_for(acme.cam_b)
    for name in ("deal", "deal_edit", "deal_move", "deal_remove", "deal_touch"):
        assert {other.get(url(name, deal.pk)).status_code, other.post(url(name, deal.pk)).status_code} <= {404, 405}
    assert Deal.everything.filter(pk=deal.pk).exists()


def test_the_cam_of_a_partner_with_a_share_reads_and_does_not_write(acme, client_for, deal_for):
    deal = deal_for(
        name="Store servers",
        customer_name="Contoso",
        shares={acme.partner_a.pk: Decimal(70), acme.partner_b.pk: Decimal(30)},
    )
    client = client_for(acme.cam_b)
    for address in (url("deal", deal.pk), url("deals"), url("partner_deals", acme.partner_b.pk)):
        page = client.get(address).content.decode()
        assert "Store servers" in page
        assert "Another partner" in page or "partner_deals" not in address
        assert acme.partner_a.name not in page
        assert "Contoso" not in page
    assert client.get(url("deal_edit", deal.pk)).status_code == 403
    assert client.post(url("deal_move", deal.pk), {"move-stage": stage("won").pk}).status_code == 403
    assert client.post(url("deal_remove", deal.pk)).status_code == 403


def test_a_distributor_reads_the_deals_of_those_it_covers(acme, client_for, deal_for):
    from tests.world import make_user

    distributor = make_partner(acme, "D", name="Tailspin")
    type(distributor).everything.filter(pk=acme.partner_a.pk).update(distributor=distributor)
    user = make_user(acme, "distributor", Role.DISTRIBUTOR, partner=distributor)
    mine, other = deal_for(), deal_for(acme.partner_b)
    client = client_for(user)
    assert client.get(url("deal", mine.pk)).status_code == 200
    assert client.get(url("deal", other.pk)).status_code == 404
    assert client.get(url("deal_edit", mine.pk)).status_code == 403
    assert client.post(url("deal_touch", mine.pk), {"on": today()}).status_code == 403


def test_the_partner_reads_its_own_deals_and_no_other_partners_name(acme, client_for, deal_for):
    shared = deal_for(
        name="Store servers",
        amount="1000",
        customer_name="Contoso",
        probability=Decimal(55),
        shares={acme.partner_a.pk: Decimal(70), acme.partner_b.pk: Decimal(30)},
    )
    alone = deal_for(name="Alone")
    client = client_for(acme.users_b[Role.PARTNER_EXECUTIVE])
    listing = client.get(url("portal_deals")).content.decode()
    page = client.get(url("portal_deal", shared.pk)).content.decode()
    file = b"".join(client.get(url("portal_deals_export", "csv"))).decode()
    for text in (listing, page, file):
        assert "Store servers" in text
        assert "300.00" in text
        assert "ACME-A" not in text
        assert "Contoso" not in text
        assert "Alone" not in text
        assert "55%" not in text
        assert "Move on" not in text
    assert client.get(url("portal_deal", alone.pk)).status_code == 404
    assert client.get(url("deals")).status_code == 403
    own = client_for(acme.users_a[Role.PARTNER_SELLER]).get(url("portal_deals")).context["listing"]
    assert sorted(row.name for row in own.page) == ["Alone", "Store servers"]


# ── Adding and editing ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_deal_is_added_on_the_partners_page_and_a_second_click_adds_none(acme, cam):
    for _click in range(2):
        response = cam.post(url("deal_add", acme.partner_a.pk), posted())
        deal = Deal.everything.get()
        assert response["Location"] == url("deal", deal.pk)
    assert (deal.partner, deal.amount, deal.customer.name, deal.stage.key) == (
        acme.partner_a, Decimal("12500.50"), "Contoso", "proof",
    )  # fmt: skip
    page = cam.get(url("deal", deal.pk)).content.decode()
    assert "12,500.50" in page
    assert "100%" in page


def test_shares_are_shown_to_the_last_decimal(acme, admin, deal_for):
    deal = deal_for(shares={acme.partner_a.pk: Decimal("66.67"), acme.partner_b.pk: Decimal("33.33")})
    page = admin.get(url("deal", deal.pk)).content.decode()
    assert "66.67%" in page
    assert "33.33%" in page
    assert "66.67%" in admin.get(url("partner_deals", acme.partner_a.pk)).content.decode()


def test_a_deal_is_added_from_the_list_by_the_partners_name(acme, cam):
    assert cam.post(url("deal_create"), posted()).status_code == 422
    theirs = cam.post(url("deal_create"), posted(partner=f"x (#{acme.partner_b.pk})"))
    assert theirs.status_code == 422
    assert acme.partner_b.name not in theirs.content.decode()
    assert cam.post(url("deal_create"), posted(partner=acme.partner_a.name)).status_code == 302
    assert Deal.everything.get().partner == acme.partner_a


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"amount": "-5"}, "greater than or equal to 0"),
        ({"amount": "1" * 30}, "18 digits"),
        ({"amount": "NaN"}, "Enter a number"),
        ({"currency": "XYZ"}, "Select a valid choice"),
        ({"stage": "99999999"}, "Select a valid choice"),
        ({"created_on": "2999-01-01"}, "still to come"),
        ({"created_on": "2026-02-31"}, "Enter a valid date"),
        ({"closed_on": "2026-01-01"}, "won or lost"),
        ({"probability": "101"}, "less than or equal to 100"),
        ({"product_line": "99999999"}, "Select a valid choice"),
        ({"shares-own": "90"}, "come to 90 %"),
        ({"shares-own": "90", "shares-percent0": "10"}, "whose share"),
        ({"shares-partner0": "Nobody"}, "no partner of this name"),
        ({"name": ""}, "required"),
    ],
)
def test_bad_input_keeps_what_was_typed_and_says_why(acme, cam, fields, message):
    response = cam.post(url("deal_add", acme.partner_a.pk), posted(customer_name="Kept Customer", **fields))
    page = response.content.decode()
    assert response.status_code == 422
    assert message in page
    assert "Kept Customer" in page
    assert not Deal.everything.exists()


def test_a_deal_is_split_in_the_form(acme, admin):
    form = posted(**{"shares-own": "", "shares-partner0": acme.partner_b.name, "shares-percent0": "33.33"})
    assert admin.post(url("deal_add", acme.partner_a.pk), form).status_code == 302
    deal = Deal.everything.get()
    assert queries.share_map(deal) == {acme.partner_a.pk: Decimal("66.67"), acme.partner_b.pk: Decimal("33.33")}
    own = posted(**{"shares-partner0": acme.partner_a.name, "shares-percent0": "50"})
    assert admin.post(url("deal_add", acme.partner_a.pk), own).status_code == 422


def shown(client, address):
    """What the form at the address would send as it stands."""
    context = client.get(address).context
    fields = {}
    for form in (context["form"], context["shares"]):
        for bound in form:
            value = bound.value()
            fields[bound.html_name] = "" if value is None else value
            if bound.field.show_hidden_initial:
                fields[bound.html_initial_name] = fields[bound.html_name]
    return fields


def test_two_people_edit_at_once_and_both_are_kept_or_told(acme, admin, cam, deal_for):
    deal = deal_for(customer_name="Contoso")
    address = url("deal_edit", deal.pk)
    mine, theirs = shown(cam, address), shown(admin, address)
    assert admin.post(address, {**theirs, "amount": "2000"}).status_code == 302
    assert cam.post(address, {**mine, "customer_name": "Litware"}).status_code == 302
    deal.refresh_from_db()
    assert (deal.amount, deal.customer.name) == (2000, "Litware")
    refused = cam.post(address, {**mine, "amount": "3000"})
    assert refused.status_code == 422
    assert "changed this to “2000”" in refused.content.decode()
    assert cam.post(address, shown_again(refused)).status_code == 302
    deal.refresh_from_db()
    assert (deal.amount, deal.customer.name) == (3000, "Litware")


def shown_again(response):
    return {
        name: value
        for form in (response.context["form"], response.context["shares"])
        for bound in form
        for name, value in (
            (bound.html_name, bound.value() or ""),
            (bound.html_initial_name, form.data.get(bound.html_initial_name, "")),
        )
    }


def test_a_split_is_edited_and_one_out_of_sight_stays(acme, admin, cam, deal_for):
    deal = deal_for(shares={acme.partner_a.pk: Decimal(60), acme.partner_b.pk: Decimal(40)})
    address = url("deal_edit", deal.pk)
    page = cam.get(address).content.decode()
    assert "40% is with partners you don’t see" in page
    assert acme.partner_b.name not in page
    mine = shown(cam, address)
    assert cam.post(address, {**mine, "shares-own": "100"}).status_code == 422
    assert cam.post(address, {**mine, "name": "Renamed"}).status_code == 302
    assert queries.share_map(deal) == {acme.partner_a.pk: 60, acme.partner_b.pk: 40}
    admins = shown(admin, address)
    assert (
        admin.post(address, {**admins, "shares-own": "100", "shares-partner0": "", "shares-percent0": ""}).status_code
        == 302
    )
    assert queries.share_map(deal) == {acme.partner_a.pk: 100}
    late = admin.post(address, {**admins, "shares-own": "50", "shares-percent0": "50"})
    assert late.status_code == 422
    assert "changed the shares while you were editing" in late.content.decode()


# ── Moving, removing, touches ────────────────────────────────────────────────────────────────────────────────────────


def move(client, deal, to, **more):
    fields = {"stage": stage(to).pk, "on": today().isoformat(), "seen": deal.stage_id, **more}
    return client.post(url("deal_move", deal.pk), {f"move-{name}": value for name, value in fields.items()})


def test_a_deal_is_moved_won_and_its_history_shown(acme, cam, deal_for):
    deal = deal_for(created_on=today() - 10 * DAY)
    for _click in range(2):
        assert move(cam, deal, "won").status_code == 302
    deal.refresh_from_db()
    assert (deal.stage.key, deal.closed_on) == ("won", today())
    assert StageChange.everything.filter(deal=deal).count() == 2
    page = cam.get(url("deal", deal.pk))
    assert [(str(change.to_stage), stay.days) for change, stay in page.context["stays"]] == [
        ("Qualified", 10),
        ("Won", None),
    ]
    assert "Won on" in page.content.decode()


def test_the_second_of_two_movers_is_told(acme, cam, admin, deal_for):
    deal = deal_for()
    assert move(admin, deal, "proof").status_code == 302
    late = move(cam, deal, "won")
    assert late.status_code == 422
    assert f"{acme.users[Role.ADMIN].name} moved this deal to “Proof” meanwhile" in late.content.decode()
    deal.refresh_from_db()
    assert deal.stage.key == "proof"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"to": "lost"}, "Say why it was lost"),
        ({"to": "won", "on": "2999-01-01"}, "dated in the future"),
        ({"to": "won", "on": "2000-01-01"}, "choose that day or a later one"),
        ({"to": "won", "on": ""}, "required"),
    ],
)
def test_a_move_that_can_not_be_says_why(acme, cam, deal_for, fields, message):
    deal = deal_for()
    response = move(cam, deal, fields.pop("to"), **fields)
    assert response.status_code == 422
    assert message in response.content.decode()
    deal.refresh_from_db()
    assert deal.stage.key == "qualified"


def test_a_deal_is_removed_and_a_second_click_finds_nothing(acme, cam, deal_for):
    deal = deal_for()
    assert cam.post(url("deal_remove", deal.pk))["Location"] == url("partner_deals", acme.partner_a.pk)
    assert cam.post(url("deal_remove", deal.pk)).status_code == 404
    assert not Deal.everything.exists()


def test_a_touch_is_noted_on_the_deals_page(acme, cam, deal_for):
    deal = deal_for()
    fields = {"on": today().isoformat(), "kind": "call", "purpose": "deal", "note": "They sign on Friday"}
    assert cam.post(url("deal_touch", deal.pk), fields)["Location"] == url("deal", deal.pk)
    touch = Touch.everything.get()
    assert (touch.partner, touch.purpose, touch.note) == (acme.partner_a, "deal", "They sign on Friday")
    assert "They sign on Friday" in cam.get(url("deal", deal.pk)).content.decode()
    late = cam.post(url("deal_touch", deal.pk), {**fields, "on": "2999-01-01"})
    assert late.status_code == 422
    assert "They sign on Friday" in late.content.decode()


def test_the_tab_counts_open_deals_and_sums_the_partners_part(acme, admin, deal_for):
    a, b = acme.partner_a, acme.partner_b
    deal_for(amount="1000", shares={a.pk: Decimal(70), b.pk: Decimal(30)})
    deal_for(b, amount="100")
    deal_for(b, stage="won")
    page = admin.get(url("partner_deals", b.pk))
    assert next(tab["count"] for tab in page.context["tabs"] if tab["current"]) == 2
    assert "USD 400.00" in page.content.decode()
    actions.move_deal(by=acme.users[Role.ADMIN], deal=Deal.everything.first(), to=stage("lost"), lost_reason="Price")
    assert next(tab["count"] for tab in admin.get(url("partner_deals", b.pk)).context["tabs"] if tab["current"]) == 1


def test_a_deal_is_found_by_the_search_of_who_sees_it(acme, client_for, deal_for):
    deal_for(name="Tundra rollout", stage="won")
    deal_for(name="Tundra renewal", customer_name="Contoso")
    deal_for(acme.partner_b, name="Tundra elsewhere", customer_name="Contoso")

    def found(role, text):
        groups = client_for(acme.users[role]).get(reverse("partners:search"), {"q": text}).context["groups"]
        return [hit.title for group in groups if str(group.label) == "Deals" for hit in group.hits]

    assert found(Role.CAM, "tundra") == ["Tundra renewal", "Tundra rollout"]
    assert found(Role.CAM, "contoso") == ["Tundra renewal"]
    assert len(found(Role.CHIEF, "tundra")) == 3
    assert found(Role.MARKETING, "tundra") == []
