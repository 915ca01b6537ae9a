"""What holds for all of the API: errors, pages of lists, the document, nothing that breaks it."""

import itertools
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openapi_spec_validator import validate

from accounts.permissions import Role
from partners.models import Action, Contact, Partner, Touch
from prm.common.models import Job
from prm.tenancy.models import Domain
from scorecards import actions as scorecards
from scorecards.models import Assessment
from tests.api.conftest import Api, problem
from tests.imports.support import checked, csv
from tests.scorecards.conftest import example, filled


@pytest.fixture
def admin(acme, api_for):
    return api_for(acme.users[Role.ADMIN])


def test_the_document_is_valid_and_open(acme, api_for):
    response = api_for(None).get("/openapi.json")
    assert response.status_code == 200
    document = response.json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert all(path.startswith("/api/v1/") for path in document["paths"])
    text = response.content.decode()
    assert "ACME" not in text
    names = re.findall(r"#/components/schemas/([^\"]+)", text)
    assert set(names) <= set(document["components"]["schemas"])


# ── Errors ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path", ["/nothing", "/partners/", "/partners/abc", "/partners/%00", "/", "/partners/1/nothing"]
)
def test_an_unknown_address_is_a_problem(acme, admin, path):
    assert problem(admin.get(path), 404)["instance"].startswith("/api/v1")


def test_an_object_that_is_not_there_is_a_problem(acme, admin):
    for path in (
        f"/partners/{2**70}",
        "/contacts/999999",
        "/questionnaires/nothing",
        "/jobs/0c5a1b6e-0000-4000-8000-000000000000",
    ):
        problem(admin.get(path), 404)


def test_a_method_that_is_not_known_is_a_problem(acme, admin):
    response = admin.delete("/partners")
    problem(response, 405)
    assert {"GET", "POST"} == set(response["Allow"].replace(" ", "").split(","))


@pytest.mark.parametrize(
    "body", ["{", "nonsense", "{'a': 1}", '{"a": NaN}', b"\xff\xfe", "[" * 100_000, '{"a":' * 50_000]
)
def test_what_is_no_json_is_a_problem(acme, admin, body):
    assert problem(admin.post("/partners", body), 400)["type"].endswith("malformed-json")


def test_a_failure_of_ours_is_a_problem_that_tells_nothing(acme, admin, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("partners.actions.create_partner", fail)
    for key in ("", "k"):
        response = admin.post("/partners", {"name": "N", "type": "reseller"}, key=key)
        problem(response, 500)
        assert b"secret" not in response.content


WORST = [
    None, True, 0, -1, 2**31, 2**63, 10**40, 1.5, 1e308, "", " ", "\u0000", "a\u0000b", "\ud800", "🎯" * 300, "x" * 100_000,
    "2026-13-45", "' OR 1=1 --", [], {}, [[[[]]]], {"a": {"b": {}}}, ["x"] * 1000,
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/tokens", {"email": "a@b.example", "password": "x", "name": "N", "scopes": ["jobs:read"], "days": 3}),
        ("post", "/partners", {
            "name": "N", "external_id": "1", "type": "reseller", "stage": "recruit", "tier": "gold", "region": "west", "cam": 1,
            "parent": 1, "signed_on": "2026-01-01", "country": "NO", "employees": 1, "year_opened": 1999, "internal_note": "n",
            "annual_revenue": {"amount": "1", "currency": "EUR"},
        }),
        ("patch", "/partners/{a}", {"name": "N", "domain": "d", "cover": 1, "distributor": 1, "city": "c", "reason": "r"}),
        ("post", "/partners/{a}/contacts", {"name": "N", "email": "a@b.example", "function": "sales", "external_id": "e"}),
        ("post", "/partners/{a}/touches", {"on": "2026-01-01", "kind": "call", "minutes": 1, "note": "n", "shared": True}),
        ("post", "/partners/{a}/actions", {"title": "t", "owner": 1, "resource": "https://x.example", "due_on": "2026-12-01"}),
        ("patch", "/imports/{file}", {
            "sheet": "s", "mapping": {"Name": "name"}, "formats": {"signed_on": {"dates": "dmy", "decimals": "."}},
            "meanings": {"partner_type": {"x": "msp"}}, "defaults": {"stage": "onboard", "signed_on": "2026-01-01", "cam": "x"},
        }),
        ("post", "/imports/{file}/decisions", {"decisions": {"2": 1}}),
        ("post", "/assessments", {"partner": 1, "questionnaire": "example", "mode": "cam"}),
        ("put", "/assessments/{draft}/answers/a1q1", {
            "option": "o25", "options": ["o25"], "value": "1", "na": True, "comment": "c", "evidence_url": "https://x.example",
        }),
        ("patch", "/assessments/{draft}/answers", {"answers": {"a1q1": {"na": True}}}),
        ("post", "/assessments/{draft}/confirm", {"all": True, "topic": "a1", "questions": ["a1q1"]}),
        ("post", "/assessments/{done}/plan", {"items": [{"question": "a2q1", "title": "t", "owner": 1, "due_on": "2026-12-01"}]}),
        ("post", "/questionnaires", {
            "key": "k", "name": "n", "kind": "capability", "publish": True,
            "categories": [{
                "key": "c", "name": "C", "weight": 1, "internal": False,
                "topics": [{
                    "key": "t", "name": "T", "weight": 1, "target": 80,
                    "questions": [{
                        "key": "q", "text": "Q?", "type": "graduated", "weight": 1, "life_stages": [], "partner_types": [],
                        "options": [{"label": "A", "score": 0}, {"key": "b", "label": "B", "score": 100}],
                    }],
                }],
            }],
        }),
    ],
)  # fmt: skip
def test_no_input_breaks_it(acme, admin, version, method, path, body):
    done = filled(acme.partner_b, version, acme.cam_b).pk
    draft = admin.post("/assessments", {"partner": acme.partner_a.pk, "questionnaire": "example"}).json()["id"]
    file = checked(csv("Name,External id,Type,Signed on", "New,N-1,x,2026-03-04"), acme.users[Role.ADMIN]).pk
    address = path.format(a=acme.partner_a.pk, draft=draft, done=done, file=file)
    for changed in variants(body):
        response = admin.call(method, address, json.dumps(changed))
        assert response.status_code < 500, (changed, response.content[:500])
        if response.status_code >= 400:
            problem(response, response.status_code)


def variants(body):
    """The worst in place of the body, and of one thing in it after the other: of three things in a row each gets a third."""
    yield from WORST
    turn = itertools.count()
    yield from replaced(body, lambda: WORST[next(turn) % 3 :: 3])


def replaced(value, worst):
    if isinstance(value, dict):
        for key, inner in value.items():
            for each in [*worst(), *replaced(inner, worst)]:
                yield {**value, key: each}
        for key in ("\u0000", "\ud800", "x" * 10_000):
            yield {**value, key: 1}
    if isinstance(value, list):
        for n, inner in enumerate(value):
            for each in [*worst(), *replaced(inner, worst)]:
                yield [*value[:n], each, *value[n + 1 :]]


QUERIES = [
    "limit=0", "limit=201", "limit=x", "limit=", "cursor=", "cursor=nonsense", "cursor=%00", "sort=%00", "q=%00",
    "q=" + "x" * 5000, "partner=" + "9" * 40, "partner=%F0%9F%8E%AF", "period=%00", "status=%ED%A0%80", "updated_since=x",
    "branches_of=x", "country=%27", "scored=a~b~c~d", "by=%00", "category=%00", "cam=9999999999999999999999", "owner=²",
]  # fmt: skip
PATHS = [
    "/partners",
    "/contacts",
    "/actions",
    "/assessments",
    "/questionnaires",
    "/users",
    "/jobs",
    "/rollups/capabilities",
    "/rollups/groups",
    "/rollups/distribution",
    "/rollups/movers",
    "/rollups/investment",
    "/rollups/completion",
    "/rollups/time",
    "/rollups/performance",
    "/rollups/performance/trend",
    "/rollups/performance/concentration",
    "/rollups/performance/movers",
    "/rollups/performance/partners",
    "/plans",
]


def test_no_query_breaks_it(acme, admin, version):
    for path, query in itertools.product(PATHS, QUERIES):
        response = admin.client.get(
            f"/api/v1{path}?{query}", headers={"host": acme.host, "authorization": f"Bearer {admin.token}"}
        )
        assert response.status_code in (200, 400, 422), (path, query, response.content[:500])
        if response.status_code != 200:
            problem(response, response.status_code)


@pytest.mark.parametrize(
    "path", [*PATHS, "/tokens", "/partners/{a}/contacts", "/partners/{a}/touches", "/partners/{a}/users"]
)
def test_a_mistyped_parameter_does_not_list_everything(acme, admin, path):
    response = admin.get(path.format(a=acme.partner_a.pk), partnr="1")
    assert problem(response, 422)["errors"] == [
        {"in": "query", "field": "partnr", "message": "There is no such parameter."}
    ]


def test_a_body_of_six_megabytes_is_refused(acme, admin):
    for key in ("", "k"):
        problem(admin.post("/partners", json.dumps({"name": "x" * 6_000_000, "type": "reseller"}), key=key), 413)


# ── Pages of lists ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_pages_join_up_whatever_is_added_meanwhile(acme, admin):
    for n in range(7):
        admin.post("/partners", {"name": f"Page {n // 2}", "type": "reseller"})
    for sort in ("name", "-name", "id", "-updated_at"):
        whole = [one["id"] for one in admin.get("/partners", q="page", sort=sort).json()["items"]]
        assert len(whole) == 7
        seen, address = [], None
        while address or not seen:
            response = admin.get(address) if address else admin.get("/partners", q="page", sort=sort, limit=3)
            body = response.json()
            seen += [one["id"] for one in body["items"]]
            address = body["next"]
            assert (f'<{address}>; rel="next"' == response["Link"]) if address else ("Link" not in response)
        assert seen == whole
    first = admin.get("/partners", q="page", sort="-id", limit=3).json()
    admin.post("/partners", {"name": "Page 9", "type": "reseller"})
    rest = admin.get(first["next"]).json()["items"]
    assert [one["id"] for one in first["items"] + rest] == sorted(
        {one["id"] for one in first["items"] + rest}, reverse=True
    )[:6]


def test_a_cursor_is_of_one_list_of_one_vendor(acme, globex, admin):
    first = admin.get("/partners", limit=1).json()["next"]
    cursor = re.search(r"cursor=([^&]+)", first)[1]
    for path, query in (
        ("/contacts", f"cursor={cursor}"),
        ("/partners", f"cursor={cursor}&sort=id"),
        ("/partners", f"cursor={cursor[:-2]}xx"),
    ):
        response = admin.get(f"http://{acme.host}/api/v1{path}?{query}")
        assert problem(response, 422)["errors"][0]["field"] == "cursor"


LISTS = {
    "/partners": lambda acme, user, n: Partner.objects.create(
        name=f"More {n}", partner_type=acme.partner_a.partner_type, stage=acme.partner_a.stage, cam=acme.cam_b, tier=acme.partner_a.tier
    ),
    "/contacts": lambda acme, user, n: Contact.everything.create(partner=acme.partner_a, name=f"Ana {n}"),
    "/partners/{a}/touches": lambda acme, user, n: Touch.everything.create(partner=acme.partner_a, on="2026-11-01", created_by=user),
    "/actions": lambda acme, user, n: Action.everything.create(partner=acme.partner_a, title=f"Do {n}", owner=user),
    "/jobs": lambda acme, user, n: Job.objects.create(kind="none", title="Mine", created_by=user),
}  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
def test_three_rows_cost_as_many_queries_as_one(acme, admin, path):
    counts = []
    for n in range(3):
        LISTS[path](acme, acme.users[Role.ADMIN], n)
        admin.get(path.format(a=acme.partner_a.pk))
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(path.format(a=acme.partner_a.pk)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[2]


def test_assessments_and_answers_cost_as_many_queries_for_three_as_for_one(acme, admin, version):
    def cost(path):
        admin.get(path)
        with CaptureQueriesContext(connection) as queries:
            admin.get(path)
        return len(queries)

    one = filled(acme.partner_a, version, acme.users[Role.CAM])
    before = [cost("/assessments"), cost("/questionnaires")]
    filled(acme.partner_b, version, acme.cam_b)
    filled(acme.partner_b, version, acme.users_b[Role.PARTNER_CHAMPION])
    admin.post(
        "/questionnaires", {**admin.get("/questionnaires/example/versions/1").json()["definition"], "key": "more"}
    )
    assert [cost("/assessments"), cost("/questionnaires")] == before
    draft = admin.post("/assessments", {"partner": acme.partner_b.pk, "questionnaire": "example"}).json()["id"]
    assert len(admin.get(f"/assessments/{draft}/answers").json()["items"]) == 5
    assert cost(f"/assessments/{draft}/answers") == cost(f"/assessments/{one.pk}/answers")


# ── Other resources ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_rollup_counts_who_is_assessed(acme, admin, version, api_for):
    filled(acme.partner_a, version, acme.users[Role.CAM])
    default = admin.get("/rollups/capabilities", by="region").json()
    assert [(row["key"], row["partners"]) for row in default["rows"]] == [("west", 1), ("east", 1)]
    assert default["by"] == "region"
    problem(admin.get("/rollups/capabilities", by="colour"), 422)
    problem(admin.get("/rollups/capabilities", category="nothing"), 422)
    own = api_for(acme.users[Role.CAM]).get("/rollups/capabilities", by="cam").json()
    assert [(row["key"], row["name"]) for row in own["rows"]] == [
        (str(acme.users[Role.CAM].pk), acme.users[Role.CAM].name)
    ]


def test_each_rollup_says_what_its_page_says(acme, admin, api_for):
    """The pages' figures are held against raw answers in tests/scorecards/test_rollups.py."""
    version = scorecards.publish(by=None, key="capability", content=example())
    filled(acme.partner_a, version, acme.users[Role.CAM])
    Assessment.everything.update(active_seconds=200)
    [west, east] = admin.get("/rollups/groups", by="region", across="tier", of="topic:a2").json()["rows"]
    assert (west["key"], west["mean"], west["counted"], west["partners"], west["rag"]) == (
        "west", "25.0000000000000000", 1, 1, "red",
    )  # fmt: skip
    [cell] = west["cells"]
    assert (cell["key"], cell["display"], cell["partners"]) == ("gold", 25, 1)
    assert (east["mean"], east["counted"], east["cells"][0]["mean"]) == (None, 0, None)
    problem(admin.get("/rollups/groups", by="tier", across="tier"), 422)
    problem(admin.get("/rollups/capabilities", across="tier"), 422)

    [west, east] = admin.get("/rollups/distribution", of="category:B").json()["rows"]
    assert (west["green"], west["none"], east["green"], east["none"]) == (1, 0, 0, 1)
    problem(admin.get("/rollups/distribution", of="topic:nothing"), 422)

    movers = admin.get("/rollups/movers", since="year", up=1).json()
    assert (movers["rose"], movers["fell"], movers["up"]) == (0, 0, [])
    problem(admin.get("/rollups/movers", up="x"), 422)

    investment = admin.get("/rollups/investment").json()
    assert (investment["counted"], [topic["key"] for topic in investment["topics"]]) == (1, ["a2", "b1", "a1"])
    assert (investment["topics"][0]["points"], investment["topics"][0]["partners"]) == ("27.500000000000", 1)

    [west, east] = admin.get("/rollups/completion", by="region").json()["rows"]
    assert (west["done"], west["none"], east["done"], east["none"]) == (1, 0, 0, 1)

    time = admin.get("/rollups/time", by="mode").json()
    assert [(row["key"], row["assessments"], row["under"]) for row in time["rows"]] == [("cam", 1, 1)]
    assert time["all"]["median"] == "200.000000"
    own = api_for(acme.cam_b).get("/rollups/time").json()
    assert (own["rows"], own["all"]) == ([], None)


def test_jobs_are_ones_own(acme, admin, api_for):
    job = Job.objects.create(kind="none", title="Mine", created_by=acme.users[Role.ADMIN])
    assert admin.get(f"/jobs/{job.pk}").json()["state"] == "queued"
    problem(admin.get(f"/jobs/{job.pk}/file"), 404)
    problem(api_for(acme.users[Role.OPERATIONS]).get(f"/jobs/{job.pk}"), 404)
    assert admin.post(f"/jobs/{job.pk}/cancel").json()["state"] == "cancelled"
    problem(admin.post(f"/jobs/{job.pk}/cancel"), 409)


def test_another_vendors_host_answers_for_that_vendor(acme, globex, admin):
    host = Domain.objects.exclude(tenant=acme.vendor).get(tenant=globex.vendor).domain
    problem(Api(admin.token, host).get("/me"), 401)
