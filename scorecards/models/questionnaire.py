"""Questionnaires and their versions."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

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
    """Many at once: only what publishing and retiring change, and never back into a draft."""

    def update(self, **changes: Any) -> int:
        if not set(changes) <= QuestionnaireVersion.MAY_CHANGE:
            raise PublishedVersionIsFixed("Save versions one by one, so that each is asked whether it may change")
        if changes.get("status", "published") not in ("published", "retired"):
            raise PublishedVersionIsFixed("A version can't become a draft again")
        return super().update(**changes)

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.exclude(status=QuestionnaireVersion.Status.DRAFT).exists():
            raise PublishedVersionIsFixed("Published versions are kept")
        return super().delete()

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("update_conflicts"):
            raise PublishedVersionIsFixed("Save versions one by one, so that each is asked whether it may change")
        return super().bulk_create(objs, *args, **kwargs)


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

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if QuestionnaireVersion.objects.filter(pk=self.pk).exclude(status=self.Status.DRAFT).exists():
            raise PublishedVersionIsFixed(f"{self} is published")
        return super().delete(*args, **kwargs)

    @cached_property
    def content(self) -> Content:
        """The questionnaire itself, internal categories included."""
        return from_json(self.definition)
