"""Which partners, for scorecards: the one partner filter with the score's colour and state, and roll-ups' rows."""

from collections.abc import Collection, Iterator, Mapping
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
from scorecards import definition, queries, rollup
from scorecards.models import Assessment, Questionnaire

# What the rows of a roll-up can stand for.
ROWS: Mapping[str, Any] = {
    "region": gettext_lazy("Region"),
    "cam": gettext_lazy("CAM"),
    "tier": gettext_lazy("Tier"),
    "type": gettext_lazy("Type"),
    "stage": gettext_lazy("Life stage"),
}


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
    """Partners and quarter of a roll-up, and what its figures are about: of the fields below each page takes its own."""

    OWN = ("by", "across", "of", "since", "category")

    by = forms.ChoiceField(label=gettext_lazy("Rows"), required=False)
    across = forms.ChoiceField(label=gettext_lazy("Columns"), required=False)
    of = forms.ChoiceField(label=gettext_lazy("Score"), required=False)
    since = forms.ChoiceField(
        label=gettext_lazy("Since"),
        required=False,
        choices=[("", gettext_lazy("A quarter before")), ("year", gettext_lazy("A year before"))],
    )
    category = forms.CharField(label=gettext_lazy("Category"), required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        own: Collection[str] = ("by", "category"),
        rows: Mapping[str, Any] = ROWS,
        content: definition.Questionnaire | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, with_period=True, **kwargs)
        self.dimensions, self.content = rows, content
        for name in self.OWN:
            if name not in own:
                del self.fields[name]
        for name, choices in (
            ("by", list(rows.items())),
            ("across", [("", _("Categories")), *ROWS.items()]),
            ("of", list(measure_choices(content))),
        ):
            if name in own:
                field: Any = self.fields[name]
                field.choices = choices
        self.order_fields(["period", *own])

    @property
    def dimension(self) -> str:
        """What the rows stand for."""
        asked = self.data.get("by", "")
        return asked if asked in self.dimensions else next(iter(self.dimensions))

    @property
    def second(self) -> str:
        """What the columns stand for: a dimension of partners, or "" for categories and topics."""
        asked = self.data.get("across", "") if "across" in self.fields else ""
        return asked if asked in ROWS else ""

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if self.second and self.second == self.dimension:
            self.add_error("across", _("Rows and columns can’t stand for the same thing."))
        return values

    def describe(self, name: str, value: str) -> str:
        if name == "of":
            everything = [pair for choice in measure_choices(self.content) for pair in _flat(choice)]
            return next((str(label) for key, label in everything if key == value), value)
        return super().describe(name, value)


def _flat(choice: tuple[str, Any]) -> list[tuple[str, Any]]:
    return choice[1] if isinstance(choice[1], list) else [choice]


def measure_choices(content: definition.Questionnaire | None) -> Iterator[tuple[str, Any]]:
    """The overall, each category, and under each its topics."""
    yield "", _("Overall")
    for category in content.categories if content else ():
        yield f"category:{category.key}", category.name
    for category in content.categories if content else ():
        yield category.name, [(f"topic:{topic.key}", topic.name) for topic in category.topics]


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
