"""The same profile and day give the same vendor, whenever and however often it is made."""

from dataclasses import replace

from django.db import models, transaction

from accounts.models import User
from dealdesk.models import Registration
from demo.build import fill
from marketing.models import Activity, ActivityResult, MarketingPlan
from partners.models import (
    Action,
    Certificate,
    Certification,
    Contact,
    Membership,
    Partner,
    Placement,
    Region,
    Task,
    TaskDone,
    Touch,
)
from pipeline.models import (
    Customer,
    Deal,
    Metric,
    MetricValue,
    ProductLine,
    SalesResult,
    StageChange,
    TargetMonth,
    TargetVersion,
)
from prm.common.models import CurrencyRate, Holiday
from scorecards.models import Answer, AnswerChange, Assessment, AssessmentScore
from tests.demo.conftest import TODAY

NAMED = {
    Partner: "name", User: "email", Region: "key", Assessment: "started_at", Contact: "email", Customer: "name",
    Deal: "external_id", TargetVersion: "note", ProductLine: "key", Metric: "key", Certificate: "key", Task: "key",
    MarketingPlan: "created_at", Activity: "code",
}  # fmt: skip  # what a row is known by
MODELS = (
    Partner, Placement, Contact, Membership, Touch, Action, Assessment, Answer, AnswerChange, AssessmentScore,
    User, Region, CurrencyRate, Holiday, Customer, SalesResult, Deal, StageChange, TargetMonth, MetricValue,
    Certification, TaskDone, Registration, MarketingPlan, Activity, ActivityResult,
)  # fmt: skip
BUT = ("password", "updated_at", "origin_id")


def everything(model: type[models.Model]) -> models.QuerySet:
    return getattr(model, "everything", model._default_manager).all()


def snapshot() -> dict[str, list[str]]:
    """All rows without their numbers; drafts are left out, which people begin at the hour the demo is made."""
    names = {model: dict(everything(model).values_list("pk", name)) for model, name in NAMED.items()}

    def value(row: models.Model, field: models.Field) -> object:
        raw = getattr(row, field.attname)
        return names[field.related_model].get(raw) if field.related_model in names else raw

    found = {}
    for model in MODELS:
        rows = everything(model)
        if model is Assessment:
            rows = rows.exclude(status="draft")
        elif hasattr(model, "assessment"):
            rows = rows.exclude(assessment__status="draft")
        fields = [field for field in model._meta.concrete_fields if not field.primary_key and field.name not in BUT]
        found[model.__name__] = sorted(repr([(f.name, value(row, f)) for f in fields]) for row in rows)
    return found


def test_the_same_day_gives_the_same_demo(vendor, profile):
    snapshots = []
    for _time in range(2):
        with transaction.atomic():
            fill(replace(profile, partners=20), today=TODAY)
            snapshots.append(snapshot())
            transaction.set_rollback(True)
    first, second = snapshots
    for name, rows in first.items():
        assert rows
        assert rows == second[name], name
