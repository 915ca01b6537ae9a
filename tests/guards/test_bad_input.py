"""Whatever stands in an address or a form: never a broken page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.guards.crawl import seen, urls
from tests.guards.house import House, undone
from tests.guards.html import Element, parse

PEOPLE = ["admin", "partner_champion_a", *(pytest.param(who, marks=pytest.mark.full) for who in ("cam", "chief_west"))]
HOSTILE = [
    "", "-1", "0", "99999999999999999999", "9223372036854775808", "abc", "\x00", "1\x00", "'\";--", "%s%%{0}", "NaN", "1e999",
    "2026-02-31", "x" * 10_000, "日本語\u202e\U0001f600", "<script>alert(1)</script>", "../../etc/passwd", "--name", "٣",
]  # fmt: skip
WORST = ["\x00", "99999999999999999999", "-1", "abc", "2026-02-31", "x" * 10_000]
ALWAYS = ("page", "sort", "q", "next", "all", "topic", "kind")


@dataclass(frozen=True)
class Form:
    """A form as the page has it."""

    method: str
    action: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...]


def forms(house: House, who: str) -> list[Form]:
    """Every form on every page of this person; of those that differ in the row they are about, one."""
    found: dict[object, Form] = {}
    for one in seen(house, who):
        if one.is_page and not one.url.startswith("/components/"):
            root, _problems = parse(one.body.decode())
            for form in (_form(element, one.url, root) for element in root.all("form")):
                kind = (
                    form.method,
                    re.sub(r"\d+", "1", form.action),
                    tuple({name.partition("-")[0]: 0 for name, _value in form.fields}),
                )
                found.setdefault(kind, form)
    return list(found.values())


def _form(form: Element, url: str, root: Element) -> Form:
    around = [*form.all("input", "select", "textarea", "button")]
    around += [field for field in root.all("input", "select", "button") if form["id"] and field["form"] == form["id"]]
    named = [field for field in around if field["name"] and field["name"] != "csrfmiddlewaretoken"]
    fields = {field["name"]: _value(field) for field in named if field["type"] != "file"}
    files = tuple(sorted(field["name"] for field in named if field["type"] == "file"))
    action = form["action"] or url
    return Form(form["method"].lower() or "get", action, tuple(sorted(fields.items())), files)


def _value(field: Element) -> str:
    if field.tag == "textarea":
        return field.text
    if field.tag == "select":
        options = list(field.all("option"))
        chosen = [option for option in options if "selected" in option] or options[:1]
        return chosen[0]["value"] if chosen else ""
    return field["value"]


def sent(house: House, who: str, form: Form, fields: dict[str, str]) -> str | None:
    """What breaks, if something does."""
    action = urlsplit(form.action)
    with undone():
        client = house.client(house.people[who])
        client.raise_request_exception = False
        if form.method == "get":
            response = client.get(f"{action.path}?{urlencode(fields)}")
        else:
            data = {**fields, **{name: SimpleUploadedFile("x.xlsx", b"PK\x03\x04 no archive") for name in form.files}}
            response = client.post(form.action, data)
    if response.status_code < 500:
        return None
    error = getattr(response, "exc_info", None)
    shown = {name: value[:20] for name, value in fields.items()}
    return f"{who} {form.method} {form.action} {shown}: {error[1]!r}" if error else f"{who} {form.action}: 500"


def mixed(form: Form, turn: int) -> Iterator[dict[str, str]]:
    """As it stands, empty, and with another bad value in each field; from form to form, and from field to field, the next one."""
    yield dict(form.fields)
    yield {}
    yield {name: HOSTILE[(turn + 5 * at) % len(HOSTILE)] for at, (name, _value) in enumerate(form.fields)}


def alone(form: Form, _turn: int) -> Iterator[dict[str, str]]:
    """Each bad value in all fields at once, and each of the worst in each field alone, among what the page has."""
    yield from (dict.fromkeys(dict(form.fields), bad) for bad in HOSTILE)
    yield from ({**dict(form.fields), name: bad} for name, _value in form.fields for bad in WORST)


@pytest.mark.long
@pytest.mark.parametrize("variants", [mixed, pytest.param(alone, marks=pytest.mark.full)])
@pytest.mark.parametrize("who", PEOPLE)
def test_no_form_breaks_whatever_is_sent(house, who, variants):
    found = forms(house, who)
    assert found
    broken = [
        problem
        for turn, form in enumerate(sorted(found, key=str))
        for fields in variants(form, turn)
        if (problem := sent(house, who, form, fields))
    ]
    assert not broken, "\n".join(broken[:40])


@pytest.mark.parametrize("who", PEOPLE)
def test_no_address_breaks_whatever_stands_behind_the_question_mark(house, who):
    broken = []
    kinds = {re.sub(r"\d+", "1", url): url for url in sorted(urls(house, who, house.acme.partner_a))}
    for url in kinds.values():
        if not url.endswith(".pdf") and not url.startswith("/components/"):
            form = Form("get", url, tuple((name, "") for name in ALWAYS), ())
            problem = sent(house, who, form, dict.fromkeys(ALWAYS, WORST[0]))
            broken += [problem] if problem else []
    assert not broken, "\n".join(broken[:40])


@pytest.mark.parametrize("path", ["/%00", "/partners/%00/", "/partners/99999999999999999999/", "/partners/-1/", "/%ff%fe", "//evil.example/",
                                  "/jobs/00000000-0000-0000-0000-000000000000/", "/l/" + "x" * 5000 + "/", "/actions/export/exe/"])  # fmt: skip
def test_no_path_breaks(house, path):
    for user in (None, house.people["admin"], house.people["partner_champion_a"]):
        client = house.client(user)
        for method in ("get", "post", "put", "delete", "options", "head"):
            assert getattr(client, method)(path).status_code < 500
