"""Recruit, satisfaction, program and cam: who starts them, who reads them, and what they come to."""

import datetime as dt
import io
import json
import re

import openpyxl
import pypdf
import pytest

from accounts.permissions import Role
from partners.models import Action, LifeStage, Partner, RegionLimit
from prm.common.models import AuditEntry, Notification, OutgoingMail
from prm.common.vendor import fiscal_calendar, today
from scorecards import actions, cam_reviews, queries, satisfaction
from scorecards.models import Answer, Assessment, Questionnaire, QuestionnaireVersion
from tests.api.conftest import Api
from tests.scorecards.test_pages import text
from tests.world import make_partner, make_user

MARK = "Zanzibar"  # stands in every comment a partner writes


def version_of(kind: str) -> QuestionnaireVersion:
    return queries.published(kind)[0]


def answered(draft: Assessment, by, place: int = 2, comment: str = "") -> Assessment:
    """Submitted with the option at this place (0–4: 0, 25, 50, 75, 100) everywhere."""
    for question in draft.version.content.questions():
        if question.key in draft.applicable and question.options:
            given = actions.Given(options=(question.options[place].key,), comment=comment)
            actions.save_answer(assessment=draft, question_key=question.key, given=given, by=by)
    return actions.submit(assessment=draft, by=by)


def says(partner, by, place: int = 2) -> Assessment:
    draft = actions.start_assessment(partner=partner, version=version_of("satisfaction"), mode="self", by=by)
    return answered(draft, by, place, f"{MARK} {partner.name}")


def more_partners(world, count: int, cam=None, start: int = 0):
    """(partner, its champion), in the region of partner A."""
    made = []
    for number in range(start, start + count):
        cam = cam or world.users[Role.CAM]
        partner = make_partner(world, f"M{number}", name="Contoso", region=world.partner_a.region, cam=cam)
        user = make_user(world, f"champion_m{number}", Role.PARTNER_CHAMPION, name=f"Teller {number}", partner=partner)
        made.append((partner, user))
    return made


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def chief(acme):
    return acme.users[Role.CHIEF]


@pytest.fixture
def operations(acme):
    return acme.users[Role.OPERATIONS]


@pytest.fixture
def limited(acme):
    """A chief for the region of partner A only."""
    user = make_user(acme, "chief_west", Role.CHIEF)
    RegionLimit.objects.create(user=user, region=acme.partner_a.region)
    return user


@pytest.fixture
def candidate(acme):
    Partner.everything.filter(pk=acme.partner_a.pk).update(stage=LifeStage.objects.get(key="recruit"))
    acme.partner_a.refresh_from_db()
    return acme.partner_a


def screened(partner, by, place: int) -> Assessment:
    draft = actions.start_assessment(partner=partner, version=version_of("recruit"), mode="cam", by=by)
    return answered(draft, by, place)


# ── Candidates ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("place", "word"), [(3, "Go"), (2, "Develop"), (1, "Pass")])
def test_a_screening_ends_in_a_verdict_and_a_next_step(candidate, cam, client_for, place, word):
    done = screened(candidate, cam, place)
    page = text(client_for(cam).get(f"/scorecards/{done.pk}/"))
    assert f"{word}" in re.search(r"Verdict (.{0,40})", page)[1]
    assert ("Move to Onboard" in page) == (word == "Go")
    candidate.refresh_from_db()
    assert candidate.stage.key == "recruit", "nothing moves by itself"
    pdf = client_for(cam).get(f"/scorecards/{done.pk}/scorecard.pdf")
    assert (
        f"{word}"
        in re.search(r"Verdict: (.{0,12})", pypdf.PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text())[1]
    )


def test_the_verdict_is_by_the_thresholds_of_its_day(candidate, cam, operations, client_for):
    from prm.common.actions import set_thresholds
    from prm.common.rag import DEFAULT_THRESHOLDS, Thresholds

    first = screened(candidate, cam, 3)
    families = {**DEFAULT_THRESHOLDS, "recruit": Thresholds(green=90, amber=60)}
    set_thresholds(by=operations, starts_on=today(), families=families)
    second = screened(candidate, cam, 3)
    assert (first.result["rag"], second.result["rag"]) == ("green", "amber")
    page = client_for(cam).get(f"/scorecards/{first.pk}/")
    assert "Go" in re.search(r"Verdict (.{0,40})", text(page))[1]
    assert "go from 90, develop from 60" in text(client_for(cam).get("/scorecards/candidates/"))


def test_candidates_are_ranked_by_fit_and_filtered_by_verdict(acme, candidate, cam, client_for):
    others = more_partners(acme, 2)
    Partner.everything.filter(pk__in=[partner.pk for partner, _user in others]).update(stage=candidate.stage)
    screened(candidate, cam, 1)
    screened(others[0][0], cam, 3)
    client = client_for(cam)
    page = text(client.get("/scorecards/candidates/"))
    places = [page.index(name) for name in (others[0][0].name, candidate.name, others[1][0].name)]
    assert places == sorted(places), "the best first, the unscreened last"
    page = text(client.get("/scorecards/candidates/?verdict=go"))
    assert others[0][0].name in page
    assert candidate.name not in page
    page = text(client.get("/scorecards/candidates/?verdict=none"))
    assert others[1][0].name in page
    assert others[0][0].name not in page
    csv = client.get("/scorecards/candidates/export.csv").content.decode()
    assert [line.split(",")[2] for line in csv.strip().splitlines()[1:]] == ["Go", "Pass", ""]
    other = text(client_for(acme.cam_b).get("/scorecards/candidates/"))
    assert "ACME-A" not in other


def test_a_candidate_is_offered_its_screening_first(candidate, cam, client_for):
    page = text(client_for(cam).get(f"/partners/{candidate.pk}/scorecards/"))
    assert page.index("Start: Partner recruitment") < page.index("Start: Partner capabilities")
    client_for(cam).post(f"/partners/{candidate.pk}/scorecards/start/")
    assert Assessment.everything.get().kind == "recruit"


def test_what_a_screening_proposes_is_not_shared(candidate, cam):
    done = screened(candidate, cam, 1)
    item = actions.proposed_plan(done, shared=False)[0].actions[0]
    [made] = actions.accept_action_plan(assessment=done, items=[actions.PlanItem(item.question, "Ask")], by=cam)
    assert not made.shared


# ── Satisfaction ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_partner_answers_in_the_portal_and_reads_its_own(acme, client_for):
    user = acme.users_a[Role.PARTNER_SELLER]
    client = client_for(user)
    version = version_of("satisfaction")
    assert "Start: Partner satisfaction" in text(client.get("/portal/scorecards/"))
    url = client.post("/portal/scorecards/start/", {"version": version.pk})["Location"]
    draft = Assessment.everything.get()
    assert draft.about == acme.partner_a.cam
    assert "your own view" in text(client.get(url))
    answered(draft, user, 3)
    page = client.get(f"/portal/scorecards/{draft.pk}/")
    assert "Channel management reads them" in text(page)
    assert "What to do first" not in text(page)
    assert "Proposed action plan" not in text(page)
    pdf = client.get(f"/portal/scorecards/{draft.pk}/scorecard.pdf")
    assert "Proposed actions" not in pypdf.PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    assert client.post(f"/portal/scorecards/{draft.pk}/plan/", {}).status_code == 404
    again = client.post("/portal/scorecards/start/", {"version": version.pk})["Location"]
    assert Answer.everything.filter(assessment__status="draft", prefilled=True).exists(), again


def test_who_of_the_vendor_reads_one_partners_answer(acme, client_for, limited, cam):
    done = says(acme.partner_a, acme.users_a[Role.PARTNER_CHAMPION])
    other = says(acme.partner_b, acme.users_b[Role.PARTNER_CHAMPION])
    Partner.everything.filter(pk=acme.partner_a.pk).update(cover=acme.cam_b)
    expected = {
        Role.ADMIN: {done.pk, other.pk}, Role.OPERATIONS: {done.pk, other.pk}, Role.CHIEF: {done.pk, other.pk},
        Role.CAM: set(), Role.MARKETING: set(),
    }  # fmt: skip
    people = [(user, expected[role]) for role, user in acme.users.items()]
    people += [(limited, {done.pk}), (acme.cam_b, set())]
    for user, found in people:
        kept = {pk for pk in (done.pk, other.pk) if client_for(user).get(f"/scorecards/{pk}/").status_code == 200}
        assert kept == found, user
        assert set(Assessment.objects.visible_to(user).values_list("pk", flat=True)) == found
        answers = Answer.objects.visible_to(user).values_list("assessment_id", flat=True)
        assert set(answers) == found, user
        page = client_for(user).get("/scorecards/satisfaction/")
        assert page.status_code == (200 if found else 403)
        for partner, pk in ((acme.partner_a, done.pk), (acme.partner_b, other.pk)):
            assert (f"/scorecards/{pk}/" in page.content.decode()) == (pk in found)
            assert not found or (partner.name in page.content.decode()) == (pk in found)


def test_a_draft_stays_with_the_partner(acme, chief, client_for):
    user = acme.users_a[Role.PARTNER_CHAMPION]
    draft = actions.start_assessment(partner=acme.partner_a, version=version_of("satisfaction"), mode="self", by=user)
    assert client_for(chief).get(f"/scorecards/{draft.pk}/").status_code == 404


def test_nobody_reads_single_answers_about_themselves(acme, client_for):
    """A chief who looks after partners too is a CAM to those."""
    both = make_user(acme, "both", Role.CHIEF, Role.CAM)
    partner, user = more_partners(acme, 1, cam=both)[0]
    about_both = says(partner, user)
    about_another = says(acme.partner_b, acme.users_b[Role.PARTNER_CHAMPION])
    client = client_for(both)
    assert client.get(f"/scorecards/{about_both.pk}/").status_code == 404
    assert client.get(f"/scorecards/{about_another.pk}/").status_code == 200
    assert partner.name not in text(client.get("/scorecards/satisfaction/"))


def test_who_is_the_cam_later_changes_nothing(acme, cam, operations, client_for):
    done = says(acme.partner_a, acme.users_a[Role.PARTNER_CHAMPION])
    Partner.everything.filter(pk=acme.partner_a.pk).update(cam=acme.cam_b)
    done.refresh_from_db()
    assert done.about == cam
    for user in (cam, acme.cam_b):
        assert client_for(user).get(f"/scorecards/{done.pk}/").status_code == 404
    assert satisfaction.heard_by(cam).partners == 1
    assert satisfaction.heard_by(acme.cam_b).partners == 0


def everything_a_cam_can_get(acme, cam, client_for, pks) -> dict[str, str]:
    """Each page, file and answer of the API at which one partner's satisfaction could show, as text."""
    client = client_for(cam)
    partner = acme.partner_a.pk
    pages = [
        "/", "/partners/", "/partners/export.csv", "/actions/", f"/partners/{partner}/", f"/partners/{partner}/scorecards/",
        f"/partners/{partner}/history/", f"/partners/{partner}/actions/", f"/partners/{partner}/people/", "/scorecards/",
        "/scorecards/?card=other", "/scorecards/?scored=satisfaction~{q}~overall~", "/scorecards/export.csv",
        "/partners/?scored=satisfaction~{q}~overall~", "/scorecards/export.csv?scored=satisfaction~{q}~overall~",
        "/scorecards/candidates/", "/scorecards/skills/", "/scorecards/roll-up/", "/scorecards/roll-up.xlsx",
        "/notifications/", f"/search?q={MARK[:5]}", "/search?q=satisfaction", "/scorecards/satisfaction/",
        "/scorecards/satisfaction/export.csv", "/scorecards/satisfaction/export.xlsx", "/settings/audit/",
        f"/partners/{partner}/scorecards/satisfaction/",
    ]  # fmt: skip
    for pk in pks:
        pages += [
            f"/scorecards/{pk}/{end}"
            for end in ("", "answer/", "scorecard.pdf", "scorecard.xlsx", "explain/overall/-/")
        ]
        pages += [f"/scorecards/own/{pk}/{end}" for end in ("", "answer/", "scorecard.pdf", "scorecard.xlsx")]
    key = fiscal_calendar().quarter_of(today()).key
    found = {}
    for page in pages:
        response = client.get(page.format(q=key))
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if body[:2] == b"PK":
            cells = openpyxl.load_workbook(io.BytesIO(body))
            words = " ".join(str(c) for sheet in cells for row in sheet.iter_rows(values_only=True) for c in row)
        else:
            words = body.decode(errors="replace")
        found[page] = f"{response.status_code} {words}"
    from accounts import tokens
    from accounts.tokens import Scope

    api = Api(tokens.create(cam, "Mine", list(Scope), 30)[1], acme.host)
    paths = ["/assessments", "/assessments?kind=satisfaction", "/assessments?questionnaire=satisfaction", "/actions"]
    paths += [
        f"/assessments?partner={partner}",
        "/rollups/satisfaction",
        "/rollups/satisfaction?by=region",
        "/me/satisfaction",
    ]
    for pk in pks:
        paths += [f"/assessments/{pk}{end}" for end in ("", "/answers", "/result", "/plan")]
    for path in paths:
        response = api.call("get", path)
        found[f"api {path}"] = f"{response.status_code} {json.dumps(response.json())}"
    return found


@pytest.mark.parametrize("who", ["cam", "cover"])
def test_a_cam_reads_nothing_of_one_partners_answer_anywhere(acme, cam, chief, client_for, who):
    reader = cam if who == "cam" else acme.cam_b
    Partner.everything.filter(pk=acme.partner_a.pk).update(cover=acme.cam_b)
    acme.partner_a.refresh_from_db()
    user = acme.users_a[Role.PARTNER_CHAMPION]
    before = everything_a_cam_can_get(acme, reader, client_for, [])
    actions.invite_partner_to_self_score(
        partner=acme.partner_a, version=version_of("satisfaction"), user=user, by=chief
    )
    done = says(acme.partner_a, user, 0)
    actions.start_assessment(partner=acme.partner_a, version=version_of("satisfaction"), mode="self", by=user)
    draft = Assessment.everything.get(status="draft")
    after = everything_a_cam_can_get(acme, reader, client_for, [])

    def stable(page: str) -> str:
        page = re.sub(r'(csrf-token" content|csrfmiddlewaretoken" value)="[^"]*"', "", page)
        return re.sub(r"\d\d:\d\d(:\d\d(\.\d+)?)?|just now|datetime=\"[^\"]*\"", "", page)

    # Nothing differs but the count of partners that answered, of those an average needs.
    own = {"/scorecards/skills/", "api /me/satisfaction"}
    assert {page for page in before if stable(before[page]) != stable(after[page])} <= (own if who == "cam" else set())
    for page, said in everything_a_cam_can_get(acme, reader, client_for, [done.pk, draft.pk]).items():
        assert MARK not in said, page
        if any(f"{at}/{pk}" in page for at in ("scorecards", "own", "assessments") for pk in (done.pk, draft.pk)):
            assert said[:3] in ("404", "403"), page
    assert not Notification.objects.filter(user=reader).exists()
    assert not OutgoingMail.objects.filter(to=reader.email).exists()
    assert not AuditEntry.objects.filter(partner_id=acme.partner_a.pk, verb__startswith="assessment").exists()
    assert AuditEntry.objects.filter(verb="assessment.submitted", target_id=str(done.pk)).exists()


def test_at_four_partners_nothing_and_at_five_an_average(acme, cam, client_for):
    team = more_partners(acme, 4)
    for place, (partner, user) in enumerate(team):
        says(partner, user, place)
    page = text(client_for(cam).get("/scorecards/skills/"))
    assert "4 of 5 partners answered" in page
    assert "Average of" not in page
    says(acme.partner_a, acme.users_a[Role.PARTNER_CHAMPION], 4)
    page = text(client_for(cam).get("/scorecards/skills/"))
    # 0, 25, 50, 75 and 100 in every question
    assert "Average of 5 partners" in page
    assert satisfaction.heard_by(cam).overall == 50
    assert set(satisfaction.heard_by(cam).topics.values()) == {50}
    sixth, user = more_partners(acme, 1, start=9)[0]
    says(sixth, user, 0)
    assert satisfaction.heard_by(cam).overall == 50, "it waits for the quarter's end"
    assert "3 of 5" not in text(client_for(acme.cam_b).get("/scorecards/skills/"))
    assert "0 of 5 partners answered" in text(client_for(acme.cam_b).get("/scorecards/skills/"))


def test_averages_by_cam_and_region(acme, chief, limited, client_for):
    """CAM: (25 + 75) ÷ 2 = 50 of two partners, the other's 100 of one; in the west three partners."""
    west = more_partners(acme, 1, cam=acme.users[Role.CAM]) + more_partners(acme, 1, cam=acme.cam_b, start=5)
    says(acme.partner_a, acme.users_a[Role.PARTNER_CHAMPION], 0)
    says(acme.partner_a, acme.users_a[Role.PARTNER_CHAMPION], 1)  # the latest counts
    says(*west[0], 3)
    says(*west[1], 4)
    says(acme.partner_b, acme.users_b[Role.PARTNER_CHAMPION], 4)

    def found(user, by):
        rows = satisfaction.averages(user, Partner.objects.visible_to(user), by)
        return {row.name: (row.partners, row.overall) for row in rows}

    by_cam = {acme.users[Role.CAM].name: (2, 50), acme.cam_b.name: (2, 100)}
    assert found(chief, "cam") == by_cam
    assert found(chief, "region") == {"West": (3, 67), "East": (1, 100)}
    assert found(limited, "region") == {"West": (3, 67)}
    assert found(limited, "cam") == by_cam | {acme.cam_b.name: (1, 100)}
    assert found(acme.users[Role.CAM], "cam") == {}
    page = text(client_for(chief).get("/scorecards/satisfaction/?by=region"))
    assert "Averages by region" in page
    from accounts import tokens
    from accounts.tokens import Scope

    rows = Api(tokens.create(limited, "Mine", list(Scope), 30)[1], acme.host).call(
        "get", "/rollups/satisfaction?by=region"
    )
    assert [(row["name"], row["partners"], row["averages"][0]["display"]) for row in rows.json()["rows"]] == [
        ("West", 3, 67)
    ]


def test_management_asks_and_the_cam_does_not(acme, cam, chief, client_for):
    user = acme.users_a[Role.PARTNER_SELLER]
    version = version_of("satisfaction")
    url = f"/partners/{acme.partner_a.pk}/scorecards/satisfaction/"
    assert client_for(cam).post(url, {"user": user.pk}).status_code == 403
    with pytest.raises(actions.NotAllowed):
        actions.invite_partner_to_self_score(partner=acme.partner_a, version=version, user=user, by=cam)
    due = {"due_on": today() + dt.timedelta(days=9)}
    mine = {"version": version.pk, "user": user.pk} | due
    client_for(cam).post(f"/partners/{acme.partner_a.pk}/scorecards/invite/", mine)
    assert not Assessment.everything.filter(questionnaire__kind="satisfaction").exists()
    assert client_for(chief).post(url, {"user": ""} | due).status_code == 422
    assert client_for(chief).post(url, {"user": user.pk, "message": "Be frank"} | due).status_code == 302
    assert Assessment.everything.get(questionnaire__kind="satisfaction").about == cam
    assert "Be frank" in OutgoingMail.objects.get(to=user.email, text__contains="Be frank").text
    assert "Fill in: Partner satisfaction" in text(client_for(user).get("/portal/"))
    other = acme.users_b[Role.PARTNER_SELLER]
    assert "Fill in: Partner satisfaction" not in text(client_for(other).get("/portal/"))


def test_what_satisfaction_proposes_never_enters_the_partners_list(acme, operations, client_for):
    done = says(acme.partner_a, acme.users_a[Role.PARTNER_CHAMPION], 0)
    client = client_for(operations)
    page = text(client.get(f"/scorecards/{done.pk}/"))
    assert "What to do first" in page
    assert "Add what is ticked" not in page
    assert client.post(f"/scorecards/{done.pk}/plan/", {}).status_code == 404
    assert not Action.everything.exists()


# ── The program ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_program_is_scored_staged_and_ranked(acme, operations, chief, client_for):
    client = client_for(chief)
    assert "Not scored yet" in text(client.get("/scorecards/program/"))
    url = client.post("/scorecards/program/start/")["Location"]
    draft = Assessment.everything.get()
    assert (draft.partner, draft.about, draft.mode) == (None, None, "cam")
    assert client.get(url).status_code == 200
    assert client_for(operations).get(url).status_code == 200, "it is one draft, whoever goes on with it"
    question = draft.applicable[0]
    option = next(q for q in draft.version.content.questions() if q.key == question).options[3]
    assert client.post(f"{url}{question}/", {f"a-{question}": f"o:{option.key}"}).status_code == 200
    answered(draft, operations, 1)
    page = text(client.get("/scorecards/program/"))
    assert "Emerging" in page  # 25 everywhere
    plan = actions.proposed_plan(draft, shared=False)
    places = [page.index(f"{topic.name} {topic.category}") for topic in plan]
    assert places == sorted(places)
    assert [topic.impact for topic in plan] == sorted((topic.impact for topic in plan), reverse=True)
    client.post("/scorecards/program/start/")
    second = Assessment.everything.get(status="draft")
    answered(second, chief, 3)
    page = text(client.get("/scorecards/program/"))
    assert "Maturing" in page
    assert "+50" in page
    for end in ("", "scorecard.xlsx", "scorecard.pdf", "explain/overall/-/"):
        assert client.get(f"/scorecards/own/{second.pk}/{end}").status_code == 200, end
    name = client.get(f"/scorecards/own/{second.pk}/scorecard.xlsx")["Content-Disposition"]
    assert "acme" in name
    assert not Action.everything.exists()


def test_a_vendor_from_before_gets_the_questionnaire(acme, chief, client_for):
    versions = QuestionnaireVersion.objects.filter(questionnaire__key="program")
    versions._raw_delete(versions.db)
    Questionnaire.objects.get(key="program").delete()
    assert client_for(chief).post("/scorecards/program/start/").status_code == 302
    assert version_of("program").number == 1


# ── CAMs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def review(cam, by, place: int) -> Assessment:
    return answered(actions.start_review(version=version_of("cam"), cam=cam, by=by), by, place)


def test_a_cam_and_the_manager_are_blind_until_both_are_in(acme, cam, chief, client_for):
    own = review(cam, cam, 3)
    managers = actions.start_review(version=version_of("cam"), cam=cam, by=chief)
    assert (own.mode, managers.mode) == ("self", "cam")
    assert client_for(chief).get(f"/scorecards/own/{own.pk}/").status_code == 404
    assert client_for(cam).get(f"/scorecards/own/{managers.pk}/").status_code == 404
    assert client_for(cam).post(f"/scorecards/own/{managers.pk}/submit/").status_code == 404
    page = text(client_for(chief).get(f"/scorecards/cams/{cam.pk}/"))
    assert "By the CAM Submitted" in page
    assert "Where you see it differently" not in page
    assert "75" not in page
    first = managers.applicable[0]
    answered(managers, chief, 2)
    question = next(q for q in own.version.content.questions() if q.key == first)
    assert question
    for reader in (cam, chief):
        assert client_for(reader).get(f"/scorecards/own/{own.pk}/").status_code == 200
        assert client_for(reader).get(f"/scorecards/own/{managers.pk}/").status_code == 200
        url = "/scorecards/skills/" if reader == cam else f"/scorecards/cams/{cam.pk}/"
        page = text(client_for(reader).get(url))
        assert re.search(r"75 50 \+25", page), page
    # A submitted one can be read by both, and changed by neither.
    assert client_for(chief).get(f"/scorecards/own/{own.pk}/answer/")["Location"] == f"/scorecards/own/{own.pk}/"
    assert client_for(chief).post(f"/scorecards/own/{own.pk}/confirm/", {"topic": "x"}).status_code == 409
    assert client_for(cam).post(f"/scorecards/own/{managers.pk}/discard/").status_code == 302
    assert Assessment.everything.filter(status="submitted").count() == 2


def test_the_differences_are_the_unrounded_ones_largest_first(acme, cam, chief):
    own = actions.start_review(version=version_of("cam"), cam=cam, by=cam)
    managers = actions.start_review(version=version_of("cam"), cam=cam, by=chief)
    first = own.version.content.categories[0].topics[0]
    for draft, by, place in ((own, cam, 4), (managers, chief, 0)):
        for question in own.version.content.questions():
            chosen = place if question in first.questions else 2
            given = actions.Given(options=(question.options[chosen].key,))
            actions.save_answer(assessment=draft, question_key=question.key, given=given, by=by)
        actions.submit(assessment=draft, by=by)
    gaps = cam_reviews.review_of(cam, cam).gaps
    assert (gaps[0].name, gaps[0].own, gaps[0].manager, gaps[0].gap) == (first.name, 100, 1, 100)
    assert {line.gap for line in gaps[1:]} == {0}


def test_another_cam_sees_nothing_and_a_chief_those_of_the_own_regions(acme, cam, chief, limited, client_for):
    review(cam, cam, 3)
    review(cam, chief, 2)
    both = list(Assessment.everything.values_list("pk", flat=True))
    for pk in both:
        assert client_for(acme.cam_b).get(f"/scorecards/own/{pk}/").status_code == 404
        assert client_for(limited).get(f"/scorecards/own/{pk}/").status_code == 200
    assert client_for(acme.cam_b).get("/scorecards/cams/").status_code == 403
    assert client_for(acme.cam_b).get(f"/scorecards/cams/{cam.pk}/").status_code == 403
    assert client_for(limited).get(f"/scorecards/cams/{acme.cam_b.pk}/").status_code == 404
    assert client_for(limited).post(f"/scorecards/cams/{acme.cam_b.pk}/start/").status_code == 404
    page = text(client_for(limited).get("/scorecards/cams/"))
    assert cam.name in page
    assert acme.cam_b.name not in page
    csv = client_for(chief).get("/scorecards/cams/export.csv").content.decode()
    assert f"{cam.name},Submitted," in csv
    assert f"{acme.cam_b.name},Not begun,,Not begun," in csv


def test_only_cams_are_reviewed_and_only_by_those_who_may(acme, cam, chief, operations, client_for):
    version = version_of("cam")
    for about, by in ((operations, chief), (chief, chief), (acme.cam_b, cam), (cam, acme.users[Role.MARKETING])):
        with pytest.raises(actions.NotAllowed):
            actions.start_review(version=version, cam=about, by=by)
    assert client_for(chief).get("/scorecards/skills/").status_code == 200
    assert "Only for CAMs" in text(client_for(chief).get("/scorecards/skills/"))
    assert client_for(chief).get(f"/scorecards/cams/{operations.pk}/").status_code == 404


# ── All of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def one_of_each(acme, candidate, cam, chief):
    return {
        "recruit": screened(candidate, cam, 2),
        "program": answered(actions.start_program(version=version_of("program"), by=chief), chief),
        "self": review(cam, cam, 2),
        "cam": review(cam, chief, 2),
    }


def test_no_partners_person_reads_what_is_the_vendors(acme, one_of_each, client_for):
    for user in (*acme.users_a.values(), acme.users_b[Role.PARTNER_CHAMPION]):
        client = client_for(user)
        assert not Assessment.objects.visible_to(user).exists()
        assert not Answer.objects.visible_to(user).exists()
        for done in one_of_each.values():
            for end in ("", "answer/", "scorecard.pdf", "scorecard.xlsx", "explain/overall/-/"):
                assert client.get(f"/portal/scorecards/{done.pk}/{end}").status_code == 404
            assert client.get(f"/scorecards/own/{done.pk}/").status_code == 403
        for page in ("candidates", "satisfaction", "program", "cams", "skills"):
            assert client.get(f"/scorecards/{page}/").status_code == 403
        listed = text(client.get("/portal/scorecards/"))
        assert "recruitment" not in listed
        assert "No scorecard yet" in listed


def test_even_revealed_a_screening_stays_with_the_vendor(acme, one_of_each):
    Assessment.everything.update(revealed=True)
    assert not Assessment.objects.visible_to(acme.users_a[Role.PARTNER_CHAMPION]).exists()


def test_another_vendor_finds_none_of_them(acme, globex, one_of_each, client_for):
    with globex:
        client = client_for(globex.users[Role.ADMIN], host="globex.localhost")
        for done in one_of_each.values():
            assert client.get(f"/scorecards/own/{done.pk}/").status_code == 404
        assert "Not scored yet" in text(client.get("/scorecards/program/"))


READS = {
    "recruit": {Role.ADMIN, Role.OPERATIONS, Role.CHIEF, Role.CAM},
    "program": {Role.ADMIN, Role.OPERATIONS, Role.CHIEF},
    "self": {Role.ADMIN, Role.OPERATIONS, Role.CHIEF, Role.CAM},
    "cam": {Role.ADMIN, Role.OPERATIONS, Role.CHIEF, Role.CAM},
}


def test_roles_and_kinds(acme, one_of_each, client_for):
    for kind, done in one_of_each.items():
        at = "scorecards" if kind == "recruit" else "scorecards/own"
        readers = {
            role for role, user in acme.users.items() if client_for(user).get(f"/{at}/{done.pk}/").status_code == 200
        }
        assert readers == READS[kind], kind
        assert client_for(acme.cam_b).get(f"/{at}/{done.pk}/").status_code == 404
        # A scorecard has one address: a partner's is none of the vendor's own, nor the other way round.
        wrong = "scorecards/own" if kind == "recruit" else "scorecards"
        assert client_for(acme.users[Role.ADMIN]).get(f"/{wrong}/{done.pk}/").status_code == 404


def test_by_the_api(acme, candidate, cam, chief, operations):
    from accounts import tokens
    from accounts.tokens import Scope

    def api(user):
        return Api(tokens.create(user, "Mine", list(Scope), 30)[1], acme.host)

    assert api(chief).call("post", "/assessments", {"questionnaire": "program"}).status_code == 201
    assert api(operations).call("post", "/assessments", {"questionnaire": "program"}).status_code == 200
    assert api(cam).call("post", "/assessments", {"questionnaire": "program"}).status_code == 403
    own = api(cam).call("post", "/assessments", {"questionnaire": "cam", "about": cam.pk}).json()
    assert (own["mode"], own["about"], own["partner"]) == ("self", cam.pk, None)
    assert api(cam).call("post", "/assessments", {"questionnaire": "cam", "about": acme.cam_b.pk}).status_code == 422
    assert api(chief).call("get", f"/assessments/{own['id']}").status_code == 404
    managers = api(chief).call("post", "/assessments", {"questionnaire": "cam", "about": cam.pk}).json()
    key = managers["applicable"][0]
    option = version_of("cam").content.questions()
    first = next(iter(option)).options[2].key
    assert api(chief).call("put", f"/assessments/{managers['id']}/answers/{key}", {"na": True}).status_code == 422
    assert api(cam).call("put", f"/assessments/{managers['id']}/answers/{key}", {"option": first}).status_code == 404
    recruit = api(cam).call("post", "/assessments", {"questionnaire": "recruit", "partner": candidate.pk})
    assert recruit.status_code == 201
    assert (
        api(chief).call("post", "/assessments", {"questionnaire": "recruit", "partner": candidate.pk}).status_code
        == 403
    )
    kinds = [row["kind"] for row in api(chief).call("get", "/assessments?kind=recruit").json()["items"]]
    assert kinds == ["recruit"]
