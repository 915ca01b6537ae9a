"""Two people at once, each with a connection of their own."""

from accounts.permissions import Role
from partners.models import Objective, ObjectiveProgress
from partners.objectives import actions, queries
from tests.together import at_once


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
    (clash,) = [outcome for outcome in outcomes if isinstance(outcome, actions.Conflict)]
    assert clash.current == {f"value_{row.pk}": kept.value}
    assert 1 in outcomes
    assert kept.value in (40, 60)

    def taking(by):
        rows = [{"side": "partner", "title": "Win", "yardstick": "Deals"}]
        return lambda: len(actions.take_over(by=by, partner=partner, fiscal_year=year + 1, rows=rows))

    assert sorted(at_once(world, taking(cam), taking(champion))) == [0, 1]
    assert Objective.everything.filter(fiscal_year=year + 1).count() == 1
