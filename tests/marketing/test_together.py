"""Two at one plan at the same moment."""

from functools import partial

import pytest

from accounts.permissions import Role
from marketing import actions, reading
from marketing.models import MarketingPlan, Snapshot
from tests.marketing.making import added, fresh, marketer, parts, started, tactic
from tests.together import at_once


def test_what_is_changed_while_it_is_submitted_is_in_what_was_submitted_or_refused(committed):
    plan = started(committed)
    activity = added(plan, by=marketer(committed), mdf_asked="4000")
    cam, theirs = committed.users[Role.CAM], marketer(committed)

    def submit():
        return actions.submit(plan=MarketingPlan.everything.get(pk=plan.pk), by=theirs).state

    def change():
        try:
            actions.change_activity(activity=fresh(activity), by=cam, fields={"mdf_asked": "5000"})
        except actions.Closed:
            return "refused"
        return "changed"

    submitted, changed = at_once(committed, submit, change)
    assert submitted == "submitted"
    (kept,) = Snapshot.everything.filter(plan=plan)
    asked = {"changed": "5000", "refused": "4000"}[changed]
    assert kept.content["activities"][0]["mdf_asked"] == asked
    assert [f"{row.mdf_asked.normalize():f}" for row in parts(plan)] == [asked]
    assert kept.content_hash == reading.hash_of(kept.content)


def test_of_two_new_tactics_of_one_name_one_is_refused(committed):
    by = committed.users[Role.MARKETING]
    given = {"name": "Podcast", "kind": "other"}
    found = at_once(committed, *[lambda: actions.save_tactic(by=by, fields=given)] * 2)
    assert sorted(type(each).__name__ for each in found) == ["Tactic", "ValidationError"]


def test_two_who_change_one_tactic_keep_what_both_wrote(committed):
    by, row = committed.users[Role.MARKETING], tactic()
    changes = [{"win": "0.11"}, {"sal": "0.22"}]
    at_once(committed, *[partial(actions.save_tactic, by=by, tactic=row, fields=each) for each in changes])
    with committed:
        assert (str(tactic().win.normalize()), str(tactic().sal.normalize())) == ("0.11", "0.22")


def test_of_two_who_submit_one_does(committed):
    plan = started(committed)
    added(plan, by=marketer(committed))

    def submit():
        try:
            return actions.submit(plan=MarketingPlan.everything.get(pk=plan.pk), by=marketer(committed)).state
        except actions.Closed:
            return "refused"

    assert sorted(at_once(committed, submit, submit)) == ["refused", "submitted"]
    assert Snapshot.everything.filter(plan=plan).count() == 1


@pytest.mark.parametrize("revision", [0, None])
def test_of_two_who_type_into_one_card_one_is_told_where_it_says_what_it_began_with(committed, revision):
    activity = added(started(committed), by=marketer(committed))

    def change(by, reach):
        def call():
            try:
                actions.change_activity(activity=fresh(activity), by=by, fields={"reach": reach}, revision=revision)
            except actions.Changed:
                return "told"
            return "kept"

        return call

    found = at_once(committed, change(committed.users[Role.CAM], 1), change(marketer(committed), 2))
    assert sorted(found) == (["kept", "kept"] if revision is None else ["kept", "told"])
    assert fresh(activity).revision == found.count("kept")
