"""Assessments with their answers, and the scores they froze."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from partners.models import Partner
from prm.common.scoping import PartnerOwned
from scorecards.models.questionnaire import Questionnaire, QuestionnaireVersion
from scorecards.models.reach import open_to, reach


class Assessment(PartnerOwned):
    """One filled-in questionnaire of a partner: by itself, by the CAM, or by both together.

    Blind until both are in: one side's assessment is out of the other's reach until `revealed`, which is set on both
    once self and cam of a period are submitted. Joint ones are open to both from the start. Who reaches the kinds that are
    not scored by both: models/reach.py.
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

    # None for the kinds that are about no partner: program (about the vendor's channel) and cam (about a person, `about`).
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="assessments")
    # Whom it is about besides: the CAM of a cam assessment; of a satisfaction one the partner's CAM when it was started.
    about = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="assessments")
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="assessments")
    mode = models.CharField(_("by"), max_length=5, choices=Mode)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    revealed = models.BooleanField(default=False)

    stage_key = models.CharField(max_length=40)  # as it was at the start, with the type: they decide what is asked
    type_key = models.CharField(max_length=40)
    applicable = models.JSONField(default=list)  # keys of the questions asked, internal ones included
    focus = models.JSONField(
        default=list
    )  # keys of the topics a quarterly update asks; the rest is carried over. []: all

    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField()
    last_active_at = models.DateTimeField(null=True, blank=True)
    active_seconds = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)  # counts the changes, so that a page can ask what is new since
    done = models.PositiveSmallIntegerField(default=0)  # questions answered, of those its side has to answer
    of = models.PositiveSmallIntegerField(default=0)

    # Who was asked to fill it in, and how that went.
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    expired_at = models.DateTimeField(null=True, blank=True)  # nobody finished it in time; going on with it clears this

    finished_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_on = models.DateField(null=True, blank=True)  # in the vendor's time zone
    period = models.CharField(max_length=6, blank=True)  # fiscal quarter of finished_on, "2026Q3"

    # A joint one is agreed once both sides have pressed Agree.
    agreed_by_vendor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    agreed_by_vendor_at = models.DateTimeField(null=True, blank=True)
    agreed_by_partner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    agreed_by_partner_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="supersedes")

    overall = models.DecimalField(max_digits=15, decimal_places=12, null=True, blank=True)
    overall_shared = models.DecimalField(max_digits=15, decimal_places=12, null=True, blank=True)
    contends = models.BooleanField(default=False)  # may count in roll-ups of today or later, see contenders.py
    result = models.JSONField(null=True, blank=True)  # frozen when submitted; for the vendor's side only
    result_shared = models.JSONField(null=True, blank=True)  # the same without internal categories

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "about", "questionnaire", "mode"],
                condition=models.Q(status="draft", partner=None),
                nulls_distinct=False,
                name="one_open_assessment_of_no_partner",
            ),
            models.UniqueConstraint(
                fields=["partner", "questionnaire", "mode"],
                condition=models.Q(status="draft"),
                name="one_open_assessment",
            ),
            models.CheckConstraint(
                condition=models.Q(status="superseded") | models.Q(superseded_by=None),
                name="superseded_by_needs_status",
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
            models.Index(
                fields=["questionnaire", "finished_on"],
                include=["partner", "mode", "status", "revealed", "started_at", "finished_at", "active_seconds"],
                condition=~models.Q(status="draft"),
                name="assessment_finished",
            ),
        ]

    def __str__(self) -> str:
        whose = self.partner or self.about or self.questionnaire
        return f"{whose}: {self.get_mode_display()} {self.period or self.get_status_display()}"

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        return reach(user, "", super().visible_q(user))

    @classmethod
    def of_partners_q(cls, user: User) -> models.Q:
        """The same without the kinds that only some see or that are about no partner: for roll-ups over many partners."""
        return super().visible_q(user) & open_to(user, "")

    @property
    def of_partner(self) -> Partner:
        """The partner, of a kind that has one."""
        assert self.partner is not None
        return self.partner

    @property
    def kind(self) -> str:
        """The questionnaire's kind."""
        return self.questionnaire.kind

    @property
    def takes_actions(self) -> bool:
        """Whether its proposed plan goes into a partner's list of actions: not what is the vendor's own to do."""
        return self.kind in ("capability", "recruit")

    def is_filled_in_by(self, user: User) -> bool:
        """Whether the user's side answers it (as `filled_in_by` says in a query)."""
        if self.partner_id is None and not user.is_partner_side:
            return self.mode == (self.Mode.SELF if self.about_id == user.pk else self.Mode.CAM)
        return self.mode in (self.Mode.SELF if user.is_partner_side else self.Mode.CAM, self.Mode.JOINT)

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT


class OfAssessment(PartnerOwned):
    """What belongs to an assessment, and stays with the vendor where its category is internal."""

    partner_path = "assessment__partner"

    internal = models.BooleanField(default=False)

    class Meta:
        abstract = True

    @classmethod
    def visible_q(cls, user: User) -> models.Q:
        rows = reach(user, "assessment__", super().visible_q(user))
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
    revision = models.PositiveIntegerField(default=0)  # of the assessment, when this was last touched

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
    # What the overall over all categories gains if the topic reaches its target; None for a category or without target.
    impact = models.DecimalField(max_digits=15, decimal_places=12, null=True)
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
            # What there is to gain: of today's roll-up, and of any earlier one.
            models.Index(
                fields=["key", "assessment"],
                include=["score", "target", "impact"],
                condition=models.Q(level="topic", contends=True, impact__gt=0),
                name="contending_gains",
            ),
            models.Index(
                fields=["assessment"],
                include=["key", "score", "target", "impact"],
                condition=models.Q(level="topic", impact__gt=0),
                name="score_gains",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.score}"
