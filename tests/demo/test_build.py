"""The demo holds together: what is in it is what people's work would have left behind."""

import datetime as dt

from django.db import connection, models
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from cadence.models import DueItem
from partners import facts
from partners.models import Action, Certification, Contact, Membership, Partner, Placement, Touch
from pipeline.models import Deal, MetricValue, SalesResult, TargetMonth
from prm.common.models import AuditEntry
from prm.common.vendor import fiscal_calendar
from scorecards import cam_reviews, queries, satisfaction
from scorecards.actions import score_rows
from scorecards.answers import is_done
from scorecards.models import Answer, AnswerChange, Assessment, AssessmentScore, PerformanceReview, TierEvaluation
from scorecards.program import Program
from scorecards.result_json import as_json
from tests.demo.conftest import TODAY

OWNED = (Partner, Placement, Contact, Membership, Touch, Action, Assessment, Answer, AnswerChange, AssessmentScore)


def fields_of(row: models.Model, *but: str) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in but}


def test_every_row_is_valid_and_refers_to_what_is_there(demo):
    connection.check_constraints()
    for model in OWNED:
        rows = list(model.everything.all())
        assert rows, model
        for row in rows if model in (Partner, Contact, Touch, Action) else ():
            row.clean_fields()


def test_frozen_results_are_what_the_answers_score(demo):
    submitted = Assessment.everything.filter(status="submitted").select_related("version")
    assert submitted
    for assessment in submitted:
        given = queries.as_rules(assessment.answers.all())
        result = queries.result_of(assessment, given)
        assert assessment.result == as_json(result, shared=False)
        assert assessment.result_shared == as_json(result, shared=True)
        wanted = [fields_of(row, "id", "contends") for row in score_rows(assessment, result)]
        assert [fields_of(row, "id", "contends") for row in assessment.scores.all()] == wanted
        assert queries.missing(assessment, given, assessment.finished_by) == []
        internal = assessment.mode != "self"
        asked = [
            q.key for q in assessment.version.content.questions(internal=internal) if q.key in assessment.applicable
        ]
        assert assessment.of == len(asked)
        assert assessment.done == sum(is_done(given.get(key)) for key in asked)
        assert set(given) <= set(asked)


def test_periods_and_dates_fit(demo):
    calendar = fiscal_calendar()
    assessments = list(Assessment.everything.filter(status="submitted"))
    for row in assessments:
        assert row.period == calendar.quarter_of(row.finished_on).key
        assert row.started_at + dt.timedelta(seconds=row.active_seconds) <= row.finished_at
    now = timezone.now()
    assert max(row.finished_at for row in assessments) < now
    assert AuditEntry.objects.filter(at__gt=now).count() == 0
    assert Touch.everything.filter(on__gte=TODAY).count() == 0
    assert Action.everything.filter(closed_at__gt=now).count() == 0
    assert len({row.period for row in assessments}) == 8


def test_both_sides_are_revealed_exactly_where_both_are_in(demo):
    rows = list(Assessment.everything.filter(status="submitted"))
    modes: dict[tuple[int | None, int | None, int, str], set[str]] = {}
    for row in rows:
        modes.setdefault((row.partner_id, row.about_id, row.questionnaire_id, row.period), set()).add(row.mode)
    assert {len(each) for each in modes.values()} == {1, 2}
    for row in rows:
        assert row.revealed == (len(modes[row.partner_id, row.about_id, row.questionnaire_id, row.period]) == 2)


def test_partners_stand_where_their_latest_placement_says(demo):
    for partner in Partner.everything.all():
        placements = list(partner.placements.order_by("starts_on"))
        latest = placements[-1]
        for name in ("stage_id", "tier_id", "region_id", "cam_id"):
            assert getattr(latest, name) == getattr(partner, name), name
        assert placements[0].starts_on == partner.created_at.date()
        before_there_was_one = partner.assessments.filter(finished_on__lt=placements[0].starts_on)
        assert not before_there_was_one.exists()


def test_carried_over_answers_say_when_they_were_chosen(demo):
    carried = Answer.everything.filter(prefilled=True, assessment__status="submitted").select_related("assessment")
    assert carried
    for row in carried:
        assert row.at < row.assessment.started_at
        chosen = Answer.everything.get(
            question_key=row.question_key, at=row.at, prefilled=False, assessment__partner=row.assessment.partner_id
        )
        assert (chosen.options, chosen.na, chosen.by_id) == (row.options, row.na, row.by_id)
    changed = Answer.everything.filter(prefilled=False, assessment__status="submitted").count()
    assert changed == AnswerChange.everything.filter(assessment__status="submitted").count()


def test_the_demo_cam_hears_an_average_and_has_been_reviewed(demo):
    cam = User.objects.get(email="cam@acme.example")
    heard = satisfaction.heard_by(cam, TODAY)
    assert heard.partners >= 5
    assert heard.overall is not None
    review = cam_reviews.review_of(cam, cam)
    assert review.pair
    assert any(line.gap for line in review.gaps)
    assert Program(User.objects.get(email="chief@acme.example")).summary
    screened = Assessment.everything.filter(questionnaire__kind="recruit", status="submitted")
    assert screened.exists()


def test_facts_are_up_to_date(demo):
    assert facts.refresh() == facts.Written(0, 0)


def test_every_address_is_invented(demo):
    emails = [*User.objects.values_list("email", flat=True), *Contact.everything.values_list("email", flat=True)]
    assert all(email.endswith(".example") for email in emails)
    domains = Partner.everything.values_list("domain", flat=True)
    assert all(domain.endswith(".example") for domain in domains)


def test_each_of_the_staff_sees_what_the_role_is_for(demo, profile):
    users = {role: User.objects.get(email=f"{role}@{profile.domain}") for role in profile.people}
    assert Partner.objects.visible_to(users[Role.CHIEF]).count() == profile.partners
    assert 2 <= Partner.objects.visible_to(users[Role.CAM]).count() < profile.partners
    assert 1 <= Partner.objects.visible_to(users[Role.DISTRIBUTOR]).count() < profile.partners
    for show in profile.showcases:
        champion = User.objects.get(email=f"champion@{show.domain}")
        assert [partner.name for partner in Partner.objects.visible_to(champion)] == [show.name]
        assert Assessment.objects.visible_to(champion).filter(status="submitted").exists()


def test_the_figures_tell_a_story(demo):
    def mean(**where: object) -> float:
        rows = Assessment.everything.filter(questionnaire__kind="capability", status="submitted", **where)
        return float(rows.aggregate(mean=models.Avg("overall"))["mean"])

    assert mean(mode="self", revealed=True) > mean(mode="cam", revealed=True) + 3
    assert mean(mode="cam", partner__tier__key="platinum") > mean(mode="cam", partner__tier__key="silver") + 5
    changes = []
    for partner in Partner.everything.all():
        rows = partner.assessments.filter(mode="cam", status="submitted", questionnaire__kind="capability")
        scores = list(rows.order_by("finished_at").values_list("overall", flat=True))
        if len(scores) > 3:
            changes.append(scores[-1] - scores[0])
    assert sum(change > 5 for change in changes) > sum(change < -5 for change in changes) > 0


def test_what_partners_sold_holds_together(demo):
    results, deals = SalesResult.everything.all(), Deal.everything.all()
    assert results.filter(amount__lt=0).exists()
    assert len({row.currency for row in results}) > 1
    assert not results.filter(on__gte=TODAY).exists()
    for deal in deals.select_related("stage"):
        assert (deal.closed_on is None) == (deal.stage.outcome == "open")
        assert sum(share.percent for share in deal.shares.all()) == 100
        way = list(deal.stage_changes.all())
        assert (way[0].on, way[0].from_stage_id) == (deal.created_on, None)
        assert (way[-1].on, way[-1].to_stage_id) == (deal.stage_since, deal.stage_id)
        assert [each.from_stage_id for each in way[1:]] == [each.to_stage_id for each in way[:-1]]
    assert {deal.stage.outcome for deal in deals} == {"open", "won", "lost"}
    for model in (SalesResult, Deal, TargetMonth, MetricValue, Certification):
        for row in model.everything.all()[:200]:
            row.clean_fields()


def test_what_the_nights_made_of_it(demo):
    items = DueItem.everything.all()
    assert {item.state for item in items} == {"open", "done"}
    reviewed = set(PerformanceReview.everything.values_list("partner", "on"))
    for item in items.filter(task="performance_review"):
        held = any(pk == item.partner_id and item.starts_on <= on <= item.ends_on for pk, on in reviewed)
        assert item.state == "done" or not held
        assert item.state == "open" or any(pk == item.partner_id and on >= item.starts_on for pk, on in reviewed)
    rows = TierEvaluation.everything.filter(last_on__gte=TODAY - dt.timedelta(days=1))
    assert rows.values("partner").distinct().count() == Partner.everything.count()
    assert rows.exclude(qualified=F("assigned")).exists()
