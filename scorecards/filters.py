"""Which partners, for scorecards: the one partner filter with the score's colour and state, and roll-ups' rows."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.filters import Narrowing, PartnerFilter, narrowing
from partners.models import Partner
from prm.common.filters import MenuField
from prm.common.fiscal import FiscalQuarter, same_day_year_before
from prm.common.vendor import fiscal_calendar, today
from scorecards import queries, rollup
from scorecards.models import Assessment, Questionnaire


class ScorecardFilter(PartnerFilter):
    """Partners by how they stand with one questionnaire."""

    card = MenuField(
        label=gettext_lazy("Scorecard"),
        choices=[
            ("green", gettext_lazy("On track")),
            ("amber", gettext_lazy("Watch")),
            ("red", gettext_lazy("At risk")),
            ("none", gettext_lazy("Not assessed")),
            ("old", gettext_lazy("Older than 12 months")),
            ("draft", gettext_lazy("Draft open")),
            ("other", gettext_lazy("Partner asked or done")),
        ],
    )

    def __init__(self, data: Any, *, questionnaire: Questionnaire | None, **kwargs: Any) -> None:
        self.questionnaire = questionnaire
        super().__init__(data, **kwargs)

    def narrow(self, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        queryset = super().narrow(queryset)
        if (wanted := self.cleaned_data.get("card")) and self.questionnaire:
            queryset = queries.with_latest(self.user, queryset, self.questionnaire).filter(self._standing(wanted))
        return queryset

    def _standing(self, wanted: list[str]) -> Q:
        """Partners that stand in any of these ways."""
        limits = queries.thresholds()
        # A displayed score is rounded half up, so it is at least n from n − 0.5 on.
        green, amber = Q(latest_score__gte=limits.green - 0.5), Q(latest_score__gte=limits.amber - 0.5)
        of_partner = Assessment.objects.unscoped("states of partners the caller has scoped").filter(
            partner=OuterRef("pk"), questionnaire=self.questionnaire
        )
        ways = {
            "green": green,
            "amber": amber & ~green,
            "red": Q(latest_score__isnull=False) & ~amber,
            "none": Q(latest_score=None),
            "old": Q(latest_on__lt=same_day_year_before(today())),
            "draft": Q(Exists(of_partner.filter(status="draft", mode=queries.own_mode(self.user)))),
            "other": Q(Exists(of_partner.filter(mode="self", status__in=["draft", "submitted"], revealed=False))),
        }
        return Q(*(ways[way] for way in wanted), _connector=Q.OR)


class RollupFilter(PartnerFilter):
    """Partners and quarter of a heat map, what its rows stand for, and the category its columns are the topics of."""

    by = forms.ChoiceField(
        label=gettext_lazy("Rows"),
        required=False,
        choices=[
            ("region", gettext_lazy("Region")),
            ("cam", gettext_lazy("CAM")),
            ("tier", gettext_lazy("Tier")),
            ("type", gettext_lazy("Type")),
            ("stage", gettext_lazy("Life stage")),
        ],
    )
    category = forms.CharField(label=gettext_lazy("Category"), required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, with_period=True, **kwargs)
        self.order_fields(["period", "by"])

    @property
    def dimension(self) -> str:
        """What the rows stand for."""
        asked = self.data.get("by", "")
        return asked if asked in rollup.DIMENSIONS else "region"


@dataclass(frozen=True)
class Scored:
    """The partners behind a cell of a heat map."""

    questionnaire: Questionnaire
    quarter: FiscalQuarter
    level: str  # overall, category or topic
    key: str

    def window(self) -> rollup.Window:
        return rollup.window(self.quarter, today())


def scored_text(questionnaire: Questionnaire, quarter: FiscalQuarter, level: str, key: str) -> str:
    """The value of the parameter `scored` for a cell."""
    return f"{questionnaire.key}~{quarter.key}~{level}~{key}"


def _clean(text: str) -> Scored:
    wrong = forms.ValidationError(_("That is not a figure of a roll-up."))
    parts = text.split("~")
    if len(parts) != 4 or parts[2] not in ("overall", "category", "topic"):
        raise wrong
    questionnaire = Questionnaire.objects.filter(key=parts[0]).first()
    try:
        quarter = fiscal_calendar().parse(parts[1])
    except ValueError:
        raise wrong from None
    if questionnaire is None or not isinstance(quarter, FiscalQuarter):
        raise wrong
    return Scored(questionnaire, quarter, parts[2], parts[3])


def _apply(rows: QuerySet[Partner], scored: Scored, chosen: PartnerFilter) -> QuerySet[Partner]:
    return rows.filter(
        pk__in=rollup.counted_partners(chosen.user, scored.questionnaire, scored.window(), scored.level, scored.key)
    )


def _describe(text: str, chosen: PartnerFilter) -> str:
    try:
        scored = _clean(text)
    except forms.ValidationError:
        return text
    names = queries.names(scored.questionnaire)
    what = _("overall") if scored.level == "overall" else names.get((scored.level, scored.key), scored.key)
    return _("%(what)s, %(quarter)s") % {"what": what, "quarter": scored.quarter.label}


narrowing(Narrowing("scored", gettext_lazy("Assessed in"), _clean, _apply, _describe))
