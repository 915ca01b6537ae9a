"""A worker killed in the middle of a batch: no finished deck is lost, the rest is built by the next worker, one that fails stops no other."""

import datetime as dt
import io
import zipfile

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pptx import Presentation

from accounts.permissions import Role
from prm.common import schedule
from prm.common.models import Job, Notification
from prm.tenancy.tasks import HEADER
from qbr import actions
from qbr.content import KEYS
from qbr.models import Batch, BatchItem, Qbr, Version
from tests.common.test_worker import acme, kill, until, worker  # noqa: F401  fixtures: a committed database, real workers
from tests.imports.test_killed import files  # noqa: F401
from tests.world import make_partner

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
def cam(acme):  # noqa: F811
    return acme.users[Role.CAM]


@pytest.fixture
def batch(acme, cam):  # noqa: F811
    """Four partners in this order: a deck, one that can't be built, the one the worker dies at, one that waits."""
    for name in ("Alder", "Birch", "Cedar"):
        make_partner(acme, name[:2], name=name, cam=cam)
    made = actions.build_all(by=cam)
    empty = Qbr.everything.get(partner__name__startswith="Birch")
    actions.change(qbr=empty, by=cam, switched=dict.fromkeys(KEYS, False))
    return made


@pytest.fixture
def third_held(batch):
    """Nobody gets the third review before this is rolled back: its build stops there, with both its files drawn."""
    side = connection.copy()
    side.set_schema("acme")
    side.set_autocommit(False)
    with side.cursor() as cursor:
        cursor.execute("SELECT id FROM qbr_qbr WHERE id = %s FOR UPDATE", [reviews(batch)[2].pk])
    yield side
    side.close()


def reviews(batch):
    rows = BatchItem.everything.filter(batch=batch).order_by("partner__name")
    return [Qbr.everything.get(partner=item.partner_id) for item in rows]


def states(batch):
    rows = BatchItem.everything.filter(batch=batch).order_by("partner__name")
    return list(rows.values_list("job__state", flat=True))


def file_of(version):
    with version.pptx.open("rb") as file:
        return file.read()


def one_waits():
    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        return cursor.fetchone()[0] == 1


@pytest.fixture
def sweep(acme):  # noqa: F811
    """sweep(): what comes round every minute."""

    def swept():
        schedule.run_round.apply(args=("sweep",), headers={HEADER: "acme"}, throw=True)
        connection.set_tenant(acme.vendor)

    return swept


def test_no_finished_deck_is_lost_and_the_batch_is_finished(files, cam, batch, third_held, sweep, worker):  # noqa: F811
    first = worker()
    until(one_waits)
    assert states(batch) == ["done", "failed", "running", "queued"]
    before = Version.everything.get()
    deck = file_of(before)
    kill(first)
    third_held.rollback()

    def swept():
        sweep()
        return states(batch)[2] != "running"

    until(swept)
    assert Version.everything.get() == before, "nothing half built is left"
    assert not Batch.objects.get().told_at
    assert list(Notification.objects.filter(user=cam)) == []

    # The dead worker may have had the message of the fourth: what still waits after two minutes is sent again.
    Job.objects.filter(state="queued").update(created_at=timezone.now() - dt.timedelta(minutes=3))
    sweep()
    worker()
    until(lambda: states(batch) == ["done", "failed", "done", "done"])
    sweep()
    versions = Version.everything.order_by("qbr__partner__name")  # one each
    assert [(row.qbr_id, row.number) for row in versions] == [(reviews(batch)[n].pk, 1) for n in (0, 2, 3)]
    assert versions[0].pptx.name == before.pptx.name
    assert file_of(versions[0]) == deck
    told = Notification.objects.get(user=cam)
    assert told.text.startswith("3 QBRs of")
    assert told.text.endswith("are built, 1 isn’t")

    browser = Client(headers={"host": "acme.localhost"})
    browser.force_login(cam)
    shown = browser.get(reverse("qbr:batch", args=[batch.pk])).content.decode()
    assert "3 of 4 built" in shown
    assert "All slides are switched off" in shown
    zipped = b"".join(browser.get(reverse("qbr:batch_zip", args=[batch.pk])).streaming_content)
    with zipfile.ZipFile(io.BytesIO(zipped)) as bundle:
        assert len(bundle.namelist()) == 3
        for name in bundle.namelist():
            assert len(Presentation(io.BytesIO(bundle.read(name))).slides) > 2
