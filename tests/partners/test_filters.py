"""The one filter: what it finds, what it refuses, and that a figure links to exactly the rows behind it."""

from urllib.parse import parse_qs

import pytest
from django import forms
from django.db.models import Count
from django.http import QueryDict
from django.urls import reverse

from accounts.permissions import Role
from partners import filters
from partners.filters import ActionFilter, Narrowing, PartnerFilter
from partners.models import Action, Contact, Partner, Region, Tier

pytestmark = pytest.mark.django_db


@pytest.fixture
def ops(acme):
    return acme.users[Role.OPERATIONS]


def found(user, query, **kwargs):
    chosen = PartnerFilter(QueryDict(query), user=user, **kwargs)
    return {partner.name for partner in chosen.apply(Partner.objects.visible_to(user))}


A, B = "Northwind ACME-A", "Fabrikam ACME-B"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {A, B}),
        ("region=west", {A}),
        ("region=west&region=east", {A, B}),
        ("region=none", set()),
        ("tier=gold&region=east", {B}),
        ("tier=silver", set()),
        ("type=reseller", {A, B}),
        ("stage=accelerate", {A, B}),
        ("cam=none", set()),
        ("q=northwind", {A}),
        ("q=NÖRTHWIND", {A}),
        ("q=acme north", {A}),
        ("q=northwind-acme.exam", {A}),
        ("q=acme-a-1", {A}),
        ("q=%20%20", {A, B}),
        ("q=%25", set()),
        ("q=_", set()),
        ("q=…", set()),
    ],
)
def test_what_it_finds(acme, ops, query, names):
    assert found(ops, query) == names


def test_by_cam_and_by_nobody(acme, ops):
    Partner.everything.filter(pk=acme.partner_b.pk).update(cam=None)
    mine = acme.users[Role.CAM].pk
    assert found(ops, f"cam={mine}") == {A}
    assert found(ops, "cam=none") == {B}
    assert found(ops, f"cam=none&cam={mine}") == {A, B}


def test_by_contact_without_doubling_the_partner(acme, ops):
    for number in range(3):
        Contact.everything.create(partner=acme.partner_b, name=f"Ana Berg {number}", email=f"ana{number}@fab.example")
    chosen = PartnerFilter(QueryDict("q=berg"), user=ops)
    assert [partner.name for partner in chosen.apply(Partner.objects.visible_to(ops))] == [B]
    assert found(ops, "q=ana2@FAB") == {B}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("region=mars", "region"),
        ("cam=99999999999999999999999", "cam"),
        ("cam=-1", "cam"),
        ("cam='; drop table partners_partner; --", "cam"),
        ("tier=", None),
        ("stage=✓", "stage"),
        ("q=" + "x" * 201, "q"),
        ("q=%00", "q"),
        ("period=yesterday", "period"),
        ("period=1850Q1", "period"),
        ("branches_of=x", "branches_of"),
        ("branches_of=99999999999999999999999", "branches_of"),
        ("branches_of=٣", "branches_of"),
        ("country=Atlantis", "country"),
    ],
)
def test_nonsense_is_an_error_at_its_field_and_never_all_rows(acme, ops, query, field):
    chosen = PartnerFilter(QueryDict(query), user=ops)
    rows = list(chosen.apply(Partner.objects.visible_to(ops)))
    assert set(chosen.errors) == ({field} if field else set())
    assert rows == [] if field else len(rows) == 2
    assert [chip.label for chip in chosen.chips] or not field  # what is wrong can be taken away


def test_another_vendors_cam_is_no_choice(acme, globex, ops):
    # Ids of the two vendors overlap; a name of the other vendor must not appear anyhow.
    labels = [label for _pk, label in PartnerFilter(QueryDict(), user=ops).fields["cam"].choices]
    assert "Camilla ACME-B" in labels
    assert not any("GLOBEX" in str(label) for label in labels)


def test_a_cam_is_offered_only_those_whose_partners_they_see(acme):
    chosen = PartnerFilter(QueryDict(), user=acme.users[Role.CAM])
    assert [label for _pk, label in chosen.fields["cam"].choices] == ["Cam ACME", "Nobody"]
    assert found(acme.users[Role.CAM], f"cam={acme.cam_b.pk}") == set()


def test_chips_take_away_one_thing_and_keep_the_rest(acme, ops):
    chosen = PartnerFilter(QueryDict("region=west&region=east&tier=gold&sort=-name&page=3"), user=ops)
    chips = {(chip.label, chip.value): parse_qs(chip.url.lstrip("?")) for chip in chosen.chips}
    assert chips[("Region", "West")] == {"region": ["east"], "tier": ["gold"], "sort": ["-name"]}
    assert chips[("Tier", "Gold")] == {"region": ["west", "east"], "sort": ["-name"]}


def test_the_last_chip_leads_to_everything(acme, ops):
    (chip,) = PartnerFilter(QueryDict("tier=gold"), user=ops).chips
    assert chip.url == "?"


def test_the_quarter_asked_for(acme, ops):
    current = PartnerFilter(QueryDict(), user=ops, with_period=True).quarter
    earlier = current.shift(-3)
    assert PartnerFilter(QueryDict(f"period={earlier.key}"), user=ops, with_period=True).quarter == earlier
    assert PartnerFilter(QueryDict("period=junk"), user=ops).quarter == current


def test_a_lists_bar_keeps_the_quarter_of_the_figure_that_led_to_it(acme, ops):
    key = PartnerFilter(QueryDict(), user=ops).current_quarter.shift(-1).key
    chosen = PartnerFilter(QueryDict(f"period={key}"), user=ops)
    assert [bound.name for bound in chosen.hidden_fields()] == ["period"]
    assert [chip.label for chip in chosen.chips] == ["Quarter"]


def test_branches_and_distributed_partners(acme, ops):
    Partner.everything.filter(pk=acme.partner_b.pk).update(parent=acme.partner_a, distributor=acme.partner_a)
    for key in ("branches_of", "distributor"):
        chosen = PartnerFilter(QueryDict(f"{key}={acme.partner_a.pk}"), user=ops)
        assert [partner.name for partner in chosen.apply(Partner.objects.visible_to(ops))] == [B]
        assert [chip.value for chip in chosen.chips] == [A]


def test_a_chip_does_not_tell_a_partners_name_to_whom_it_is_hidden(acme):
    chosen = PartnerFilter(QueryDict(f"branches_of={acme.partner_b.pk}"), user=acme.users[Role.CAM])
    assert [chip.value for chip in chosen.chips] == [str(acme.partner_b.pk)]


@pytest.mark.parametrize("by", ["region", "tier", "cam"])
def test_a_figure_leads_to_exactly_its_rows(acme, ops, client_for, by):
    """A roll-up counts partners by something, under a filter; each count's link lists just that many."""
    Partner.everything.filter(pk=acme.partner_b.pk).update(**{by: None})
    chosen = PartnerFilter(QueryDict("type=reseller&stage=accelerate"), user=ops)
    rows = chosen.apply(Partner.objects.visible_to(ops)).order_by()
    value = {"region": "region__key", "tier": "tier__key", "cam": "cam"}[by]
    figures = {row[value]: row["n"] for row in rows.values(value).annotate(n=Count("pk"))}
    assert len(figures) == 2
    for key, number in figures.items():
        response = client_for(ops).get(chosen.list_url(**{by: key or filters.NOBODY}))
        assert response.context["listing"].total == number
        assert response.context["filter"].active["type"] == ["reseller"]


def test_a_tools_own_narrowing_filters_and_shows_as_a_chip(acme, ops, client_for, monkeypatch):
    monkeypatch.setattr(filters, "_narrowings", dict(filters._narrowings))

    def clean(text):
        if text not in ("low", "high"):
            raise forms.ValidationError("no")
        return text

    filters.narrowing(
        Narrowing(
            "heat", "Heat", clean, lambda rows, value, _f: rows.filter(name__startswith="F"), lambda v, _f: v.upper()
        )
    )
    response = client_for(ops).get(reverse("partners:list") + "?heat=high")
    assert response.context["listing"].total == 1
    assert [(chip.label, chip.value) for chip in response.context["filter"].chips] == [("Heat", "HIGH")]
    assert 'type="hidden" name="heat" value="high"' in response.content.decode()  # kept when the bar is used
    assert client_for(ops).get(reverse("partners:list") + "?heat=odd").context["listing"].total == 0


def test_a_chief_limited_to_a_region(acme):
    chief = acme.users[Role.CHIEF]
    chief.region_limits.create(region=Region.objects.get(key="west"))
    assert found(chief, "") == {A}
    assert found(chief, "region=east") == set()
    labels = [str(label) for _pk, label in PartnerFilter(QueryDict(), user=chief).fields["cam"].choices]
    assert labels == ["Cam ACME", "Nobody"]


def test_the_filter_costs_the_same_however_many_partners(acme, ops, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost():
        with CaptureQueriesContext(connection) as queries:
            list(PartnerFilter(QueryDict("q=a&tier=gold"), user=ops).apply(Partner.objects.visible_to(ops)))
        return len(queries)

    cost()  # the user's roles are read once
    before = cost()
    gold = Tier.objects.get(key="gold")
    for number in range(5):
        partner = Partner(name=f"Gold {number}", tier=gold, stage=acme.partner_a.stage)
        partner.partner_type = acme.partner_a.partner_type
        partner.save()
    assert cost() == before


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", {"late", "soon", "undated"}),
        ("due=late", {"late"}),
        ("due=week", {"soon"}),
        ("due=none", {"undated"}),
        ("status=done", {"finished"}),
        ("status=done&status=open", {"late", "soon", "finished"}),
        ("owner=me", {"late"}),
        ("owner=none", {"soon", "undated"}),
        ("q=LAT", {"late"}),
        ("q=northwind", {"late", "soon", "undated"}),
        ("owner=99999999999999999999", set()),
        ("due=never", set()),
    ],
)
def test_actions_are_filtered(acme, query, titles):
    import datetime as dt

    from django.utils import timezone

    from partners import queries
    from prm.common.vendor import today

    cam, day = acme.users[Role.CAM], today()
    make = Action.everything.create
    make(partner=acme.partner_a, title="late", due_on=day - dt.timedelta(days=1), owner=cam)
    make(partner=acme.partner_a, title="soon", due_on=day + dt.timedelta(days=7))
    make(partner=acme.partner_a, title="undated", status="in_progress")
    make(partner=acme.partner_a, title="finished", status="done", closed_at=timezone.now())
    make(partner=acme.partner_b, title="late at another partner", due_on=day, owner=cam)
    rows = ActionFilter(QueryDict(query), user=cam).apply(queries.actions(cam))
    assert {action.title for action in rows} == titles
