"""Saved views: a page and its filter under a name, one's own or for everybody; never more than an address."""

import re

import pytest
from django.core.exceptions import ValidationError

from accounts.permissions import Role
from prm.common import saved_views
from prm.common.models import SavedView
from tests.scorecards.test_pages import text


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


def save(client, page="partners:list", query="tier=gold", name="Gold ones", **more):
    return client.post("/views/save/", {"page": page, "query": query, "name": name, **more})


def links(page):
    """{name: address} of the views a page offers."""
    found = re.findall(r'class="saved-view" href="([^"]*)"[^>]*>([^<]*)<', page.content.decode())
    return {name: url.replace("&amp;", "&") for url, name in found}


def test_a_view_is_saved_where_one_is_and_leads_back_there(cam, client_for):
    client = client_for(cam)
    page = client.get("/partners/?tier=gold&page=3&sort=-tier&q=").content.decode()
    query = re.search(r'name="query" value="([^"]*)"', page)[1].replace("&amp;", "&")
    assert query == "sort=-tier&tier=gold"  # not where on the page one was
    answer = save(client, query=query)
    assert answer["Location"] == "/partners/?sort=-tier&tier=gold"
    assert links(client.get("/partners/")) == {"Gold ones": "/partners/?sort=-tier&tier=gold"}
    there = client.get("/partners/?tier=gold&sort=-tier")
    assert 'class="saved-view" href="/partners/?sort=-tier&amp;tier=gold" aria-current="page"' in there.content.decode()
    assert "Save this view" not in text(there)  # it is one
    assert links(client.get("/scorecards/")) == {}


@pytest.mark.parametrize(
    "url", ["/scorecards/", "/scorecards/roll-up/", *(f"/scorecards/roll-up/{tab}/" for tab in ("distribution", "movers", "investment", "completion", "time"))]
)  # fmt: skip
def test_each_page_that_offers_it_takes_it(cam, client_for, url):
    client = client_for(cam)
    page = client.get(f"{url}?tier=gold").content.decode()
    name = re.search(r'name="page" value="([^"]*)"', page)[1]
    assert save(client, page=name)["Location"] == f"{url}?tier=gold"
    assert links(client.get(url)) == {"Gold ones": f"{url}?tier=gold"}


def test_for_everybody_means_that_each_sees_their_own_partners(acme, cam, client_for):
    save(client_for(acme.users[Role.OPERATIONS]), shared="1", name="All gold")
    save(client_for(acme.users[Role.OPERATIONS]), name="Mine", query="tier=silver")
    client = client_for(cam)
    [(name, url)] = links(client.get("/partners/")).items()
    assert name == "All gold"
    shown = text(client.get(url))
    assert "Northwind" in shown
    assert "Fabrikam" not in shown


def test_a_cam_saves_for_itself_only(cam, client_for, acme):
    client = client_for(cam)
    assert "For everybody" not in text(client.get("/partners/?tier=gold"))
    save(client, shared="1")
    assert not SavedView.objects.get().shared
    with pytest.raises(ValidationError):
        saved_views.save_view(by=cam, page="partners:list", name="x", query="", shared=True)


@pytest.mark.parametrize(("more", "words"), [
    ({"name": ""}, "This field is required"), ({"name": "gold ONES"}, "You have a view with this name already."),
    ({"page": "settings:home"}, "Views of this page can’t be saved."), ({"name": "x" * 61}, "at most 60 characters"),
    ({"name": "Long", "query": "q=" + "x" * 2100}, "too long to be saved"),
])  # fmt: skip
def test_what_cant_be_saved_is_said_and_kept(cam, client_for, more, words):
    client = client_for(cam)
    save(client)
    answer = save(client, **more)
    assert answer.status_code == 422
    assert words in text(answer)
    assert SavedView.objects.count() == 1


def test_renamed_shared_and_removed_by_who_may(acme, cam, client_for):
    operations = acme.users[Role.OPERATIONS]
    save(client_for(cam))
    view = SavedView.objects.get()
    change = {"view": view.pk, "name": "Better name"}
    assert client_for(acme.cam_b).post("/views/change/", change).status_code == 404
    assert client_for(operations).post("/views/change/", change).status_code == 404  # it isn't for everybody
    assert client_for(cam).post("/views/change/", change).status_code == 302
    assert links(client_for(cam).get("/partners/")) == {"Better name": "/partners/?tier=gold"}
    save(client_for(operations), name="Theirs", shared="1")
    theirs = SavedView.objects.get(name="Theirs")
    assert "Theirs" not in text(client_for(cam).get("/views/"))
    client_for(acme.users[Role.ADMIN]).post("/views/change/", {"view": theirs.pk, "name": "Ours", "shared": "1"})
    assert SavedView.objects.get(pk=theirs.pk).name == "Ours"
    save(client_for(cam), name="Second")
    taken = client_for(cam).post("/views/change/", {"view": view.pk, "name": "second"})
    assert taken.status_code == 422
    assert "You have a view with this name already." in text(taken)
    client_for(cam).post("/views/change/", {"view": view.pk, "do": "remove"})
    assert not SavedView.objects.filter(pk=view.pk).exists()
    assert client_for(cam).post("/views/change/", {"view": "x"}).status_code == 404
