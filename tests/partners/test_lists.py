"""The vendor's own lists: renamed, added to, reordered; and nothing is lost that a partner has."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from partners.actions import place
from partners.models import LifeStage, PartnerType, Region, RegionLimit, Tier
from prm.common.models import AuditEntry
from tests.world import World


def names(model) -> list[str]:
    return list(model.objects.values_list("name", flat=True))


@pytest.fixture
def admin(acme: World) -> User:
    return acme.users[Role.ADMIN]


@pytest.fixture
def send(client_for, admin):
    """send("tiers", do="save", **{"name-1": "Bronze"}) → the answer, with the names of the other entries as they are."""
    client = client_for(admin)

    def post(name: str, model, do: str = "save", **changed: str):
        data = {f"name-{row.pk}": row.name for row in model.objects.all()} | {"name-new": ""}
        if model is PartnerType:
            data |= {f"transacts-{row.pk}": "on" for row in model.objects.filter(transacts=True)}
        return client.post(reverse("partners:list_save", args=[name]), data | {"do": do} | changed)

    return post


def test_renamed_it_is_the_same_tier_everywhere(acme, send):
    tier = Tier.objects.first()
    acme.partner_a.tier = tier
    acme.partner_a.save()
    assert send("tiers", Tier, **{f"name-{tier.pk}": "Bronze"}).status_code == 302
    tier.refresh_from_db()
    acme.partner_a.refresh_from_db()
    assert (tier.name, tier.key, acme.partner_a.tier.name) == ("Bronze", "silver", "Bronze")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.changes["name"]) == ("catalogue.changed", ["Silver", "Bronze"])


def test_two_swap_their_names(acme, send):
    first, second = Tier.objects.all()[:2]
    assert send("tiers", Tier, **{f"name-{first.pk}": second.name, f"name-{second.pk}": first.name}).status_code == 302
    assert names(Tier)[:2] == [second.name, first.name]


def test_added_at_the_end_with_a_key_of_its_own(acme, send):
    send("regions", Region, **{"name-new": "Größe/Nord"})
    send("regions", Region, **{"name-new": "Grosse Nord"})
    send("regions", Region, **{"name-new": "日本"})
    assert names(Region)[-3:] == ["Größe/Nord", "Grosse Nord", "日本"]
    assert len(set(Region.objects.values_list("key", flat=True))) == Region.objects.count()


def test_moved_and_what_was_typed_beside_it_kept(acme, send):
    before = names(LifeStage)
    second = LifeStage.objects.all()[1]
    send("stages", LifeStage, do=f"up:{second.pk}", **{f"name-{second.pk}": "Welcome"})
    assert names(LifeStage) == ["Welcome", before[0], *before[2:]]
    send("stages", LifeStage, do=f"down:{LifeStage.objects.last().pk}")
    assert names(LifeStage) == ["Welcome", before[0], *before[2:]], "the last one can't go further down"


def test_a_type_that_no_longer_transacts(acme, send, client_for, admin):
    kind = PartnerType.objects.filter(transacts=True).first()
    data = {f"name-{row.pk}": row.name for row in PartnerType.objects.all()}
    client_for(admin).post(reverse("partners:list_save", args=["types"]), data | {"do": "save", "name-new": ""})
    kind.refresh_from_db()
    assert not kind.transacts


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Give it a name."),
        ("  ", "Give it a name."),
        ("GOLD", "This name is in the list already."),
        ("Gold\x00", "characters that can’t be shown"),
        ("x" * 81, "This is too long"),
    ],
)
def test_a_name_that_does_not_do_is_shown_again_and_nothing_is_written(acme, send, typed, message):
    before = names(Tier)
    silver = Tier.objects.get(key="silver")
    answer = send("tiers", Tier, **{f"name-{silver.pk}": typed, "name-new": "Diamond"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page
    assert 'value="Diamond"' in page, "what was typed elsewhere is kept"
    assert names(Tier) == before


def test_what_a_partner_has_stays(acme, send):
    stage = acme.partner_b.stage
    answer = send("stages", LifeStage, do=f"remove:{stage.pk}")
    assert "give" in str(next(iter(get_messages(answer.wsgi_request))))
    assert LifeStage.objects.filter(pk=stage.pk).exists()


def test_what_a_partner_had_stays_for_its_history(acme, send):
    tier = Tier.objects.create(key="old", name="Old", order=9)
    place([acme.partner_a], by=None, on=dt.date(2026, 1, 5), reason="")
    acme.partner_a.placements.update(tier=tier)
    send("tiers", Tier, do=f"remove:{tier.pk}")
    assert Tier.objects.filter(pk=tier.pk).exists()


def test_a_region_that_limits_a_chief_stays_or_the_chief_would_see_all(acme, send):
    region = Region.objects.create(key="north", name="North")
    RegionLimit.objects.create(user=acme.users[Role.CHIEF], region=region)
    send("regions", Region, do=f"remove:{region.pk}")
    assert Region.objects.filter(pk=region.pk).exists()


def test_unused_it_goes(acme, send):
    tier = Tier.objects.create(key="new", name="New")
    send("tiers", Tier, do=f"remove:{tier.pk}")
    assert not Tier.objects.filter(pk=tier.pk).exists()
    assert AuditEntry.objects.latest("pk").verb == "catalogue.removed"


def test_the_other_vendors_lists_stay_as_they_are(acme, globex, send):
    first = Tier.objects.first()
    send("tiers", Tier, **{f"name-{first.pk}": "Bronze", "name-new": "Diamond"})
    connection.set_tenant(globex.vendor)
    assert "Bronze" not in names(Tier)
    assert "Diamond" not in names(Tier)


def test_only_those_who_edit_settings(acme, client_for):
    url = reverse("partners:list_save", args=["tiers"])
    assert client_for(acme.users[Role.CHIEF]).post(url, {"do": "save", "name-new": "Mine"}).status_code == 403
    assert client_for(acme.users[Role.CAM]).get(reverse("partners:lists")).status_code == 403
    assert "Mine" not in names(Tier)
    assert client_for(acme.users[Role.ADMIN]).post("/settings/lists/users/", {"do": "save"}).status_code == 404
