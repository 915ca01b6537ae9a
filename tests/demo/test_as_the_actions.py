"""What the demo writes in bulk is, row for row, what the actions write."""

from django.db import models

from accounts.models import User
from partners import actions as partner_actions
from partners.models import Action, Contact, Partner, Touch
from prm.common.models import AuditEntry
from prm.common.scoping import PartnerOwned
from scorecards import actions
from scorecards.models import Assessment

WHEN = {"id", "created_at", "updated_at", "closed_at", "revision"}  # revision: how often it was written to


def same(made: models.Model, bulk: models.Model, *but: str) -> None:
    for field in bulk._meta.concrete_fields:
        if field.name not in WHEN | set(but):
            assert getattr(made, field.attname) == getattr(bulk, field.attname), field.name


def fields(bulk: models.Model, *names: str) -> dict[str, object]:
    return {name: getattr(bulk, name) for name in names}


def log_of(target: models.Model) -> list[tuple[object, ...]]:
    entries = AuditEntry.objects.filter(target_type=target._meta.label, target_id=str(target.pk))
    return [
        (entry.verb, entry.actor_id, entry.actor_name, entry.changes, entry.target_name, entry.note)
        for entry in entries.order_by("at", "id")
    ]


def fresh(bulk: Partner, by: User) -> Partner:
    """A partner made by the actions with what the given one has."""
    names = [field.name for field in bulk._meta.fields if field.name not in WHEN | {"name_key", "external_id"}]
    return partner_actions.create_partner(by=by, **fields(bulk, *names))


def test_partners_and_their_first_placement(demo):
    operations = User.objects.get(email="operations@acme.example")
    for bulk in Partner.everything.exclude(pk__in=_moved())[:5]:
        made = fresh(bulk, operations)
        same(made, bulk, "external_id")
        same(made.placements.get(), bulk.placements.get(), "partner", "starts_on")
        assert log_of(made) == log_of(bulk)


def _moved() -> list[int]:
    counted = Partner.everything.annotate(n=models.Count("placements")).filter(n__gt=1)
    return list(counted.values_list("pk", flat=True))


def test_contacts_touches_and_actions(demo):
    by = User.objects.get(email="operations@acme.example")
    partner = fresh(Partner.everything.filter(members__isnull=False).first(), by)
    for bulk in Contact.everything.all()[:10]:
        names = ("name", "email", "phone", "title", "function", "is_primary")
        made = partner_actions.add_contact(by=by, partner=partner, **fields(bulk, *names))
        same(made, bulk, "partner")
        assert log_of(made) == log_of(bulk)
    for bulk in Touch.everything.all()[:10]:
        names = ("on", "kind", "purpose", "people", "minutes", "note", "shared")
        made = partner_actions.add_touch(by=bulk.created_by, partner=partner, **fields(bulk, *names))
        same(made, bulk, "partner")
        assert log_of(made) == log_of(bulk)
    for status in Action.Status:
        bulk = Action.everything.filter(status=status).first()
        names = (
            "origin", "origin_key", "origin_id", "title", "detail", "owner", "due_on", "expected_lift", "score_before", "shared"
        )  # fmt: skip
        made = partner_actions.add_action(by=bulk.created_by, partner=bulk.partner, **fields(bulk, *names))
        if status != Action.Status.OPEN:
            made = partner_actions.update_action(by=by, action=made, changes={"status": status})
        same(made, bulk)
        assert (made.closed_at is None) == (bulk.closed_at is None)
        assert [line[0] for line in log_of(made)] == [line[0] for line in log_of(bulk)]
        assert [line[3] for line in log_of(made)] == [line[3] for line in log_of(bulk)]


def test_assessments(demo):
    """Answering the same questions the same way and submitting leaves the same rows behind."""
    operations = User.objects.get(email="operations@acme.example")
    of_today = models.F("partner__stage__key")  # a new partner is asked by its stage of today
    first = Assessment.everything.filter(status="submitted", mode="cam", stage_key=of_today, answers__prefilled=False)
    untouched = first.exclude(answers__prefilled=True).distinct()
    kinds = {row.questionnaire.kind: row for row in untouched}
    assert "capability" in kinds
    for bulk in kinds.values():
        made = answer_again(fresh(bulk.partner, operations), bulk)
        same(made, bulk, "partner", "started_at", "last_active_at", "active_seconds", "finished_at", "finished_on",
             "period", "revealed", "contends")  # fmt: skip
        compare(made, bulk, "answers", "question_key")
        compare(made, bulk, "scores", "key")
        compare(made, bulk, "answer_changes", "question_key")
        assert [line[:4] for line in log_of(made)] == [line[:4] for line in log_of(bulk)]


def answer_again(partner: Partner, bulk: Assessment) -> Assessment:
    by = bulk.started_by
    made = actions.start_assessment(partner=partner, version=bulk.version, mode=bulk.mode, by=by)
    for answer in bulk.answers.all():
        given = actions.Given(
            options=tuple(answer.options), na=answer.na, comment=answer.comment, evidence_url=answer.evidence_url
        )
        actions.save_answer(assessment=made, question_key=answer.question_key, given=given, by=by)
    return actions.submit(assessment=made, by=by)


def compare(made: Assessment, bulk: Assessment, related: str, key: str) -> None:
    ours, theirs = ({getattr(row, key): row for row in getattr(each, related).all()} for each in (made, bulk))
    assert ours.keys() == theirs.keys()
    for name, row in ours.items():
        assert isinstance(row, PartnerOwned)
        same(row, theirs[name], "assessment", "at", "contends")  # the older ones of a partner contend no more
