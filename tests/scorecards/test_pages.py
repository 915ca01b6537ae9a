import io
import re
from decimal import Decimal

import openpyxl
import pytest

from accounts.permissions import Role
from partners.models import Action
from scorecards import actions
from scorecards.models import Answer, Assessment
from tests.scorecards.conftest import EXAMPLE, example, filled, give


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def client(client_for, cam):
    return client_for(cam)


@pytest.fixture
def draft(acme, version, cam):
    return actions.start_assessment(partner=acme.partner_a, version=version, mode="cam", by=cam)


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_starting_from_the_partner_page_opens_the_questions(acme, version, client):
    page = client.get(f"/partners/{acme.partner_a.pk}/scorecards/")
    assert "Start: Partner capabilities" in text(page)
    response = client.post(f"/partners/{acme.partner_a.pk}/scorecards/start/", {"version": version.pk})
    draft = Assessment.everything.get()
    assert response["Location"] == f"/scorecards/{draft.pk}/answer/"
    page = client.get(response["Location"])
    assert "How about a1q1?" in text(page)
    assert "0 of 5" in text(page)
    assert "Continue" in text(client.get(f"/partners/{acme.partner_a.pk}/scorecards/"))


def test_without_script_a_topic_is_a_form_that_leads_to_the_next(draft, client):
    url = f"/scorecards/{draft.pk}/answer/"
    response = client.post(url, {"topic": "a1", "a-a1q1": "o:o100", "a-a1q2": "o:o50", "c-a1q1": "as on the call"})
    assert response["Location"] == f"{url}?topic=a2"
    assert client.post(url, {"topic": "a2", "a-a2q1": "o:o25"})["Location"] == f"{url}?topic=b1"
    assert (
        client.post(url, {"topic": "b1", "a-b1q1": "na", "a-b1q2": "o:o80"})["Location"] == f"/scorecards/{draft.pk}/"
    )
    draft.refresh_from_db()
    assert (draft.done, draft.of) == (5, 5)
    assert draft.answers.get(question_key="a1q1").comment == "as on the call"


def test_a_refused_form_keeps_what_was_typed_and_says_why(draft, client):
    url = f"/scorecards/{draft.pk}/answer/"
    response = client.post(url, {"topic": "a2", "a-a2q1": "o:o25", "e-a2q1": "not a link", "c-a2q1": "typed"})
    assert response.status_code == 422
    assert "Enter a web address" in text(response)
    assert 'value="not a link"' in response.content.decode()
    assert ">typed</textarea>" in response.content.decode()
    assert re.search(r'value="o:o25"[^>]*checked', response.content.decode())


def test_each_answer_is_saved_and_the_result_follows(draft, client):
    response = client.post(f"/scorecards/{draft.pk}/answer/a2q1/", {"a-a2q1": "o:o25"})
    assert response.status_code == 200
    assert "1 of 5" in text(response)
    assert "Saved" in text(response)
    assert 'id="result"' in response.content.decode()
    assert Answer.everything.get().options == ["o25"]


def test_an_answer_that_does_not_fit_gets_the_questions_own_message(draft, client):
    response = client.post(f"/scorecards/{draft.pk}/answer/a2q1/", {"a-a2q1": "o:gone"})
    assert response.status_code == 422
    assert "That option does not exist." in text(response)
    assert client.post(f"/scorecards/{draft.pk}/answer/elsewhere/", {"a-elsewhere": "o:o25"}).status_code == 422


def test_the_worked_example_on_the_page(acme, version, cam, client):
    done = filled(acme.partner_a, version, cam)
    page = text(client.get(f"/scorecards/{done.pk}/"))
    for figure in ("52", "75", "25", "80", "5.0", "55.0", "10.0", "0.8", "27.5", "3.3"):
        assert f" {figure} " in page
    why = text(client.get(f"/scorecards/{done.pk}/explain/overall/-/"))
    assert "(2 × 37.5 + 1 × 80) ÷ (2 + 1) = 51.67" in why
    assert "Shown as 52" in why
    impact = text(client.get(f"/scorecards/{done.pk}/explain/impact/a2/"))
    assert "55 × (3 ÷ 4) × (2 ÷ 3) = 27.5" in impact
    gap = text(client.get(f"/scorecards/{done.pk}/explain/gap/b1/"))
    assert "the larger of 0 and 90 − 80 = 10" in gap
    topic = text(client.get(f"/scorecards/{done.pk}/explain/topic/b1/"))
    assert "(2 × 80) ÷ (2) = 80" in topic
    assert client.get(f"/scorecards/{done.pk}/explain/topic/nowhere/").status_code == 404


def test_submitting_too_early_names_what_is_missing(draft, client):
    client.post(f"/scorecards/{draft.pk}/submit/")
    page = text(client.get(f"/scorecards/{draft.pk}/"))
    assert "5 questions are still to answer or confirm" in page
    assert "How about b1q2?" in page
    draft.refresh_from_db()
    assert draft.is_draft


def test_submitted_the_answers_are_shut(draft, client, cam):
    give(draft, cam, EXAMPLE)
    assert client.post(f"/scorecards/{draft.pk}/submit/")["Location"] == f"/scorecards/{draft.pk}/"
    assert client.get(f"/scorecards/{draft.pk}/answer/")["Location"] == f"/scorecards/{draft.pk}/"
    assert client.post(f"/scorecards/{draft.pk}/answer/a1q1/", {"a-a1q1": "o:o0"}).status_code == 409


def test_ticked_actions_go_into_the_plan_with_owner_and_date(acme, version, cam, client):
    done = filled(acme.partner_a, version, cam)
    url = f"/scorecards/{done.pk}/plan/"
    posted = {"take-a2q1": "on", "title-a2q1": "Book it", "owner-a2q1": cam.pk, "due-a2q1": "2027-01-15"}
    assert client.post(url, posted).status_code == 302
    action = Action.everything.get()
    assert (action.title, action.owner, str(action.due_on), action.expected_lift) == ("Book it", cam, "2027-01-15", 55)
    refused = client.post(url, posted | {"title-a2q1": "", "due-a2q1": "soon"})
    assert refused.status_code == 422
    assert "Say what is to be done." in text(refused)
    assert 'value="soon"' in refused.content.decode()
    assert client.post(url, {}).status_code == 422


def test_the_list_shows_the_latest_score_and_what_is_open(acme, version, cam, client_for):
    filled(acme.partner_a, version, cam)
    actions.start_assessment(partner=acme.partner_a, version=version, mode="cam", by=cam)
    everyone = client_for(acme.users[Role.OPERATIONS])
    page = text(everyone.get("/scorecards/"))
    assert re.search(r"Northwind ACME-A.* 52 ", page)
    assert "Continue, 0 of 5" in page
    assert "Fabrikam" not in text(everyone.get("/scorecards/?card=amber"))
    assert "Northwind" not in text(everyone.get("/scorecards/?card=none"))
    assert "Northwind" in text(everyone.get("/scorecards/?card=draft"))
    export = everyone.get("/scorecards/export.xlsx").content
    sheet = openpyxl.load_workbook(io.BytesIO(export)).active
    assert [sheet.cell(1, 5).value, Decimal(str(sheet.cell(3, 5).value))] == ["Score", Decimal("51.666666667")]


def test_the_workbook_has_scores_and_answers(acme, version, cam, client):
    done = filled(acme.partner_a, version, cam)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/scorecards/{done.pk}/scorecard.xlsx").content))
    scores = {row[1]: row for row in book["Scores"].values if row[1]}
    assert scores["Topic a2"][4:9] == (25, 25, "red", 55, 27.5)
    answers = {row[2]: row for row in book["Answers"].values}
    assert answers["How about a1q1?"][3:5] == ("Level 100", 100)
    assert answers["How about b1q1?"][3:5] == ("Not applicable", None)


@pytest.mark.pdf
def test_the_summary_is_a_pdf_of_one_page(acme, version, cam, client):
    from pypdf import PdfReader

    done = filled(acme.partner_a, version, cam)
    response = client.get(f"/scorecards/{done.pk}/scorecard.pdf")
    reader = PdfReader(io.BytesIO(response.content))
    assert len(reader.pages) == 1
    assert "Topic a2" in reader.pages[0].extract_text()


def test_internal_categories_are_marked_for_the_vendor(acme, internal_version, cam, client):
    done = filled(acme.partner_a, internal_version, cam, EXAMPLE | {"t1q1": "o100"})
    assert "Secret trust" in text(client.get(f"/scorecards/{done.pk}/"))
    assert example(internal=True) == done.version.content


@pytest.mark.parametrize("count", [1, 3])
def test_answering_costs_the_same_however_much_is_answered(draft, cam, client, django_assert_max_num_queries, count):
    give(draft, cam, dict(list(EXAMPLE.items())[:count]))
    with django_assert_max_num_queries(22):
        client.post(f"/scorecards/{draft.pk}/answer/a2q1/", {"a-a2q1": "o:o80"})
    with django_assert_max_num_queries(16):
        client.get(f"/scorecards/{draft.pk}/answer/")
