"""The rules' editor, the try-out, a partner's level on both sides, overrides and appeals: pages and API."""

import datetime as dt
from io import BytesIO

import openpyxl
import pytest
import yaml
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict

from accounts.permissions import Role
from partners.models import Certificate, Partner, Placement, Tier
from pipeline.models import Metric, MetricValue
from prm.common.models import AuditEntry, Notification, OutgoingMail, Policy
from prm.common.vendor import today
from scorecards.models import TierAppeal, TierOverride
from scorecards.tiers import actions, overrides, posting, programs
from tests.api.conftest import Api, api_for, problem  # noqa: F401  a fixture
from tests.scorecards.test_pages import text
from tests.scorecards.tiers.support import data

DOC = {
    "name": "Our program",
    "tiers": [
        {
            "tier": "silver",
            "requirements": [
                {"type": "metric", "key": "usage", "name": "Usage", "metric": "usage", "minimum": 5, "unit": "seats in use", "effort": 2},
            ],
        },
        {
            "tier": "gold",
            "certificates": {"pro": 2},
            "requirements": [
                {"type": "metric", "key": "usage", "name": "Usage", "metric": "usage", "minimum": 50, "unit": "seats in use", "effort": 2},
                {"type": "people", "key": "pros", "name": "Pros", "certificates": ["pro"], "minimum": 2,
                 "unit": "certified engineers", "unit_one": "certified engineer"},
                {"type": "metric", "key": "margin", "name": "Profitability", "metric": "margin", "minimum": 20},
            ],
        },
    ],
}  # fmt: skip


@pytest.fixture
def lists(acme):
    for key, name in (("usage", "App usage"), ("margin", "Secret margin")):
        Metric.objects.create(
            key=key, name=name, internal=key == "margin", unit="percent" if key == "margin" else "number"
        )
    Certificate.objects.create(key="pro", name="Professional")


@pytest.fixture
def rules(acme, lists) -> Policy:
    return actions.add_version(by=None, program=programs.check(DOC), starts_on=today() - dt.timedelta(days=100))


def use(partner: Partner, number: int, key: str = "usage") -> None:
    metric = Metric.objects.get(key=key)
    MetricValue.everything.create(partner=partner, metric=metric, on=today() - dt.timedelta(days=3), value=number)


def tier(key: str) -> Tier:
    return Tier.objects.get(key=key)


# ── Versions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_may_start_in_the_past_and_the_next_not_before_today(acme, rules):
    program = programs.check(DOC)
    with pytest.raises(ValidationError, match="judged by then"):
        actions.add_version(by=None, program=program, starts_on=today() - dt.timedelta(days=1))
    with pytest.raises(ValidationError, match="Another version"):
        actions.add_version(by=None, program=program, starts_on=rules.starts_on)
    assert actions.add_version(by=None, program=program, starts_on=today()).starts_on == today()


def test_what_has_started_is_never_changed_and_what_has_not_is(acme, rules):
    by, program = acme.users[Role.OPERATIONS], programs.check({**DOC, "name": "Renamed"})
    with pytest.raises(actions.Started):
        actions.change_version(by=by, policy=rules, program=program, starts_on=rules.starts_on)
    with pytest.raises(actions.Started):
        actions.remove_version(by=by, policy=rules)
    later = actions.add_version(by=by, program=programs.check(DOC), starts_on=today() + dt.timedelta(days=9))
    moved = actions.change_version(by=by, policy=later, program=program, starts_on=today() + dt.timedelta(days=20))
    assert (moved.data["name"], moved.starts_on) == ("Renamed", today() + dt.timedelta(days=20))
    actions.remove_version(by=by, policy=moved)
    assert list(programs.versions()) == [rules]
    assert AuditEntry.objects.filter(verb="tier_rules.removed", note__startswith="Renamed").exists()


def test_the_version_of_the_day_judges(acme, rules):
    later = actions.add_version(
        by=None, program=programs.check({**DOC, "name": "Next"}), starts_on=today() + dt.timedelta(days=9)
    )
    assert programs.in_force(rules.starts_on - dt.timedelta(days=1)) is None
    assert programs.in_force(later.starts_on - dt.timedelta(days=1)).policy == rules
    assert programs.in_force(later.starts_on).program.name == "Next"
    assert programs.required_certificates_of("gold", today()) == {"pro": 2}
    assert programs.required_certificates_of("silver", today()) == {}


# ── The editor ───────────────────────────────────────────────────────────────────────────────────────────────────────


def flat(document: object, path: str = "") -> list[tuple[str, str]]:
    """The document as the editor's fields send it."""
    if isinstance(document, dict):
        return [pair for key, value in document.items() for pair in flat(value, f"{path}.{key}" if path else key)]
    if isinstance(document, list):
        if all(isinstance(each, str) for each in document):
            return [(path, each) for each in ["", *document]]
        return [pair for n, each in enumerate(document) for pair in flat(each, f"{path}.{n}")]
    return [] if document is False else [(path, "1" if document is True else str(document))]


def sent(document: object, **more: str) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in flat(document):
        query.appendlist(name, value)
    for name, value in more.items():
        query[name] = value
    return query


@pytest.mark.parametrize("name", ["aws", "hubspot", "microsoft"])
def test_what_the_form_sends_is_the_document(name):
    from scorecards.tiers import document

    assert document.parse(posting.posted(sent(data(name)))) == document.parse(data(name))


def test_rules_are_made_on_the_form_alone(acme, lists, client_for):
    client = client_for(acme.users[Role.OPERATIONS])
    start = today() + dt.timedelta(days=3)
    form = client.get("/settings/tiers/new/?from=blank")
    assert form.status_code == 200
    added = client.post(
        "/settings/tiers/new/", sent({"name": "P", "tiers": [{"tier": "silver"}]}, op="add:tiers.0.requirements:people")
    )
    assert b'name="tiers.0.requirements.0.certificates"' in added.content
    assert not Policy.objects.filter(kind="tiers").exists()  # a button keeps nothing
    saved = client.post("/settings/tiers/new/", sent(DOC, starts_on=start.isoformat()))
    made = Policy.objects.get(kind="tiers")
    assert (saved.status_code, saved["Location"]) == (302, f"/settings/tiers/{made.pk}/")
    assert programs.read(made) == programs.check(DOC)
    page = text(client.get(f"/settings/tiers/{made.pk}/"))
    assert "at least 50 seats in use" in page
    assert "2 certified engineers" in page


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(acme, lists, client_for):
    wrong = {
        **DOC,
        "tiers": [
            {
                "tier": "silver",
                "requirements": [{"type": "metric", "name": "Usage", "metric": "usage", "minimum": "lots"}],
            }
        ],
    }
    answer = client_for(acme.users[Role.OPERATIONS]).post("/settings/tiers/new/", sent(wrong, starts_on="2030-01-01"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "“lots” is no number" in html
    assert 'href="#f-tiers-0-requirements-0-minimum"' in html
    assert 'id="f-tiers-0-requirements-0-minimum" value="lots"' in html


def test_rows_move_and_go(acme):
    rows = {"tiers": [{"tier": "a"}, {"tier": "b"}, {"tier": "c"}]}
    after = [
        posting.changed(rows, op)["tiers"]
        for op in ("up:tiers.2", "down:tiers.0", "remove:tiers.1", "up:tiers.0", "remove:tiers.9", "x")
    ]
    assert ["".join(row["tier"] for row in each) for each in after] == ["acb", "bac", "ac", "abc", "abc", "abc"]


def test_a_file_opens_in_the_editor_with_what_is_wrong_and_comes_back_from_a_version(acme, rules, client_for):
    client = client_for(acme.users[Role.OPERATIONS])
    file = client.get(f"/settings/tiers/{rules.pk}/rules.yaml").content
    assert yaml.safe_load(file)["tiers"][1]["certificates"] == {"pro": 2}
    opened = client.post("/settings/tiers/upload/", {"file": SimpleUploadedFile("rules.yaml", file)})
    assert opened.status_code == 200
    assert "seats in use" in opened.content.decode()
    broken = client.post(
        "/settings/tiers/upload/", {"file": SimpleUploadedFile("r.yaml", file.replace(b"usage", b"nps"))}
    )
    assert broken.status_code == 422
    assert "no metric “nps”" in broken.content.decode()
    for bad in (b"a: [", b"a: &x 1\nb: *x", b"- 1", b"\xff"):
        assert client.post("/settings/tiers/upload/", {"file": SimpleUploadedFile("r.yaml", bad)}).status_code == 422


def test_only_who_defines_tiers_edits_them(acme, rules, client_for):
    for role, may in ((Role.OPERATIONS, 200), (Role.ADMIN, 200), (Role.CHIEF, 403), (Role.CAM, 403)):
        assert client_for(acme.users[role]).get("/settings/tiers/new/").status_code == may
    for role in (Role.CHIEF, Role.CAM):
        assert client_for(acme.users[role]).get(f"/settings/tiers/{rules.pk}/").status_code == 200
    assert client_for(acme.users[Role.MARKETING]).get("/settings/tiers/").status_code == 403


# ── Try-out ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def harder(acme, rules) -> Policy:
    use(acme.partner_a, 7)
    use(acme.partner_b, 3)
    doc = {
        **DOC,
        "tiers": [
            {"tier": "silver", "requirements": [{**DOC["tiers"][0]["requirements"][0], "minimum": 10}]},
            DOC["tiers"][1],
        ],
    }
    return actions.add_version(by=None, program=programs.check(doc), starts_on=today() + dt.timedelta(days=30))


def test_who_would_move_by_the_next_version_and_why(acme, harder, client_for):
    page = client_for(acme.users[Role.OPERATIONS]).get(f"/settings/tiers/{harder.pk}/try/")
    seen = text(page)
    assert page.context["tryout"].counts == {"up": 0, "down": 1, "same": 1}
    assert "Usage: 3 more seats in use" in seen
    only = client_for(acme.users[Role.OPERATIONS]).get(f"/settings/tiers/{harder.pk}/try/?move=down")
    assert [row.partner for row, _why in only.context["rows"]] == [acme.partner_a]
    east = client_for(acme.users[Role.OPERATIONS]).get(f"/settings/tiers/{harder.pk}/try/?region=east")
    assert east.context["tryout"].counts == {"up": 0, "down": 0, "same": 1}


def test_a_cam_tries_it_on_its_own_partners(acme, harder, client_for):
    page = client_for(acme.cam_b).get(f"/settings/tiers/{harder.pk}/try/")
    assert [row.partner for row, _why in page.context["rows"]] == [acme.partner_b]


def test_the_version_in_force_is_held_against_the_tiers_assigned(acme, rules, harder, client_for):
    Partner.everything.filter(pk=acme.partner_b.pk).update(tier=tier("gold"))
    page = client_for(acme.users[Role.OPERATIONS]).get(f"/settings/tiers/{rules.pk}/try/?q=fabrikam")
    [(row, why)] = page.context["rows"]
    assert (row.before.key, row.after, row.move) == ("gold", None, "down")
    assert "2 more seats in use" in why


def test_the_try_out_is_a_workbook_too(acme, harder, client_for):
    answer = client_for(acme.users[Role.OPERATIONS]).get(f"/settings/tiers/{harder.pk}/try/export.xlsx?move=down")
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    line = next(row for row in rows if row[0] == acme.partner_a.name)
    assert line[4:8] == ["Silver", None, "Down", "Usage: 3 more seats in use"]


def test_nobody_is_moved_by_trying(acme, harder, client_for):
    before = list(Partner.everything.order_by("pk").values_list("tier", flat=True))
    client_for(acme.users[Role.OPERATIONS]).get(f"/settings/tiers/{harder.pk}/try/")
    assert list(Partner.everything.order_by("pk").values_list("tier", flat=True)) == before


# ── A partner's level ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_says_what_is_missing_in_plain_numbers(acme, rules, client_for):
    use(acme.partner_a, 7)
    use(acme.partner_a, 12, "margin")
    page = client_for(acme.users[Role.CAM]).get(f"/partners/{acme.partner_a.pk}/level/")
    seen = text(page)
    assert page.context["shown"].standing.qualified.key == "silver"
    assert "43 more seats in use, 2 more certified engineers, 8.0% more" in seen
    assert "Usage : 43 more seats in use effort 86" in seen.replace("Usage:", "Usage :")
    assert "effort unknown" in seen


def test_the_partner_never_sees_the_figure_of_an_internal_metric(acme, rules, client_for):
    use(acme.partner_a, 7)
    use(acme.partner_a, 12, "margin")
    client = client_for(acme.users_a[Role.PARTNER_EXECUTIVE])
    seen = text(client.get("/portal/level/"))
    assert "43 more seats in use" in seen
    assert "Not met; ask your contact at the vendor." in seen
    assert "12%" not in seen
    assert "8.0% more" not in seen
    assert client.get("/portal/level/gold/margin/").status_code == 404
    assert client.get("/portal/level/gold/usage/").status_code == 200
    assert client_for(acme.users[Role.CAM]).get(f"/partners/{acme.partner_a.pk}/level/gold/margin/").status_code == 200


def test_without_a_program_the_page_says_so(acme, client_for):
    for user, path in (
        (acme.users[Role.CAM], f"/partners/{acme.partner_a.pk}/level/"),
        (acme.users_a[Role.PARTNER_SELLER], "/portal/level/"),
    ):
        assert "No program yet" in text(client_for(user).get(path))
    assert "Start from an example" in text(client_for(acme.users[Role.OPERATIONS]).get("/settings/tiers/"))
    assert "Start from an example" not in text(client_for(acme.users[Role.CHIEF]).get("/settings/tiers/"))


def test_the_example_can_be_saved_as_it_is(acme, client_for):
    from scorecards.tiers import offering

    assert [each.tier for each in programs.check(offering.example()).tiers] == ["silver", "gold", "platinum"]


# ── Overrides and appeals ────────────────────────────────────────────────────────────────────────────────────────────


def held(acme, days: int = 30) -> TierOverride:
    return overrides.set_override(
        by=acme.users[Role.OPERATIONS], partner=acme.partner_a, tier=tier("gold"), reason="A new country",
        ends_on=today() + dt.timedelta(days=days),
    )  # fmt: skip


def test_an_override_moves_the_partner_with_its_reason_and_tells_it(acme, rules, client_for):
    ends = today() + dt.timedelta(days=30)
    form = {"tier": tier("platinum").pk, "ends_on": ends.isoformat(), "reason": "A new country"}
    address = f"/partners/{acme.partner_a.pk}/level/override/"
    assert client_for(acme.users[Role.CAM]).post(address, form).status_code == 403
    assert client_for(acme.users[Role.OPERATIONS]).post(address, form).status_code == 302
    acme.partner_a.refresh_from_db()
    assert acme.partner_a.tier.key == "platinum"
    assert Placement.everything.filter(partner=acme.partner_a).latest("starts_on").reason == "A new country"
    told = acme.users_a[Role.PARTNER_SELLER]
    assert "Your tier is Platinum until" in Notification.objects.get(user=told).text
    mail = OutgoingMail.objects.get(to=told.email)
    assert "A new country" in mail.text
    assert Notification.objects.filter(user=acme.users[Role.CAM], text__contains="Platinum").exists()
    seen = text(client_for(told).get("/portal/level/"))
    assert "A new country" in seen
    assert "Appeal" in seen


def test_an_override_needs_a_reason_and_a_day_to_come(acme, rules, client_for):
    client = client_for(acme.users[Role.OPERATIONS])
    address = f"/partners/{acme.partner_a.pk}/level/override/"
    refused = client.post(address, {"tier": tier("gold").pk, "ends_on": "2020-01-01", "reason": "Kept as typed"})
    assert refused.status_code == 422
    assert "Choose today or a later day." in text(refused)
    assert b"Kept as typed" in refused.content
    assert client.post(address, {"tier": tier("gold").pk, "ends_on": "2030-01-01", "reason": " "}).status_code == 422
    assert not TierOverride.everything.exists()


def test_a_second_override_ends_the_first(acme, rules):
    first, second = held(acme), held(acme, 60)
    first.refresh_from_db()
    assert first.ended_at is not None
    assert overrides.live(acme.partner_a, today()) == second


def test_when_its_time_is_over_operations_are_told_and_nobody_is_moved(acme, rules):
    override = held(acme, 3)
    Notification.objects.all().delete()
    assert overrides.end_overdue(day=today() + dt.timedelta(days=3)) == 0
    assert overrides.end_overdue(day=today() + dt.timedelta(days=4)) == 1
    assert overrides.end_overdue(day=today() + dt.timedelta(days=5)) == 0  # told once
    override.refresh_from_db()
    acme.partner_a.refresh_from_db()
    assert override.ended_at is not None
    assert acme.partner_a.tier.key == "gold"
    assert {row.user for row in Notification.objects.all()} >= {acme.users[Role.OPERATIONS], acme.users[Role.CAM]}


def test_a_partner_appeals_once_and_is_answered(acme, rules, client_for):
    use(acme.partner_a, 7)  # silver
    override = held(acme)
    partner = client_for(acme.users_a[Role.PARTNER_EXECUTIVE])
    address = f"/portal/tier-overrides/{override.pk}/appeal/"
    assert client_for(acme.users_b[Role.PARTNER_EXECUTIVE]).post(address, {"text": "Ours?"}).status_code == 404
    assert partner.post(address, {"text": ""}).status_code == 422
    assert partner.post(address, {"text": "We grew"}).status_code == 302
    assert "appealed already" in text(partner.post(address, {"text": "Once more"}, follow=True))
    made = TierAppeal.everything.get()
    assert OutgoingMail.objects.filter(to=acme.users[Role.CHIEF].email, text__contains="We grew").exists()
    answer = {"decision": "upheld", "answer": "You are right", "tier": tier("silver").pk}
    assert client_for(acme.users[Role.CAM]).post(f"/tier-appeals/{made.pk}/decide/", answer).status_code == 403
    assert client_for(acme.users[Role.CHIEF]).post(f"/tier-appeals/{made.pk}/decide/", answer).status_code == 302
    acme.partner_a.refresh_from_db()
    override.refresh_from_db()
    assert (acme.partner_a.tier.key, override.ended_at is not None) == ("silver", True)
    assert "You are right" in text(partner.get("/portal/level/"))
    assert OutgoingMail.objects.filter(
        to=acme.users_a[Role.PARTNER_SELLER].email, text__contains="You are right"
    ).exists()
    again = client_for(acme.users[Role.CHIEF]).post(f"/tier-appeals/{made.pk}/decide/", answer, follow=True)
    assert "answered already" in text(again)


def test_a_rejected_appeal_leaves_the_override(acme, rules):
    override = held(acme)
    made = overrides.appeal(by=acme.users_a[Role.PARTNER_SELLER], override=override, text="No")
    overrides.decide(by=acme.users[Role.CHIEF], appeal=made, uphold=False, answer="It stays", tier=tier("silver"))
    acme.partner_a.refresh_from_db()
    assert overrides.live(acme.partner_a, today()) == override
    assert acme.partner_a.tier.key == "gold"


def test_a_chief_decides_but_does_not_override(acme, rules):
    with pytest.raises(PermissionDenied):
        overrides.set_override(
            by=acme.users[Role.CHIEF], partner=acme.partner_a, tier=tier("gold"), reason="x", ends_on=today()
        )


def test_what_it_qualifies_for_is_assigned_by_hand(acme, rules, client_for):
    use(acme.partner_a, 7)
    page = client_for(acme.users[Role.OPERATIONS]).get(f"/partners/{acme.partner_a.pk}/level/")
    assert "Assign Silver" in text(page)
    address, form = f"/partners/{acme.partner_a.pk}/level/assign/", {"tier": tier("silver").pk, "reason": "Met"}
    assert client_for(acme.users[Role.CAM]).post(address, form).status_code == 403
    assert client_for(acme.users[Role.OPERATIONS]).post(address, form).status_code == 302
    acme.partner_a.refresh_from_db()
    assert acme.partner_a.tier.key == "silver"


# ── API ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_program_through_the_api(acme, lists, api_for):  # noqa: F811
    api = api_for(acme.users[Role.OPERATIONS])
    start = (today() + dt.timedelta(days=10)).isoformat()
    refused = problem(
        api.post("/program/versions", {"starts_on": start, "program": {"name": "P", "tiers": [{"tier": "wood"}]}}), 422
    )
    assert [error["field"] for error in refused["errors"]] == ["program.tiers.0.tier"]
    made = api.post("/program/versions", {"starts_on": start, "program": DOC})
    assert (made.status_code, made.json()["state"]) == (201, "future")
    path = f"/program/versions/{made.json()['id']}"
    assert api.get(path).json()["program"]["tiers"][1]["certificates"] == {"pro": 2}
    renamed = {"starts_on": start, "program": {**api.get(path).json()["program"], "name": "Renamed"}}
    assert api.put(path, renamed).json()["name"] == "Renamed"
    assert [row["name"] for row in api.get("/program/versions").json()["items"]] == ["Renamed"]
    assert api.delete(path).status_code == 204
    problem(api_for(acme.users[Role.CHIEF]).post("/program/versions", {"starts_on": start, "program": DOC}), 403)
    problem(api_for(acme.users_a[Role.PARTNER_EXECUTIVE]).get("/program/versions"), 403)


def test_a_started_version_is_a_conflict(acme, rules, api_for):  # noqa: F811
    api = api_for(acme.users[Role.OPERATIONS])
    body = {"starts_on": today().isoformat(), "program": DOC}
    assert problem(api.put(f"/program/versions/{rules.pk}", body), 409)["type"].endswith(":started")
    assert problem(api.delete(f"/program/versions/{rules.pk}"), 409)["type"].endswith(":started")


def test_where_a_partner_stands_through_the_api(acme, rules, api_for):  # noqa: F811
    use(acme.partner_a, 7)
    use(acme.partner_a, 12, "margin")
    path = f"/partners/{acme.partner_a.pk}/program"
    seen = api_for(acme.users[Role.CAM]).get(path).json()
    assert (seen["qualified"], seen["next"], seen["met"], seen["required"]) == ("silver", "gold", 0, 3)
    usage, pros, margin = seen["tiers"][1]["requirements"]
    assert (usage["have"], usage["need"], usage["missing"]) == ("7", "50", "43")
    assert (pros["missing_text"], margin["have"]) == ("2 more certified engineers", "12")
    assert usage["explanation"]["result"] == "43"
    assert [(step["requirement"], step["effort"]) for step in seen["path"]["steps"]] == [
        ("usage", "86.00"),
        ("pros", None),
        ("margin", None),
    ]
    own = api_for(acme.users_a[Role.PARTNER_SELLER]).get(path).json()
    hidden = own["tiers"][1]["requirements"][2]
    assert (hidden["hidden"], hidden["have"], hidden["explanation"]) == (True, None, None)
    assert [step["requirement"] for step in own["path"]["steps"]] == ["usage", "pros"]
    problem(api_for(acme.cam_b).get(path), 404)
    early = (rules.starts_on - dt.timedelta(days=1)).isoformat()
    problem(api_for(acme.users[Role.CAM]).get(path, on=early), 404)


def test_try_out_override_and_appeal_through_the_api(acme, harder, api_for):  # noqa: F811
    api = api_for(acme.users[Role.OPERATIONS])
    tried = api.get(f"/program/versions/{harder.pk}/tryout", move="down").json()
    assert (tried["down"], tried["total"], tried["items"][0]["why"]) == (1, 1, "Usage: 3 more seats in use")
    problem(api.get(f"/program/versions/{harder.pk}/tryout", moove="down"), 422)
    ends = (today() + dt.timedelta(days=5)).isoformat()
    path = f"/partners/{acme.partner_a.pk}/tier-overrides"
    made = api.post(path, {"tier": "gold", "reason": "New", "ends_on": ends})
    assert (made.status_code, made.json()["tier"]) == (201, "gold")
    partner = api_for(acme.users_a[Role.PARTNER_EXECUTIVE])
    appeal = partner.post(f"/tier-overrides/{made.json()['id']}/appeal", {"text": "No"})
    assert appeal.status_code == 201
    assert problem(partner.post(f"/tier-overrides/{made.json()['id']}/appeal", {"text": "No"}), 409)["type"].endswith(
        ":closed"
    )
    answer = {"decision": "rejected", "answer": "It stays"}
    assert api.post(f"/tier-appeals/{appeal.json()['id']}/decision", answer).json()["decision"] == "rejected"
    assert api.post(f"/tier-overrides/{made.json()['id']}/end", {"tier": "silver"}).json()["ended_at"]
    assert partner.get(path).json()["items"][0]["appeal"]["answer"] == "It stays"
    assert partner.get(f"/partners/{acme.partner_a.pk}/program/history").json()["items"] == []
