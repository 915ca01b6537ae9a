"""Questionnaires and their versions, assessments with their answers, and the scores they froze."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from prm.common.scoping import PartnerOwned
from scorecards.definition import Questionnaire as Content
from scorecards.definition_json import from_json


class Questionnaire(models.Model):
    """What is asked, through all its versions."""

    class Kind(models.TextChoices):
        CAPABILITY = "capability", _("Capability")
        RECRUIT = "recruit", _("Recruit")
        SATISFACTION = "satisfaction", _("Satisfaction")
        PROGRAM = "program", _("Program")
        CAM = "cam", _("CAM")

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.CAPABILITY)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class PublishedVersionIsFixed(RuntimeError):
    """Something was about to change a published questionnaire; the way is a next version."""


class VersionQuerySet(models.QuerySet["QuestionnaireVersion"]):
    def update(self, **changes: Any) -> int:
        if not set(changes) <= QuestionnaireVersion.MAY_CHANGE:
            raise PublishedVersionIsFixed("Save versions one by one, so that each is asked whether it may change")
        return super().update(**changes)


class QuestionnaireVersion(models.Model):
    """One version. A draft may change; once published only its status does: assessments stay with what they answered."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")

    MAY_CHANGE = frozenset({"status", "published_at", "published_by"})

    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    definition = models.JSONField()  # definition_json.to_json(questionnaire)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["questionnaire", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="questionnaire_version_once"),
            models.UniqueConstraint(
                fields=["questionnaire"], condition=models.Q(status="published"), name="one_published_version"
            ),
            models.UniqueConstraint(
                fields=["questionnaire"], condition=models.Q(status="draft"), name="one_draft_version"
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft", published_at__isnull=True)
                | models.Q(status__in=["published", "retired"], published_at__isnull=False),
                name="version_published_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire} {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            kept = QuestionnaireVersion.objects.filter(pk=self.pk).exclude(status=self.Status.DRAFT).first()
            fixed = ("questionnaire_id", "number", "definition")
            if kept and any(getattr(kept, name) != getattr(self, name) for name in fixed):
                raise PublishedVersionIsFixed(f"{kept} is published")
            if kept and self.status == self.Status.DRAFT:
                raise PublishedVersionIsFixed(f"{kept} is published and can't become a draft again")
        super().save(*args, **kwargs)

    @cached_property
    def content(self) -> Content:
        """The questionnaire itself, internal categories included."""
        return from_json(self.definition)


class Assessment(PartnerOwned):
    """One filled-in questionnaire of a partner: by itself, by the CAM, or by both together.

    Blind until both are in: one side's assessment is out of the other's reach until `revealed`, which is set on both
    once self and cam of a period are submitted. Joint ones are open to both from the start.
    """

    class Mode(models.TextChoices):
        SELF = "self", _("Partner")
        CAM = "cam", _("Vendor")
        JOINT = "joint", _("Together")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        AGREED = "agreed", _("Agreed")
        SUPERSEDED = "superseded", _("Superseded")

    COUNTED = (Status.SUBMITTED, Status.AGREED)

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="assessments")
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="assessments")
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="assessments")
    mode = models.CharField(_("by"), max_length=5, choices=Mode)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    revealed = models.BooleanField(default=False)

    stage_key = models.CharField(max_length=40)  # as it was at the start, with the type: they decide what is asked
    type_key = models.CharField(max_length=40)
    applicable = models.JSONField(default=list)  # keys of the questions asked, internal ones included

    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField()
    last_active_at = models.DateTimeField(null=True, blank=True)
    active_seconds = models.PositiveIntegerField(default=0)
    done = models.PositiveSmallIntegerField(default=0)  # questions answered, of those its side has to answer
    of = models.PositiveSmallIntegerField(default=0)

    finished_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_on = models.DateField(null=True, blank=True)  # in the vendor's time zone
    period = models.CharField(max_length=6, blank=True)  # fiscal quarter of finished_on, "2026Q3"

    overall = models.DecimalField(max_digits=15, decimal_places=12, null=True, blank=True)
    overall_shared = models.DecimalField(max_digits=15, decimal_places=12, null=True, blank=True)
    contends = models.BooleanField(default=False)  # may count in roll-ups of today or later, see contenders.py
    result = models.JSONField(null=True, blank=True)  # frozen when submitted; for the vendor's side only
    result_shared = models.JSONField(null=True, blank=True)  # the same without internal categories

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "questionnaire", "mode"],
                condition=models.Q(status="draft"),
                name="one_open_assessment",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status="draft", finished_at__isnull=True, finished_on__isnull=True, period="", result__isnull=True
                )
                | (
                    ~models.Q(status="draft")
                    & ~models.Q(period="")
                    & models.Q(finished_at__isnull=False, finished_on__isnull=False, result__isnull=False)
                    & models.Q(result_shared__isnull=False)
                ),
                name="assessment_finished_has_result",
            ),
            models.CheckConstraint(
                condition=(models.Q(overall__isnull=True) | models.Q(overall__range=(0, 100)))
                & (models.Q(overall_shared__isnull=True) | models.Q(overall_shared__range=(0, 100))),
                name="assessment_scores_0_100",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "questionnaire", "-finished_on"]),
            models.Index(
                fields=["questionnaire", "partner", "-finished_on"],
                include=["id", "mode", "status", "revealed", "overall", "finished_at"],
                condition=models.Q(status__in=["submitted", "agreed"]),
                name="assessment_counted",
            ),
            models.Index(
                fields=["questionnaire", "partner"],
                include=["id", "mode", "status", "revealed", "overall", "finished_at", "finished_on"],
                condition=models.Q(contends=True),
                name="assessment_contends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner}: {self.get_mode_display()} {self.period or self.get_status_display()}"

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return super().visible_q(user) & open_to(user, "")

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT


def open_to(user: User, path: str) -> models.Q:
    """Which assessments (at `path`) are open to the user: their side's own, joint ones, and those both sides are in."""
    if not user.can(Permission.ANSWER_SCORECARDS if user.is_partner_side else Permission.SEE_SCORECARDS):
        return models.Q(pk__in=[])
    own = Assessment.Mode.SELF if user.is_partner_side else Assessment.Mode.CAM
    return models.Q(**{f"{path}mode__in": [own, Assessment.Mode.JOINT]}) | models.Q(**{f"{path}revealed": True})


class OfAssessment(PartnerOwned):
    """What belongs to an assessment, and stays with the vendor where its category is internal."""

    partner_path = "assessment__partner"

    internal = models.BooleanField(default=False)

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        rows = super().visible_q(user) & open_to(user, "assessment__")
        return rows & models.Q(internal=False) if user.is_partner_side else rows


class Answer(OfAssessment):
    """The answer to one question. `at` and `by` say when and by whom it was chosen, also where it is carried over."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="answers")
    question_key = models.CharField(max_length=60)
    options = models.JSONField(default=list)  # keys of the chosen options
    value = models.TextField(blank=True)
    na = models.BooleanField(_("not applicable"), default=False)
    comment = models.TextField(_("comment"), blank=True)
    evidence_url = models.URLField(_("evidence"), max_length=500, blank=True)
    confirmed = models.BooleanField(default=True)
    prefilled = models.BooleanField(default=False)  # carried over and not changed since
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["assessment", "id"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "question_key"], name="one_answer_a_question"),
            models.CheckConstraint(
                condition=models.Q(na=False) | models.Q(na=True, options=[], value=""), name="na_goes_alone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_key}: {'n/a' if self.na else self.value or ', '.join(self.options)}"


class AnswerChange(OfAssessment):
    """What an answer was before, and became: the history of one question."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="answer_changes")
    question_key = models.CharField(max_length=60)
    before = models.JSONField(null=True)
    after = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["assessment", "-at", "-id"]
        indexes = [models.Index(fields=["assessment", "question_key", "-at"])]

    def __str__(self) -> str:
        return f"{self.question_key} at {self.at}"


class AssessmentScore(OfAssessment):
    """A category's or topic's score of a submitted assessment, for roll-ups."""

    class Level(models.TextChoices):
        CATEGORY = "category", _("Category")
        TOPIC = "topic", _("Topic")

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="scores")
    level = models.CharField(max_length=8, choices=Level)
    key = models.CharField(max_length=60)
    category_key = models.CharField(max_length=60)  # a topic's category; a category's own key
    name = models.CharField(max_length=200)
    score = models.DecimalField(max_digits=15, decimal_places=12)  # only what has one is kept
    weight = models.DecimalField(max_digits=13, decimal_places=6)
    target = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    contends = models.BooleanField(default=False)  # as its assessment

    class Meta:
        ordering = ["assessment", "id"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "level", "key"], name="one_score_a_level"),
            models.CheckConstraint(condition=models.Q(score__range=(0, 100)), name="score_0_100"),
        ]
        # Roll-ups read these alone: all categories of many assessments, or all topics of one category.
        indexes = [
            models.Index(
                fields=["assessment"],
                include=["key", "score"],
                condition=models.Q(level="category"),
                name="score_of_categories",
            ),
            models.Index(
                fields=["category_key", "assessment"],
                include=["key", "score"],
                condition=models.Q(level="topic"),
                name="score_of_topics",
            ),
            models.Index(
                fields=["key", "assessment"],
                include=["score"],
                condition=models.Q(level="category", contends=True),
                name="contending_categories",
            ),
            models.Index(
                fields=["category_key", "assessment"],
                include=["key", "score"],
                condition=models.Q(level="topic", contends=True),
                name="contending_topics",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.score}"
