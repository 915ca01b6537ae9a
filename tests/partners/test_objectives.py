"""Objectives: who sets whose, how progress is entered, and their pages on both sides."""

import csv
import io
from decimal import Decimal as D

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from partners.models import Objective, ObjectiveProgress
from partners.objectives import actions, queries
from partners.objectives.tables import objective_listing
from prm.common.models import AuditEntry
from prm.common.vendor import today

OWN, VENDORS = "partner", "vendor"


def url(name, *args, **query):
    found = reverse(f"partners:{name}", args=args)
    return found + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")


@pytest.fixture
def year(acme):
    return queries.this_year().year


@pytest.fixture
def admin(acme):
    return acme.users[Role.ADMIN]


@pytest.fixture
def champion(acme):
    return acme.users_a[Role.PARTNER_CHAMPION]


@pytest.fixture
def cam(acme, client_for):
    return client_for(acme.users[Role.CAM])


@pytest.fixture
def theirs(champion, client_for):
    """The partner's champion in the portal."""
    return client_for(champion)


@pytest.fixture
def add(acme, admin, year):
    def make(title="Win deals", side=OWN, *, by=None, partner=None, in_year=None, **fields):
        fields = {"yardstick": "Deals won", "baseline": D(2), "goal": D(12), "unit": "deals", **fields}
        where = {"partner": partner or acme.partner_a, "fiscal_year": in_year or year}
        return actions.add_objective(by=by or admin, side=side, title=title, **where, **fields)

    return make


@pytest.fixture
def percent(add):
    def make(title, side=OWN, **more):
        return add(title, side, baseline=None, goal=None, unit="", **more)

    return make


@pytest.fixture
def enter(admin):
    def send(row, value, *, quarter=1, by=None, seen=None, **more):
        where = {"partner": row.partner, "fiscal_year": row.fiscal_year, "quarter": quarter}
        return actions.enter_progress(
            by=by or admin,
            changes={row.pk: {"value": value, **more}},
            seen=None if seen is None else {row.pk: seen},
            **where,
        )

    return send


def refused(field, call, *args, **fields):
    with pytest.raises(ValidationError) as error:
        call(*args, **fields)
    found = error.value.message_dict if hasattr(error.value, "error_dict") else {"": error.value.messages}
    assert field in found, error.value
    return found[field]


def entries(row):
    return dict(ObjectiveProgress.everything.filter(objective=row).values_list("quarter", "value"))


# ── Setting them ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_partner_sets_its_own_and_the_vendors_people_both(acme, add, champion):
    add(by=champion)
    add("Grow", VENDORS, by=acme.users[Role.CAM])
    add("Learn", by=acme.users[Role.CAM])
    with pytest.raises(PermissionDenied):
        add("Ours", VENDORS, by=champion)
    for user in (acme.users_a[Role.PARTNER_SELLER], acme.users[Role.CHIEF], acme.users[Role.MARKETING]):
        for side in (OWN, VENDORS):
            with pytest.raises(PermissionDenied):
                add("No", side, by=user)
    board = queries.for_plan(champion, acme.partner_a)
    assert [[line.objective.title for line in column.lines] for column in board.columns] == [
        ["Win deals", "Learn"],
        ["Grow"],
    ]
    assert [bool(column.add_url) for column in board.columns] == [True, False]
    assert AuditEntry.objects.filter(verb="objective.added", partner_id=acme.partner_a.pk).count() == 3


def test_what_can_not_be_is_refused_by_field(add, year):
    add()
    refused("title", add, "  win  DEALS ")
    refused("title", add, "")
    refused("yardstick", add, "New", yardstick=" ")
    refused("goal", add, "New", goal=None)
    refused("baseline", add, "New", baseline=None)
    refused("goal", add, "New", goal=D(2))
    refused("goal", add, "New", goal=D(10) ** 15)
    refused("fiscal_year", add, "New", in_year=year + 30)
    add("Win deals", VENDORS)  # the other side may want the same
    add("Win deals", in_year=year + 1)
    assert Objective.everything.count() == 3


def test_the_database_keeps_start_and_goal_together(acme, year):
    for fields in ({"goal": 5}, {"baseline": 5}, {"baseline": 5, "goal": 5}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Objective.everything.create(partner=acme.partner_a, fiscal_year=year, title="A", yardstick="B", **fields)


def test_two_who_change_the_same_thing_are_told(add, admin):
    row = add()
    actions.update_objective(by=admin, objective=row, changes={"title": "Win more"}, seen={"title": "Win deals"})
    with pytest.raises(actions.Conflict) as clash:
        actions.update_objective(by=admin, objective=row, changes={"title": "Win big"}, seen={"title": "Win deals"})
    assert clash.value.current == {"title": "Win more"}
    actions.update_objective(by=admin, objective=row, changes={"goal": D(20)}, seen={"goal": D(12)})
    row.refresh_from_db()
    assert (row.title, row.goal) == ("Win more", D(20))


def test_once_progress_is_there_numbers_do_not_become_percent(add, admin, enter):
    row = add()
    enter(row, D(5))
    refused("goal", actions.update_objective, by=admin, objective=row, changes={"baseline": None, "goal": None})
    actions.update_objective(by=admin, objective=row, changes={"goal": D(8)})
    assert queries.standing_of(queries.objectives(admin).get()).percent == 50


def test_dropped_it_counts_no_longer_and_can_be_taken_up(acme, add, admin, enter):
    row = add()
    enter(row, D(5))
    refused("", actions.remove_objective, by=admin, objective=row)
    refused("reason", actions.drop_objective, by=admin, objective=row, reason="  ")
    actions.drop_objective(by=admin, objective=row, reason="The market left")
    own = queries.for_plan(admin, acme.partner_a).columns[0]
    assert (own.lines, [line.objective for line in own.dropped]) == ([], [row])
    assert own.tally.objectives == 0
    refused(f"value_{row.pk}", enter, row, D(7))
    actions.take_up_objective(by=admin, objective=row)
    assert queries.for_plan(admin, acme.partner_a).columns[0].tally.objectives == 1
    new = add("A mistake")
    actions.remove_objective(by=admin, objective=new)
    actions.remove_objective(by=admin, objective=new)
    assert list(Objective.everything.all()) == [row]


# ── Progress ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_progress_is_entered_corrected_and_taken_back(acme, add, enter, champion, admin):
    row = add(by=champion)
    assert enter(row, D(4), note="Slow", by=champion) == 1
    ObjectiveProgress.everything.update(on="2020-01-01")
    assert enter(row, D(7)) == 1
    entry = ObjectiveProgress.everything.get()
    assert (entry.value, entry.note, entry.by) == (D(7), "Slow", admin)
    assert entry.on.isoformat() == "2020-01-01", "a correction doesn't make the entry later"
    assert enter(row, D(7)) == 0
    assert enter(row, None, note="") == 1
    assert entries(row) == {}
    said = AuditEntry.objects.filter(verb="objective.progress").order_by("pk").values_list("changes", flat=True)
    assert list(said) == [{"Q1": [None, "4"]}, {"Q1": ["4", "7"]}, {"Q1": ["7", None]}]


def test_progress_is_refused_by_field_and_nothing_is_half_done(acme, add, percent, admin, enter, year):
    row, share = add(), percent("Content")
    where = {"partner": acme.partner_a, "fiscal_year": year, "quarter": 1}
    changes = {row.pk: {"value": D(5)}, share.pk: {"value": D(1001)}}
    refused(f"value_{share.pk}", actions.enter_progress, by=admin, changes=changes, **where)
    refused(f"value_{row.pk}", enter, row, D(10) ** 15)
    refused(f"value_{row.pk}", enter, row, None, note="A word")
    refused(f"note_{row.pk}", enter, row, D(1), note="x" * 301)
    refused("quarter", enter, add("Next", in_year=year + 1), D(5))
    refused("quarter", enter, row, D(5), quarter=5)
    other = add("Theirs", partner=acme.partner_b)
    refused(f"value_{other.pk}", actions.enter_progress, by=admin, changes={other.pk: {"value": D(5)}}, **where)
    assert not ObjectiveProgress.everything.exists()


def test_the_partner_enters_its_own_progress_only(add, enter, champion, acme):
    own, ours = add(), add("Ours", VENDORS)
    enter(own, D(5), by=champion)
    with pytest.raises(PermissionDenied):
        enter(ours, D(5), by=champion)
    with pytest.raises(PermissionDenied):
        enter(own, D(6), by=acme.users_a[Role.PARTNER_SELLER])


def test_two_who_enter_at_once_are_told(add, enter):
    row = add()
    enter(row, D(5))
    with pytest.raises(actions.Conflict) as clash:
        enter(row, D(6), seen={"value": None, "note": ""})
    assert clash.value.current == {f"value_{row.pk}": D(5)}
    enter(row, D(5), seen={"value": None, "note": ""})  # the same is no clash
    enter(row, D(6), seen={"value": D(5), "note": ""})
    assert entries(row) == {1: D(6)}


# ── Over to the next year ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_the_year_before_leaves_is_proposed_and_taken_over_once(acme, add, percent, enter, year, champion, theirs):
    met, behind = add(in_year=year - 1), add("Learn", in_year=year - 1, baseline=D(90), goal=D(60))
    percent("Content", in_year=year - 1)
    dropped = add("Dropped", in_year=year - 1)
    actions.drop_objective(by=champion, objective=dropped, reason="No")
    add("Ours", VENDORS, in_year=year - 1)
    enter(met, D(14), quarter=4)
    enter(behind, D(75), quarter=2)
    form = theirs.get(url("portal_objectives_take_over", year=year)).context["form"]
    assert [one.before.title for one in form.proposals] == ["Win deals", "Learn", "Content"]
    assert (form[f"baseline_{met.pk}"].value(), form[f"goal_{met.pk}"].value()) == (D(14), D(24))
    assert (form[f"baseline_{behind.pk}"].value(), form[f"goal_{behind.pk}"].value()) == (D(75), D(60))
    data = {bound.html_name: bound.value() for bound in form if bound.value() is not None}
    assert theirs.post(url("portal_objectives_take_over", year=year), data).status_code == 302
    new = Objective.everything.filter(fiscal_year=year)
    assert [(row.title, row.side, row.baseline, row.goal, row.created_by) for row in new.order_by("pk")] == [
        ("Win deals", OWN, D(14), D(24), champion),
        ("Learn", OWN, D(75), D(60), champion),
        ("Content", OWN, None, None, champion),
    ]
    again = theirs.post(url("portal_objectives_take_over", year=year), data)
    assert again.status_code == 422
    assert new.count() == 3
    rows = [{"side": OWN, "title": "win deals", "yardstick": "Deals"}]
    assert actions.take_over(by=champion, partner=acme.partner_a, fiscal_year=year, rows=rows) == []


def test_only_a_year_that_begins_leads_to_what_the_year_before_leaves(add, year, theirs):
    add(in_year=year - 1)
    add("This year’s", in_year=year)
    shown = {
        one: url("portal_objectives_take_over", year=one)
        in theirs.get(url("portal_objectives", year=one)).content.decode()
        for one in (year - 1, year, year + 1)
    }
    first = today() <= queries.this_year().quarters[0].end
    assert shown == {year - 1: False, year: first, year + 1: True}


def test_a_proposal_is_changed_and_refused_where_it_makes_no_sense(add, year, cam, acme):
    one, other = add(in_year=year - 1), add("Other", in_year=year - 1)
    at = url("objectives_take_over", acme.partner_a.pk, year=year)
    data = {f"take_{one.pk}": "on", f"title_{one.pk}": "Win big", f"baseline_{one.pk}": "3", f"goal_{one.pk}": "3"}
    data |= {f"title_{other.pk}": "Other"}
    response = cam.post(at, data)
    assert response.status_code == 422
    assert "let them differ" in response.content.decode()
    assert 'value="Win big"' in response.content.decode()
    assert cam.post(at, {**data, f"goal_{one.pk}": ""}).status_code == 422
    assert cam.post(at, {key: value for key, value in data.items() if not key.startswith("take")}).status_code == 422
    assert cam.post(at, {**data, f"goal_{one.pk}": "9"}).status_code == 302
    assert list(Objective.everything.filter(fiscal_year=year).values_list("title", "baseline", "goal")) == [
        ("Win big", D(3), D(9))
    ]


# ── Pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_both_sides_stand_beside_each_other_with_what_is_reached(acme, add, percent, enter, cam, theirs):
    enter(add(), D(7), quarter=1, note="Two more signed")
    percent("Content", VENDORS)
    met = add("Answer fast", VENDORS, baseline=D(9), goal=D(5), unit="days")
    enter(met, D(5))
    for page in (cam.get(url("objectives", acme.partner_a.pk)), theirs.get(url("portal_objectives"))):
        text = page.content.decode()
        assert "50%" in text
        assert "2 → 12" in text
        assert "Two more signed" in text
        assert "Nothing was entered yet" in text
        assert "1 of 2 met" in text
        assert "0 of 1 met" in text


def test_an_objective_is_added_and_one_comes_back_to_where_one_was(acme, cam, theirs, year):
    at = url("objective_add", acme.partner_a.pk, side=VENDORS, year=year, next="/partners/")
    form = cam.get(at).context["form"]
    assert form["side"].value() == VENDORS
    data = {"side": VENDORS, "fiscal_year": year, "title": "Grow", "yardstick": "Revenue", "baseline": "1", "goal": "2"}
    assert cam.post(at, data)["Location"] == "/partners/"
    assert cam.post(at.replace("/partners/&", "&"), data).status_code == 422
    evil = url("objective_add", acme.partner_a.pk, next="https://evil.example/")
    assert cam.post(evil, {**data, "title": "More"})["Location"] == url("objectives", acme.partner_a.pk, year=year)
    own = {**data, "title": "Ours"}
    refused_page = theirs.post(url("portal_objective_add"), own)
    assert refused_page.status_code == 422, "the vendor's isn't among the partner's choices"
    assert theirs.post(url("portal_objective_add"), {**own, "side": OWN}).status_code == 302


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title": ""}, "required"),
        ({"yardstick": ""}, "required"),
        ({"goal": ""}, "Say where it is to get to"),
        ({"baseline": ""}, "Say where it starts"),
        ({"goal": "1"}, "let them differ"),
        ({"goal": "many"}, "Enter a number"),
        ({"goal": "1e30"}, "digits"),
        ({"fiscal_year": "1066"}, "Select a valid choice"),
        ({"side": "nobody"}, "Select a valid choice"),
    ],
)
def test_bad_input_keeps_what_was_typed_and_says_why(acme, cam, year, fields, message):
    data = {"side": OWN, "fiscal_year": year, "title": "Grow 7", "yardstick": "Revenue 7", "baseline": "1", "goal": "2"}
    response = cam.post(url("objective_add", acme.partner_a.pk), {**data, **fields})
    text = response.content.decode()
    assert response.status_code == 422
    assert message in text
    assert "Grow 7" in text or "Revenue 7" in text
    assert not Objective.everything.exists()


def test_progress_of_a_quarter_is_one_form(acme, add, percent, enter, cam, theirs, year):
    deals, content, ours = add(), percent("Content"), add("Ours", VENDORS)
    at = url("objectives_progress", acme.partner_a.pk, year=year, quarter=1)
    page = cam.get(at)
    assert [line.objective for line in page.context["form"].lines] == [deals, content, ours]
    data = {f"value_{deals.pk}": "7", f"note_{deals.pk}": "Good", f"value_{content.pk}": "", f"value_{ours.pk}": "3"}
    assert cam.post(at, data)["Location"] == url("objectives", acme.partner_a.pk, year=year)
    assert (entries(deals), entries(content), entries(ours)) == ({1: D(7)}, {}, {1: D(3)})
    own = theirs.get(url("portal_objectives_progress", year=year, quarter=1)).context["form"]
    assert [line.objective for line in own.lines] == [deals, content]
    wrong = cam.post(at, {**data, f"value_{content.pk}": "2000"})
    assert wrong.status_code == 422
    assert "Give percent, 0 to 1000." in wrong.content.decode()
    assert 'value="2000"' in wrong.content.decode()
    assert 'value="Good"' in wrong.content.decode()
    assert entries(content) == {}


def test_who_entered_meanwhile_is_named_and_the_other_value_shown(acme, add, enter, cam, champion, year):
    row = add()
    at = url("objectives_progress", acme.partner_a.pk, year=year, quarter=1)
    shown = cam.get(at).context["form"]
    hidden = {shown[f"{name}_{row.pk}"].html_initial_name: "" for name in ("value", "note")}
    enter(row, D(9), by=champion, note="Ours")
    response = cam.post(at, {**hidden, f"value_{row.pk}": "4", f"note_{row.pk}": ""})
    text = response.content.decode()
    assert response.status_code == 422
    assert f"{champion.display_name} changed this to “9”" in text
    assert entries(row) == {1: D(9)}
    form = response.context["form"]
    data = {key: value for key, value in form.data.items() if key != "csrfmiddlewaretoken"}
    assert cam.post(at, data).status_code == 302
    entry = ObjectiveProgress.everything.get()
    assert (entry.value, entry.note) == (D(4), "Ours"), "mine where both wrote, theirs where only they did"


def test_a_year_to_come_has_no_progress_yet(acme, add, cam, year):
    add(in_year=year + 1)
    text = cam.get(url("objectives_progress", acme.partner_a.pk, year=year + 1)).content.decode()
    assert "This year hasn’t begun" in text
    assert cam.get(url("objectives", acme.partner_a.pk, year="nonsense")).context["board"].year.year == year
    assert cam.get(url("objectives", acme.partner_a.pk, year="2999")).context["board"].year.year == year


def test_an_objective_is_edited_dropped_and_removed_on_its_page(acme, add, enter, cam, theirs):
    row, ours = add(), add("Ours", VENDORS)
    data = {"title": "Win more", "yardstick": "Deals won", "unit": "deals", "baseline": "2", "goal": "20"}
    assert cam.post(url("objective_edit", row.pk), data).status_code == 302
    row.refresh_from_db()
    assert (row.title, row.goal) == ("Win more", D(20))
    assert theirs.get(url("portal_objective_edit", ours.pk)).status_code == 403
    for name in ("drop", "take_up", "remove"):
        assert theirs.post(url(f"portal_objective_{name}", ours.pk), {"reason": "x"}).status_code == 403
    assert theirs.post(url("portal_objective_drop", row.pk), {"reason": ""}, follow=True).status_code == 200
    row.refresh_from_db()
    assert row.dropped_at is None
    assert theirs.post(url("portal_objective_drop", row.pk), {"reason": "Too much"}).status_code == 302
    assert "Too much" in cam.get(url("objectives", acme.partner_a.pk)).content.decode()
    assert cam.post(url("objective_take_up", row.pk)).status_code == 302
    enter(row, D(3))
    page = cam.post(url("objective_remove", row.pk), follow=True)
    assert "drop it instead" in page.content.decode()
    assert cam.post(url("objective_remove", ours.pk)).status_code == 302
    assert list(Objective.everything.all()) == [row]


def test_nobody_reaches_another_partners(acme, add, client_for, cam):
    row = add(partner=acme.partner_b)
    other = client_for(acme.users_a[Role.PARTNER_EXECUTIVE])
    assert other.get(url("portal_objective_edit", row.pk)).status_code == 404
    assert cam.get(url("objective_edit", row.pk)).status_code == 404
    assert cam.get(url("objectives", acme.partner_b.pk)).status_code == 404
    assert client_for(acme.users[Role.MARKETING]).get(url("objectives", acme.partner_b.pk)).status_code == 403
    assert not queries.objectives(acme.users[Role.MARKETING]).exists()
    seller = client_for(acme.users_a[Role.PARTNER_SELLER])
    add()
    text = seller.get(url("portal_objectives")).content.decode()
    assert "Win deals" in text
    assert "Add objective" not in text
    assert seller.get(url("portal_objective_add")).status_code == 403


# ── All of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_is_filtered_by_how_they_stand_and_exported(acme, add, percent, enter, client_for, admin, year):
    met, behind, silent = add(), add("Fall", VENDORS, baseline=D(9), goal=D(5)), percent("Content")
    enter(met, D(2), quarter=1)
    Objective.everything.filter(pk=met.pk).update(goal=D(1))  # a falling one, reached
    Objective.everything.filter(pk=met.pk).update(baseline=D(4))
    enter(behind, D(7))
    gone = add("Gone")
    actions.drop_objective(by=admin, objective=gone, reason="No")
    old = add("Old", in_year=year - 1)
    ObjectiveProgress.everything.filter(objective=met).update(value=D(1))
    client = client_for(admin)

    def found(query):
        text = client.get(url("objective_list") + query).content.decode()
        return {row.title for row in (met, behind, silent, gone, old) if f">{row.title}</a>" in text}

    assert found("") == {"Win deals", "Fall", "Content"}
    assert found("?state=met") == {"Win deals"}
    assert found("?state=open") == {"Fall"}
    assert found("?state=none") == {"Content"}
    assert found("?state=dropped") == {"Gone"}
    assert found(f"?year={year - 1}") == {"Old"}
    assert found("?side=vendor") == {"Fall"}
    assert found("?region=east") == set()
    assert found("?q=fabrikam") == set()
    assert found("?state=nonsense") == set()
    sorted_text = client.get(url("objective_list") + "?sort=-percent").content.decode()
    assert sorted_text.index(">Win deals<") < sorted_text.index(">Fall<") < sorted_text.index(">Content<")
    body = client.get(url("objectives_export", "csv") + "?sort=title").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert [(row["Objective"], row["Reached"], row["Of the way"], row["State"]) for row in rows] == [
        ("Content", "", "", "Nothing entered"),
        ("Fall", "7.00", "50", "Not met yet"),
        ("Win deals", "1.00", "100", "Met"),
    ]


def test_what_sql_calls_met_is_what_the_rule_calls_met(acme, add, percent, enter, admin):
    for number, (start, goal, value) in enumerate(
        [(2, 12, 12), (2, 12, "11.99"), (9, 5, 5), (9, 5, "5.01"), (9, 5, -3), (0, 3, 1), (-4, -8, -8)]
    ):
        row = add(f"Number {number}", baseline=D(start), goal=D(goal))
        enter(row, D(value))
    for number, value in enumerate((99, 100, 250)):
        enter(percent(f"Percent {number}"), D(value))
    percent("Silent")
    rows = queries.with_latest(queries.objectives(admin))
    met = set(rows.filter(queries.MET).values_list("pk", flat=True))
    assert met == {row.pk for row in rows if queries.standing_of(row).met}
    assert len(met) == 6
    for row in rows:
        wanted = queries.standing_of(row).percent
        assert (row.percent is None) == (wanted is None)
        assert wanted is None or abs(row.percent - wanted) < D("1e-9")


def test_a_board_costs_the_same_however_many_there_are(acme, add, enter, admin):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert queries.for_plan(admin, acme.partner_a).lines
            list(objective_listing(admin, _query("")).page)
        return len(asked)

    enter(add(), D(3))
    before = cost()
    for number in range(4):
        enter(add(f"More {number}", VENDORS if number % 2 else OWN), D(3))
    assert cost() == before


def _query(text):
    from django.http import QueryDict

    return QueryDict(text)


def test_the_start_day_of_the_year_is_the_vendors(acme, add, admin):
    from prm.common.models import VendorSettings

    VendorSettings.objects.update_or_create(pk=1, defaults={"name": "Acme", "fiscal_start_month": 7})
    day = today()
    assert queries.this_year().year == day.year + (day.month >= 7)
    assert queries.this_year().contains(day)
