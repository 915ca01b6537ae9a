"""What each list and page of reviews asks of the database: so many queries, and no more with more reviews, versions, partners."""

from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import tokens
from accounts.permissions import Role
from accounts.tokens import Scope
from partners import actions as partner_actions
from partners.models import Partner
from prm.common.models import Job
from prm.common.vendor import today
from prm.documents.slides import Deck, Point, Points, Slide
from qbr import actions
from qbr.actions.drafting import quarters
from qbr.frozen import freeze
from qbr.models import Attendee, Batch, BatchItem, Commitment, Qbr, Version
from tests.api.conftest import Api
from tests.qbr.making import in_days
from tests.world import make_partner

pytestmark = pytest.mark.django_db

# Whose page, its address (as a name of the URLconf, or of the API), and how many queries at most.
PAGES = {
    "list": ("cam", "list", 15),
    "list as CSV": ("cam", "export csv", 12),
    "partner": ("cam", "partner partner", 15),
    "new": ("cam", "new", 8),
    "deck": ("cam", "deck qbr", 10),
    "version": ("cam", "version version", 7),
    "held": ("cam", "held qbr", 13),
    "share": ("cam", "share qbr", 11),
    "batch": ("cam", "batch batch", 8),
    "draft": ("cam", "qbr qbr", 96),
    "commitments on the draft": ("cam", "qbr qbr ?slide=next", 102),
    "look": ("admin", "look", 9),
    "portal list": ("champion", "portal_list", 12),
    "portal": ("champion", "portal_qbr qbr", 13),
    "API list": ("cam", "/qbrs", 10),
    "API review": ("cam", "/qbrs/{qbr}", 8),
    "API slides": ("cam", "/qbrs/{qbr}/slides", 93),
    "API commitments": ("cam", "/qbrs/{qbr}/commitments", 6),
    "API batch": ("cam", "/qbrs/batches/{batch}", 6),
    "API list for the partner": ("champion", "/qbrs", 10),
    "API review for the partner": ("champion", "/qbrs/{qbr}", 8),
}


@dataclass
class Room:
    """A review of partner A that was shared, in a batch; more of everything is added to it and beside it."""

    world: object
    qbr: Qbr
    version: Version
    batch: Batch


@pytest.fixture
def room(acme):
    cam = acme.users[Role.CAM]
    batch = Batch.objects.create(quarter=quarters()[1].key, created_by=cam)
    version = review(acme.partner_a, cam, batch, 1)
    review(acme.partner_a, cam, batch, 2)  # whose commitments are looked at in the next
    return Room(acme, version.qbr, version, batch)


def review(partner, cam, batch, back):
    quarter = quarters()[back]
    qbr = Qbr.everything.create(
        partner=partner, quarter=quarter.key, starts_on=quarter.start, ends_on=quarter.end, state="shared", held_on=today(),
        held_by=cam, shared_at=timezone.now(), shared_by=cam, created_by=cam, updated_by=cam,
    )  # fmt: skip
    version = more_of(qbr, cam, 1)
    Version.everything.filter(pk=version.pk).update(shared=True)
    job = Job.objects.create(kind="qbr.build_of_batch", title="QBR", created_by=cam, state="done")
    BatchItem.everything.get_or_create(batch=batch, partner=partner, defaults={"job": job, "version": version})
    return version


def more_of(qbr, cam, number):
    """Another version, a commitment of each side with its action, and people of both."""
    slide = Slide("glance", "At a glance", today(), (Points("Today", (Point("One"),)),))
    content = freeze(Deck("Review", "", "Acme", qbr.partner.name, "en", (slide,)))
    version = Version.everything.create(
        qbr=qbr,
        number=number,
        content=content,
        slides=1,
        as_of=today(),
        built_by=cam,
        pptx="qbr/a.pptx",
        pdf="qbr/a.pdf",
    )
    for side in ("vendor", "partner"):
        title = f"Do {number} of the {side}"
        action = partner_actions.add_action(
            by=cam, partner=qbr.partner, title=title, owner=cam, origin="qbr", shared=True
        )
        Commitment.everything.create(qbr=qbr, side=side, owner=cam, text=title, due_on=in_days(9), action=action)
        Attendee.everything.create(qbr=qbr, side=side, name=f"Person {number}", user=cam if side == "vendor" else None)
    return version


def add(room):
    """Three of everything where there was one."""
    cam = room.world.users[Role.CAM]
    for number in (2, 3):
        more_of(room.qbr, cam, number)
        review(room.world.partner_a, cam, room.batch, number + 1)
        review(make_partner(room.world, f"X{number}", name="Contoso", cam=cam), cam, room.batch, 1)
        Batch.objects.create(quarter=quarters()[number].key, created_by=cam)


def address(room, named):
    if named.startswith("/"):
        return "/api/v1" + named.format(qbr=room.qbr.pk, batch=room.batch.pk)
    name, *rest = named.split()
    stands = {"partner": room.qbr.partner_id, "qbr": room.qbr.pk, "version": room.version.pk, "batch": room.batch.pk}
    query = next((each for each in rest if each.startswith("?")), "")
    return reverse(f"qbr:{name}", args=[stands.get(each, each) for each in rest if each != query]) + query


@pytest.fixture
def cost(acme, client_for):
    """cost(user, address) → how many queries the answer costs: a page in a session, the API with a token."""

    def count(user, url):
        if url.startswith("/api/"):
            api = Api(tokens.create(user, "Test", list(Scope), 30)[1], acme.host)
            url, get = url.removeprefix("/api/v1"), api.get
        else:
            get = client_for(user).get
        get(url)  # what is kept a minute is kept from here on
        with CaptureQueriesContext(connection) as asked:
            assert get(url).status_code == 200
        return len(asked)

    return count


@pytest.mark.parametrize("page", PAGES)
def test_three_of_everything_cost_as_many_queries_as_one(acme, room, cost, page):
    who, named, most = PAGES[page]
    champion = acme.users_a[Role.PARTNER_CHAMPION]
    user = {"cam": acme.users[Role.CAM], "admin": acme.users[Role.ADMIN], "champion": champion}[who]
    url = address(room, named)
    one = cost(user, url)
    add(room)
    three = cost(user, url)
    assert three <= one
    assert one <= most, one


def test_a_batch_of_many_asks_for_each_partner_the_same(acme, room):
    """What it costs to begin: one review and one job a partner, nothing that grows with the others."""
    cam = acme.users[Role.CAM]

    def begin(n):
        Partner.everything.filter(name__startswith="Fresh").delete()
        found = [make_partner(acme, f"F{n}{place}", name=f"Fresh {place}", cam=cam) for place in range(n)]
        with CaptureQueriesContext(connection) as asked:
            actions.build_all(by=cam, partners=found)
        return len(asked)

    begin(1)
    one, three, five = (begin(n) for n in (1, 3, 5))
    assert five - three == three - one
