"""What partners say of the vendor: for channel management each answer and averages, for a CAM an average of its own.

Everything for management starts at `spoken(user)`. The one way around the rule of who sees which answer is `heard_by`, which
gives a CAM nothing but kinds.Heard.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Avg, Count, QuerySet
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from partners.filters import PartnerFilter
from partners.models import Partner
from prm.common.fiscal import same_day_year_before
from prm.common.lists import Column, Listing, exportable
from prm.common.templatetags.signs import score as score_sign
from prm.common.vendor import fiscal_calendar, today
from prm.documents.table import Kind
from scorecards import kinds, queries, scoring
from scorecards.models import Assessment, AssessmentScore, Questionnaire

KIND = "satisfaction"
GROUPS = {"cam": "about", "region": "partner__region"}  # what a row of averages stands for, and where that stands


def questionnaire() -> Questionnaire | None:
    """The satisfaction questionnaire that is offered first."""
    return Questionnaire.objects.filter(kind=KIND, versions__status="published").order_by("id").first()


def spoken(user: User) -> QuerySet[Assessment]:
    """The submitted answers of partners that the user may read; none for a CAM."""
    if not user.can(Permission.SEE_SATISFACTION):
        return queries.assessments(user).none()
    return queries.assessments(user).filter(questionnaire__kind=KIND, status__in=Assessment.COUNTED)


class SatisfactionFilter(PartnerFilter):
    """Whose answers, and what a row of the averages stands for."""

    by = forms.ChoiceField(
        label=gettext_lazy("Averages by"),
        required=False,
        choices=[("cam", gettext_lazy("CAM")), ("region", gettext_lazy("Region"))],
    )

    @property
    def group(self) -> str:
        asked = self.data.get("by", "")
        return asked if asked in GROUPS else "cam"


@dataclass(frozen=True)
class Average:
    """A row: the id and name of the CAM or region ("" for none), how many partners count, means by key ("" the overall)."""

    id: int | None
    name: str
    partners: int
    means: dict[str, Decimal]

    def display(self, key: str = "") -> int | None:
        mean = self.means.get(key)
        return None if mean is None else scoring.display(mean)

    @property
    def overall(self) -> int | None:
        return self.display()


def averages(user: User, partners: QuerySet[Partner], by: str) -> list[Average]:
    """Means of the latest answer of each of these partners in the last twelve months, by CAM (as at the answer) or region:
    overall, and by category key."""
    first = questionnaire()
    day = today()
    latest = (
        spoken(user)
        .filter(questionnaire=first, partner__in=partners.order_by().values("pk"), overall__isnull=False)
        .filter(finished_on__range=(same_day_year_before(day), day))
        .order_by("partner_id", "-finished_at", "-id")
        .distinct("partner_id")
    )
    group = GROUPS[by]
    rows: QuerySet[Any] = Assessment.objects.unscoped("of these").filter(pk__in=latest.values("pk"))
    overall = rows.order_by().values_list(group, f"{group}__name").annotate(Count("pk"), Avg("overall"))
    scores = AssessmentScore.objects.unscoped("of these").filter(assessment__in=latest.values("pk"), level="category")
    means: dict[int | None, dict[str, Decimal]] = {}
    for pk, key, mean in scores.order_by().values_list(f"assessment__{group}", "key").annotate(Avg("score")):
        means.setdefault(pk, {})[key] = mean
    found = [Average(pk, name or "", n, {"": mean} | means.get(pk, {})) for pk, name, n, mean in overall]
    return sorted(found, key=lambda row: (row.id is None, row.name, row.id or 0))


def heard_by(cam: User, on: dt.date | None = None) -> kinds.Heard:
    """What a CAM may know of what its partners say: see kinds.heard."""
    day = on or today()
    rows = Assessment.objects.unscoped("a figure over five or more partners").filter(
        questionnaire=questionnaire(), about=cam, status__in=Assessment.COUNTED
    )
    topics: dict[int, dict[str, Decimal]] = {}
    for score in AssessmentScore.objects.unscoped("likewise").filter(assessment__in=rows, level="topic"):
        topics.setdefault(score.assessment_id, {})[score.key] = score.score
    voices = [
        kinds.Voice(partner, at, finished, overall, topics.get(pk, {}))
        for pk, partner, at, finished, overall in rows.values_list(
            "pk", "partner_id", "finished_at", "finished_on", "overall"
        )
    ]
    return kinds.heard(voices, fiscal_calendar().quarter_of(day).start, day)


@exportable("scorecards.satisfaction")
def satisfaction_listing(user: User, query: QueryDict) -> Listing:
    """Each submitted answer that the user may read, the latest first."""
    chosen = SatisfactionFilter(query, user=user)
    partners = chosen.apply(Partner.objects.visible_to(user))
    rows = spoken(user).filter(partner__in=partners.order_by().values("pk")).select_related("partner__region", "about")
    limits = queries.thresholds()

    def sign(row: Any) -> SafeString:
        shown = None if row.overall is None else scoring.display(row.overall)
        return score_sign(shown, limits.rag(shown) or "")

    columns = [
        Column("partner", gettext_lazy("Partner"), lambda a: a.partner.name, cell=_partner, sort=(Lower("partner__name"),), heads_row=True),
        Column("score", gettext_lazy("Satisfaction"), lambda a: a.overall and round(a.overall, 9), Kind.DECIMAL, cell=sign, sort=("overall",), nullable=True),
        Column("cam", gettext_lazy("CAM then"), lambda a: a.about and a.about.display_name, sort=("about__name",), nullable=True),
        Column("region", gettext_lazy("Region"), lambda a: a.partner.region and a.partner.region.name, sort=("partner__region__order",), nullable=True),
        Column("by", gettext_lazy("By"), lambda a: a.finished_by and a.finished_by.display_name),
        Column("on", gettext_lazy("Submitted"), lambda a: a.finished_on, Kind.DATE, sort=("finished_on",), nullable=True),
    ]  # fmt: skip
    return Listing(rows, columns, query, name=gettext_lazy("Satisfaction"), default="-on", filter=chosen)


def _partner(row: Any) -> SafeString:
    return format_html(
        '<a class="row-link" href="{}">{}</a>', reverse("scorecards:summary", args=[row.pk]), row.partner.name
    )


def columns_of(first: Questionnaire | None) -> Sequence[tuple[str, str]]:
    """(key, name) of the categories that averages are of."""
    if first is None:
        return []
    return [(key, name) for (level, key), name in queries.names(first).items() if level == "category"]
