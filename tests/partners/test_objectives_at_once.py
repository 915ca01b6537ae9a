"""Two people at once, each with a connection of their own."""

import os
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.db import connection

from accounts.permissions import Role
from partners.models import Objective, ObjectiveProgress
from partners.objectives import actions, queries
from tests import database
from tests.world import make_world


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """A vendor in a database of its own, where each connection commits."""
    name, before = f"objectives_{os.getpid()}", settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock():
        database.copy(name)
        connection.close()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
        try:
            yield make_world("acme")
        finally:
            connection.set_schema_to_public()
            connection.close()
            settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = before
            database.drop(name)


def at_once(world, *calls):
    """What each of these calls gave, or the refusal's class name."""
    barrier, outcomes = Barrier(len(calls)), []

    def run(call):
        try:
            connection.set_tenant(world.vendor)
            barrier.wait()
            outcomes.append(call())
        except actions.Conflict as clash:
            outcomes.append(clash.current)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_two_who_enter_the_same_first_one_is_told_and_taken_over_twice_is_there_once(committed):
    world, year = committed, queries.this_year().year
    cam, champion, partner = world.users[Role.CAM], world.users_a[Role.PARTNER_CHAMPION], world.partner_a
    row = actions.add_objective(
        by=cam, partner=partner, side="partner", fiscal_year=year, title="Win", yardstick="Deals"
    )

    def entering(by, value):
        where = {"partner": partner, "fiscal_year": year, "quarter": 1}
        seen = {row.pk: {"value": None, "note": ""}}
        return lambda: actions.enter_progress(by=by, changes={row.pk: {"value": value}}, seen=seen, **where)

    outcomes = at_once(world, entering(cam, 40), entering(champion, 60))
    kept = ObjectiveProgress.everything.get()
    assert sorted(outcomes, key=str) == [1, {f"value_{row.pk}": kept.value}]
    assert kept.value in (40, 60)

    def taking(by):
        rows = [{"side": "partner", "title": "Win", "yardstick": "Deals"}]
        return lambda: len(actions.take_over(by=by, partner=partner, fiscal_year=year + 1, rows=rows))

    assert sorted(at_once(world, taking(cam), taking(champion))) == [0, 1]
    assert Objective.everything.filter(fiscal_year=year + 1).count() == 1
