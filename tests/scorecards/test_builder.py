"""The pages on which questionnaires are made."""

import io
import re
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.permissions import Role
from prm.common.models import AuditEntry
from scorecards import actions, catalogue, drafts, editing
from scorecards import questionnaire_files as files
from scorecards.definition import Option, QuestionType
from scorecards.editing import Level
from scorecards.models import Questionnaire, QuestionnaireVersion
from tests.scorecards.conftest import example
from tests.scorecards.test_pages import text

ROOT = "/settings/questionnaires/"


@pytest.fixture
def admin(acme):
    return acme.users[Role.OPERATIONS]


@pytest.fixture
def client(client_for, admin):
    return client_for(admin)


@pytest.fixture
def made(acme, admin):
    """A questionnaire of its own: version 1 published, version 2 its draft, both the worked example."""
    version = actions.publish(by=None, key="example", content=example(internal=True))
    drafts.open_draft(by=admin, questionnaire=version.questionnaire)
    return version.questionnaire


def content(questionnaire):
    return catalogue.draft_of(questionnaire).content


def at(questionnaire, level="", key="", what=""):
    return f"{ROOT}{questionnaire.pk}/draft/" + (f"{level}/{key}/{what}" if level else "")


def fields(page) -> dict[str, object]:
    """What the form of the chosen thing would send as it stands."""
    html = page.content.decode()
    form = html[html.index("data-form") : html.index("</form>", html.index("data-form"))]
    data: dict[str, object] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        got = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if got.get("type") == "checkbox":
            if " checked" in tag:
                data.setdefault(got["name"], [])
                data[got["name"]] += [got.get("value", "on")]
        elif "name" in got:
            data[got["name"]] = got.get("value", "")
    data |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?([^<]*)</textarea>', form))
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'value="([^"]*)"[^>]* selected', inside) or re.findall(r'value="([^"]*)"', inside)
        data[name] = chosen[0]
    data.pop("csrfmiddlewaretoken")
    return data


def changed(client, url, **changes):
    """The form of a page as it stands, with these changes, sent."""
    return client.post(url, {**fields(client.get(url)), "do": "save", **changes})


# ── Who ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", [Role.CAM, Role.CHIEF, Role.MARKETING])
def test_only_who_makes_questionnaires_gets_there(acme, made, client_for, role):
    other = client_for(acme.users[role])
    for url in (ROOT, f"{ROOT}new/", f"{ROOT}template.xlsx", f"{ROOT}{made.pk}/", f"{ROOT}{made.pk}/versions/1/", at(made),
                at(made, "question", "a1q1"), f"{ROOT}{made.pk}/versions/1/file.xlsx"):  # fmt: skip
        assert other.get(url).status_code == 403, url
    for url in (f"{ROOT}{made.pk}/{what}/" for what in ("publish", "discard", "retire", "upload", "edit")):
        assert other.post(url).status_code == 403, url
    assert content(made) == example(internal=True)


def test_another_vendors_questionnaires_are_not_there(acme, globex, made, client):
    with globex:
        theirs = Questionnaire.objects.order_by("-pk").first()
        before = list(QuestionnaireVersion.objects.values_list("pk", "status", "definition"))
    with acme:
        assert (
            client.post(f"{ROOT}{made.pk}/publish/", {"seen": catalogue.seen(catalogue.draft_of(made))}).status_code
            == 302
        )
    with globex:
        assert theirs is not None
        assert list(QuestionnaireVersion.objects.values_list("pk", "status", "definition")) == before
        assert not Questionnaire.objects.filter(key="example").exists()


# ── Beginning ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_step_by_step_a_questionnaire_begins_with_a_question_of_five_levels(acme, client):
    given = {"name": "Cloud readiness", "kind": "capability", "key": "", "first_category": "Skills", "first_topic": "People",
             "first_question": "Who is certified?"}  # fmt: skip
    response = client.post(f"{ROOT}new/", given)
    made = Questionnaire.objects.get(key="cloud-readiness")
    assert response["Location"] == at(made)
    assert (made.name, made.kind, made.versions.get().status) == ("Cloud readiness", "capability", "draft")
    question = next(content(made).questions())
    assert (question.key, question.text, question.type) == ("who-is-certified", "Who is certified?", "graduated")
    assert [option.score for option in question.options] == [0, 25, 50, 75, 100]
    page = client.get(ROOT)
    assert "Cloud readiness" in text(page)
    again = client.post(f"{ROOT}new/", {**given, "key": "cloud-readiness", "first_topic": ""})
    assert again.status_code == 422
    assert "There is a questionnaire with this key already." in text(again)
    assert "This field is required." in text(again)
    assert 'value="Skills"' in again.content.decode()
    client.post(f"{ROOT}new/", given)
    assert Questionnaire.objects.filter(key="cloud-readiness-2").exists()


def test_the_template_comes_back_as_a_questionnaire(acme, client):
    for kind in ("xlsx", "yaml"):
        response = client.get(f"{ROOT}template.{kind}")
        assert f'filename="questionnaire-template.{kind}"' in response["Content-Disposition"]
        read = files.read(response.content, **catalogue.conditions().keys)
        assert {question.type for question in read.questions()} == set(QuestionType)
        upload = SimpleUploadedFile(f"own.{kind}", response.content)
        made = client.post(f"{ROOT}new/file/", {"file": upload, "name": f"From {kind}", "key": ""})
        questionnaire = Questionnaire.objects.get(key=f"from-{kind}")
        assert made["Location"] == f"{ROOT}{questionnaire.pk}/"
        assert content(questionnaire) == replace(read, name=f"From {kind}")
    assert client.get(f"{ROOT}template.exe").status_code == 404


def test_a_file_with_mistakes_begins_nothing_and_names_them(acme, client):
    bad = files.write_yaml(example()).replace("weight: 2", "weight: 0", 1)
    count = Questionnaire.objects.count()
    response = client.post(
        f"{ROOT}new/file/", {"file": SimpleUploadedFile("x.yaml", bad.encode()), "name": "", "key": ""}
    )
    assert response.status_code == 422
    assert "The weight must be above 0, not 0." in text(response)
    assert "categories[0].weight" in text(response)
    assert Questionnaire.objects.count() == count


# ── The draft ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_topic_is_changed_where_its_key_was_published_that_stays(made, client):
    url = at(made, "topic", "a1")
    assert "Published once, so it stays." in text(client.get(url))
    response = changed(client, url, name="Own people", weight="2,5", target="", key="other")
    assert response["Location"] == url
    topic = editing.find(content(made), Level.TOPIC, "a1")
    assert (topic.name, topic.weight, topic.target, len(topic.questions)) == ("Own people", Decimal("2.5"), None, 2)
    assert made.versions.get(number=1).content == example(internal=True)


@pytest.mark.parametrize(
    ("level", "key", "change", "says"),
    [
        ("topic", "a1", {"weight": "0"}, "The weight must be above 0, not 0."),
        ("topic", "a1", {"weight": "heavy"}, "“heavy” is not a number."),
        ("topic", "a1", {"target": "101"}, "The target must be 1 to 100"),
        ("category", "A", {"weight": "-1"}, "The weight must be above 0, not -1."),
        ("category", "A", {"name": " "}, "This field is required."),
        ("question", "a1q1", {"weight": "0.0000001"}, "at most six decimals"),
        ("question", "a1q1", {"score-1": "101"}, "The score must be 0 to 100"),
        ("question", "a1q1", {"score-1": ""}, "An option of a scored question needs a score."),
        ("question", "a1q1", {"label-1": "level 0"}, "The option “level 0” is there before."),
        ("question", "a1q1", {f"{name}-{n}": "" for n in range(1, 5) for name in ("label", "score", "description")},
         "The question needs 2 to 10 options, not 1."),
    ],
)  # fmt: skip
def test_a_mistake_is_said_beside_its_field_and_what_was_typed_stays(made, client, level, key, change, says):
    response = changed(client, at(made, level, key), **{"text" if level == "question" else "name": "Typed", **change})
    assert response.status_code == 422
    assert says in text(response)
    if change.get("name") != " ":
        assert "Typed" in response.content.decode()
    assert content(made) == example(internal=True)


def test_all_fields_of_a_question_are_kept(made, client):
    url = at(made, "question", "b1q1")
    response = changed(
        client, url, text="Which ones?\r\nAll of them.", type="multi", weight="1.50", help="h", best_practice="b", action="a",
        life_stages=["recruit", "mature"], partner_types=["reseller"], **{"label-1": "Some", "score-1": "12,5", "description-1": "d"},
    )  # fmt: skip
    assert response.status_code == 302
    question = editing.find(content(made), Level.QUESTION, "b1q1")
    before = editing.find(example(), Level.QUESTION, "b1q1")
    assert question.options[1] == Option("o25", "Some", Decimal("12.5"), "d")
    assert question.exclusive == {"o0"}
    assert (question.text, question.type, str(question.weight)) == ("Which ones?\nAll of them.", "multi", "1.5")
    assert (question.life_stages, question.partner_types) == ({"recruit", "mature"}, {"reseller"})
    assert (question.required, question.allow_na) == (before.required, before.allow_na)
    assert (question.help, question.best_practice, question.action) == ("h", "b", "a")


def test_lines_of_options_are_moved_copied_and_removed_by_their_buttons(made, client):
    url = at(made, "question", "a2q1")

    def labels():
        return [option.label for option in editing.find(content(made), Level.QUESTION, "a2q1").options]

    for do, order in (
        ("down:0", ["Level 25", "Level 0", "Level 50", "Level 80", "Level 100"]),
        ("up:2", ["Level 25", "Level 50", "Level 0", "Level 80", "Level 100"]),
        ("remove:4", ["Level 25", "Level 50", "Level 0", "Level 80"]),
        ("copy:0", ["Level 25", "Level 25 (copy)", "Level 50", "Level 0", "Level 80"]),
    ):
        assert changed(client, url, do=do)["Location"] == f"{url}#options"
        assert labels() == order
    changed(client, url, **{"label-5": "New", "score-5": "100"})
    assert labels()[-1] == "New"
    options = editing.find(content(made), Level.QUESTION, "a2q1").options
    assert len({option.key for option in options}) == len(options)
    changed(client, url, type="number")
    assert labels() == []


def test_adding_a_category_a_topic_and_a_question(made, client):
    new = {"name": "Growth", "weight": "1", "key": "", "first_topic": "Pipeline", "first_question": "How full?"}
    assert client.post(f"{at(made)}add/category/", new)["Location"] == at(made, "category", "growth")
    new = {"name": "Deals", "weight": "2", "target": "70", "key": "won", "first_question": "How many?"}
    assert client.post(f"{at(made)}add/topic/?in=growth", new)["Location"] == at(made, "topic", "won")
    url = f"{at(made)}add/question/?in=won"
    assert "New question in “Deals”" in text(client.get(url))
    response = changed(client, url, text="Which?")
    assert response["Location"] == at(made, "question", "which")
    added = content(made).categories[-1]
    assert (added.key, [topic.key for topic in added.topics]) == ("growth", ["pipeline", "won"])
    assert [question.key for question in added.topics[1].questions] == ["how-many", "which"]
    taken = changed(client, url, text="Again", key="a1q1")
    assert taken.status_code == 422
    assert "The key “a1q1” is used before." in text(taken)
    assert client.get(f"{at(made)}add/question/?in=zzz").status_code == 404
    assert client.get(f"{at(made)}add/chapter/").status_code == 404


def test_a_key_not_yet_published_may_be_changed(made, client):
    changed(client, f"{at(made)}add/question/?in=b1", text="New one")
    response = changed(client, at(made, "question", "new-one"), key="newest")
    assert response["Location"] == at(made, "question", "newest")
    assert editing.keys(content(made), Level.QUESTION)[-2] == "newest"


def test_order_is_changed_by_buttons_and_by_place(made, client):
    def keys(level=Level.QUESTION):
        return editing.keys(content(made), level)

    client.post(at(made, "question", "a1q1", "move/"), {"step": "down"})
    assert keys()[:2] == ["a1q2", "a1q1"]
    response = client.post(at(made, "question", "a1q1", "move/"), {"to": "b1", "before": "b1q2"})
    assert response["Location"] == at(made, "question", "a1q1")
    assert keys() == ["a1q2", "a2q1", "b1q1", "a1q1", "b1q2", "t1q1"]
    client.post(at(made, "topic", "a2", "move/"), {"to": "B"})
    assert keys(Level.TOPIC) == ["a1", "b1", "a2", "t1"]
    client.post(at(made, "category", "B", "move/"), {"step": "up"})
    assert keys(Level.CATEGORY) == ["B", "A", "T"]
    refused = client.post(at(made, "question", "t1q1", "move/"), {"to": "b1"}, follow=True)
    assert "It is the only one there" in text(refused)
    gone = client.post(at(made, "question", "a1q1", "move/"), {"to": "zzz"}, follow=True)
    assert "Somebody deleted this" in text(gone)
    assert keys(Level.TOPIC) == ["b1", "a2", "a1", "t1"]


def test_copies_and_deletions(made, client):
    response = client.post(at(made, "topic", "a1", "copy/"))
    assert response["Location"] == at(made, "topic", "a1-2")
    page = client.get(response["Location"])
    assert "Topic a1 (copy)" in text(page)
    seen = re.findall(r'name="seen" value="(\w+)"', page.content.decode())[0]
    response = client.post(at(made, "topic", "a1-2", "delete/"), {"seen": seen})
    assert response["Location"] == at(made, "category", "A")
    assert content(made) == example(internal=True)
    page = client.get(at(made, "question", "t1q1"))
    seen = re.findall(r'name="seen" value="(\w+)"', page.content.decode())[0]
    refused = client.post(at(made, "question", "t1q1", "delete/"), {"seen": seen}, follow=True)
    assert "It is the only one there" in text(refused)
    assert content(made) == example(internal=True)


# ── Two at once ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_people_change_different_things_and_both_stay(made, client):
    mine, theirs = at(made, "question", "a1q1"), at(made, "question", "a1q2")
    shown = fields(client.get(mine))
    changed(client, theirs, text="Theirs")
    assert client.post(mine, {**shown, "text": "Mine"}).status_code == 302
    assert [question.text for question in content(made).categories[0].topics[0].questions] == ["Mine", "Theirs"]


def test_a_stale_save_says_so_keeps_what_was_typed_and_is_kept_only_when_sent_again(made, client):
    url = at(made, "question", "a1q1")
    shown = fields(client.get(url))
    changed(client, url, text="Theirs", help="Their help")
    refused = client.post(url, {**shown, "text": "Mine"})
    assert refused.status_code == 422
    assert "Somebody else changed this meanwhile." in text(refused)
    assert "Now there: “Theirs”." in text(refused)
    assert "Now there: “Their help”." in text(refused)
    assert ">\nMine</textarea>" in refused.content.decode()
    assert editing.find(content(made), Level.QUESTION, "a1q1").text == "Theirs"
    assert client.post(url, {**fields(refused), "help": "Their help"}).status_code == 302
    question = editing.find(content(made), Level.QUESTION, "a1q1")
    assert (question.text, question.help) == ("Mine", "Their help")


def test_what_was_typed_for_a_thing_deleted_meanwhile_is_shown(made, client, admin):
    url = at(made, "question", "a1q1")
    shown = fields(client.get(url))
    drafts.change_draft(by=admin, questionnaire=made, change=lambda now: editing.remove(now, Level.QUESTION, "a1q1"))
    response = client.post(url, {**shown, "text": "Mine"})
    assert response.status_code == 422
    assert "Somebody deleted this meanwhile." in text(response)
    assert "Mine" in response.content.decode()
    assert client.get(url).status_code == 404


def test_nobody_deletes_publishes_or_replaces_what_they_have_not_seen(made, client):
    page = f"{ROOT}{made.pk}/"
    seen = {"seen": catalogue.seen(catalogue.draft_of(made))}
    of_topic = re.findall(r'name="seen" value="(\w+)"', client.get(at(made, "topic", "a1")).content.decode())[0]
    changed(client, at(made, "question", "a1q1"), text="Theirs")
    before = content(made)
    for url, data in (
        (at(made, "topic", "a1", "delete/"), {"seen": of_topic}),
        (f"{page}publish/", seen),
        (f"{page}discard/", seen),
        (f"{page}upload/", {**seen, "upload-file": SimpleUploadedFile("x.xlsx", files.write_xlsx(example()))}),
    ):
        assert "meanwhile" in text(client.post(url, data, follow=True)), url
        assert content(made) == before
        assert catalogue.draft_of(made).number == 2


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def sheet(questionnaire, **cells):
    """The draft as a workbook with these cells changed."""
    book = openpyxl.load_workbook(io.BytesIO(files.write_xlsx(content(questionnaire))))
    for place, value in cells.items():
        book.active[place] = value
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("changed.xlsx", file.getvalue())


def upload(client, questionnaire, file):
    seen = catalogue.seen(catalogue.draft_of(questionnaire))
    return client.post(f"{ROOT}{questionnaire.pk}/upload/", {"upload-file": file, "seen": seen}, follow=True)


def test_a_file_becomes_the_draft_and_options_keep_their_keys(made, client):
    columns = {name: n for n, name in enumerate(files.COLUMNS, 1)}
    label = f"{openpyxl.utils.get_column_letter(columns['option_1_label'])}2"
    question = f"{openpyxl.utils.get_column_letter(columns['question'])}2"
    page = upload(client, made, sheet(made, **{label: "Nothing at all", question: "Reworded?"}))
    assert "The file is the draft now." in text(page)
    assert "Changed Question Reworded?" in text(page)
    changed_question = editing.find(content(made), Level.QUESTION, "a1q1")
    assert (changed_question.text, changed_question.options[0].label) == ("Reworded?", "Nothing at all")
    expected = editing.find(example(), Level.QUESTION, "a1q1")
    assert [option.key for option in changed_question.options] == [option.key for option in expected.options]


def test_a_file_with_mistakes_leaves_the_draft_and_names_each_by_row_and_column(made, client):
    columns = {name: openpyxl.utils.get_column_letter(n) for n, name in enumerate(files.COLUMNS, 1)}
    wrong = {
        f"{columns['topic_weight']}4": 0,
        f"{columns['option_2_score']}3": 101,
        f"{columns['life_stages']}5": "teenage",
    }
    page = upload(client, made, sheet(made, **wrong))
    assert page.status_code == 422
    table = text(page)[text(page).index("The file has") :]
    assert "The file has 3 mistakes. Nothing was read" in table
    assert "3 option_2_score The score must be 0 to 100" in table
    assert "4 topic_weight The weight must be above 0, not 0." in table
    assert "5 life_stages “teenage” is none of:" in table
    assert content(made) == example(internal=True)


def test_a_file_of_another_kind_is_refused(made, client):
    other = files.write_yaml(example()).replace("kind: capability", "kind: recruit")
    page = upload(client, made, SimpleUploadedFile("x.yaml", other.encode()))
    assert page.status_code == 422
    assert "The kind of a questionnaire stays as it is." in text(page)
    assert content(made) == example(internal=True)


def test_every_version_goes_out_as_a_file(made, client):
    for number in (1, 2):
        for kind in ("xlsx", "yaml"):
            response = client.get(f"{ROOT}{made.pk}/versions/{number}/file.{kind}")
            assert f'filename="example-{number}.{kind}"' in response["Content-Disposition"]
            read = editing.keep_option_keys(files.read(response.content), example(internal=True))
            assert read == example(internal=True)
    assert client.get(f"{ROOT}{made.pk}/versions/3/file.xlsx").status_code == 404
    assert client.get(f"{ROOT}{made.pk}/versions/1/file.pdf").status_code == 404


# ── Preview ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_preview_shows_what_such_a_partner_is_asked_and_no_internal_category(made, client):
    changed(client, at(made, "question", "a1q1"), life_stages=["recruit"])
    changed(client, at(made, "question", "b1q1"), partner_types=["msp"])
    url = f"{ROOT}{made.pk}/versions/2/"
    everything = text(client.get(url))
    assert "5 of 5 questions are asked, 5 have to be answered." in everything
    assert "Secret" not in everything
    some = text(client.get(url, {"stage": "recruit", "type": "reseller"}))
    assert "4 of 5 questions are asked" in some
    assert "How about a1q1?" in some
    assert "How about b1q1?" not in some
    assert "3 of 5 questions are asked" in text(client.get(url, {"stage": "mature", "type": "reseller"}))
    assert "5 of 5 questions are asked" in text(client.get(f"{ROOT}{made.pk}/versions/1/", {"stage": "mature"}))


# ── Versions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_publishing_discarding_and_retiring(made, client, admin):
    page = f"{ROOT}{made.pk}/"

    def post(what):
        return text(client.post(f"{page}{what}/", {"seen": catalogue.seen(catalogue.draft_of(made))}, follow=True))

    changed(client, at(made), name="Better name")
    assert "Version 2 is published." in post("publish")
    made.refresh_from_db()
    assert made.name == "Better name"
    assert list(made.versions.values_list("number", "status", "published_by")) == [
        (2, "published", admin.pk),
        (1, "retired", None),
    ]
    assert client.get(at(made)).status_code == 404
    assert "There is no draft to publish." in post("publish")
    assert "There is no draft any more." in post("discard")
    assert client.post(f"{page}edit/")["Location"] == at(made)
    assert "The draft is discarded." in post("discard")
    assert made.versions.count() == 2
    assert "is retired. Nothing new starts with it." in post("retire")
    assert set(made.versions.values_list("status", flat=True)) == {"retired"}
    assert "No version is published." in post("retire")
    client.post(f"{page}edit/")
    assert "Version 3 is published." in post("publish")
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {
        "questionnaire.published",
        "questionnaire.draft_saved",
        "questionnaire.draft_discarded",
        "questionnaire.retired",
    } <= verbs


def test_with_its_only_draft_a_questionnaire_goes(acme, admin, client):
    version = drafts.save_draft(by=admin, key="short-lived", content=example(), new=True)
    changed(client, at(version.questionnaire), name="Renamed")
    assert Questionnaire.objects.get(key="short-lived").name == "Renamed"
    url = f"{ROOT}{version.questionnaire_id}/discard/"
    assert client.post(url, {"seen": catalogue.seen(catalogue.draft_of(version.questionnaire))})["Location"] == ROOT
    assert not Questionnaire.objects.filter(key="short-lived").exists()


def test_the_page_says_what_changed_between_any_two_versions(made, client):
    changed(client, at(made, "topic", "a2"), weight="4", target="70")
    client.post(at(made, "question", "a1q2", "move/"), {"to": "b1"})
    page = text(client.get(f"{ROOT}{made.pk}/"))
    assert "Changed Topic Topic a2 weight, target" in page
    assert "Changed Question How about a1q2? moved elsewhere" in page
    client.post(f"{ROOT}{made.pk}/publish/", {"seen": catalogue.seen(catalogue.draft_of(made))})
    client.post(f"{ROOT}{made.pk}/edit/")
    assert "Versions 2 and 3 are the same." in text(client.get(f"{ROOT}{made.pk}/"))
    page = text(client.get(f"{ROOT}{made.pk}/?from=1&to=3"))
    assert "Changed Topic Topic a2 weight, target" in page
