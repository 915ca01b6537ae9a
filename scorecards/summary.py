"""Where a partner stands by one assessment: the figures and charts of the summary page and its PDF."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Action
from prm.charts import Bar, Bars, Dial, Missing
from prm.common.rag import Rag
from scorecards import actions, queries
from scorecards.board import overall_of
from scorecards.models import Assessment
from scorecards.proposal import ProposedTopic
from scorecards.standing import Peers


@dataclass(frozen=True)
class TopicLine:
    """A row of the topic table. `trend` is the change of the displayed score since the assessment before."""

    key: str
    name: str
    category: str
    category_key: str
    internal: bool
    display: int | None
    rag: str | None
    target: Decimal | None
    gap: Decimal | None
    impact: Decimal | None
    trend: int | None
    score: Decimal | None
    first_of_category: bool
    in_category: int


class Summary:
    """One assessment as the user's side may see it. `also`: who else is to read it, so that it isn't held against one that only
    the user may see yet."""

    def __init__(self, user: User, assessment: Assessment, also: User | None = None) -> None:
        self.user, self.also = user, also
        self.assessment = assessment
        self.shared = user.is_partner_side

    @cached_property
    def payload(self) -> dict[str, Any]:
        return queries.result_payload(self.assessment, shared=self.shared)

    @cached_property
    def previous(self) -> Assessment | None:
        return queries.previous(self.user, self.assessment, self.also)

    @cached_property
    def _before(self) -> dict[str, Any] | None:
        return queries.result_payload(self.previous, shared=self.shared) if self.previous else None

    @property
    def period(self) -> str:
        return queries.period_label(self.assessment.period)

    @property
    def lead(self) -> str:
        """Whose view it is, of when, and where it stands."""
        mode = self.assessment.mode
        if self.assessment.partner_id is None:
            return self._lead_of_ours()
        views = {"self": _("Your own view") if self.shared else _("Partner's own view"), "cam": _("Vendor's view")}
        return self._stands(views.get(mode, _("Filled in together")))

    def _lead_of_ours(self) -> str:
        if self.assessment.about is None:
            return self._stands(_("Our own channel"))
        return self._stands(_("By the CAM") if self.assessment.mode == Assessment.Mode.SELF else _("By the manager"))

    def _stands(self, view: str) -> str:
        if self.assessment.is_draft or self.assessment.finished_by is None:
            parts = [view, self.period or _("draft")]
        else:
            parts = [view, self.period, _("submitted by %(name)s") % {"name": self.assessment.finished_by.display_name}]
        return ", ".join(parts)

    @property
    def since(self) -> str:
        """Against what the trend is: the quarter before, or the day where both are of one quarter."""
        if self.previous is None or self.previous.finished_on is None:
            return ""
        when = queries.period_label(self.previous.period)
        if self.previous.period == self.assessment.period:
            when = date_format(self.previous.finished_on, "SHORT_DATE_FORMAT")
        return _("since %(period)s") % {"period": when}

    @property
    def overall(self) -> tuple[int | None, str | None]:
        return overall_of(self.payload, shared=self.shared)

    @property
    def change(self) -> int | None:
        now = self.overall[0]
        before = overall_of(self._before, shared=self.shared)[0] if self._before else None
        return None if now is None or before is None else now - before

    @property
    def dial(self) -> Dial:
        value, rag = self.overall
        return Dial(
            id="overall",
            title=_("Fit") if self.assessment.kind == "recruit" else _("Overall"),
            value=Missing(_("nothing answered yet")) if value is None else value,
            rag=Rag(rag) if rag else None,
            delta=self.change,
            since=self.since,
        )

    @property
    def bars(self) -> Bars:
        return Bars(
            id="categories",
            title=_("Categories against best practice"),
            maximum=100,
            bars=tuple(self._bar(category) for category in self.payload["categories"]),
        )

    def _bar(self, category: dict[str, Any]) -> Bar:
        value = category["display"]
        return Bar(
            label=category["name"],
            value=Missing(_("not assessed")) if value is None else value,
            rag=Rag(category["rag"]) if category["rag"] else None,
            best=best_practice(category),
            peers=peers.median if (peers := self.peers.of_category(category["key"])) else None,
            detail=_("Internal: the partner does not see it") if self._says_internal(category) else "",
        )

    def _says_internal(self, category: dict[str, Any]) -> bool:
        """Whether it is worth saying: of a screening the partner sees nothing anyway."""
        return bool(category["internal"]) and self.assessment.kind != "recruit"

    @cached_property
    def peers(self) -> Peers:
        return Peers(self.user, self.assessment)

    @property
    def columns(self) -> int:
        """How many the topic table has."""
        return 5 + (2 if self.peers.overall else 0) + (1 if self.previous else 0)

    @cached_property
    def topics(self) -> list[TopicLine]:
        return list(self._lines())

    def _lines(self) -> Iterator[TopicLine]:
        before = {
            topic["key"]: topic["display"]
            for category in (self._before or {"categories": []})["categories"]
            for topic in category["topics"]
        }
        for category in self.payload["categories"]:
            topics = [topic for topic in category["topics"] if topic["display"] is not None or topic["completeness"]]
            for number, topic in enumerate(topics):
                old, now = before.get(topic["key"]), topic["display"]
                yield TopicLine(
                    key=topic["key"],
                    name=topic["name"],
                    category=category["name"],
                    category_key=category["key"],
                    internal=self._says_internal(category),
                    display=now,
                    rag=topic["rag"],
                    target=_decimal(topic["target"]),
                    gap=_decimal(topic["gap"]),
                    impact=_decimal(topic["impact"]),
                    trend=None if now is None or old is None else now - old,
                    score=_decimal(topic["score"]),
                    first_of_category=number == 0,
                    in_category=len(topics),
                )

    @cached_property
    def plan(self) -> list[ProposedTopic]:
        """What the result proposes; a partner is not proposed what the vendor should do better."""
        if self.shared and not self.assessment.takes_actions:
            return []
        return actions.proposed_plan(self.assessment, shared=self.shared)

    @cached_property
    def live_actions(self) -> dict[str, int]:
        """How many items of the partner's action plan are open, by topic; as far as the user may see them."""
        rows = Action.objects.visible_to(self.user).filter(
            partner=self.assessment.partner, origin="topic", status__in=Action.LIVE
        )
        return dict(Counter(rows.values_list("origin_key", flat=True)))

    @cached_property
    def owners(self) -> list[User]:
        known = actions.possible_owners(self.assessment.of_partner)
        return known if self.user in known or self.shared else [self.user, *known]

    @property
    def is_own(self) -> bool:
        """Whether the user's side fills it in."""
        return self.assessment.is_filled_in_by(self.user)

    @property
    def may_discard(self) -> bool:
        return self.assessment.is_draft and self.is_own and queries.may_discard(self.assessment, self.user)

    @cached_property
    def missing(self) -> list[dict[str, str]]:
        """The questions in the way of submitting a draft: text, and the topic they are in."""
        if not (self.assessment.is_draft and self.is_own):
            return []
        given = queries.as_rules(self.assessment.answers.all())
        keys = set(queries.missing(self.assessment, given, self.user))
        return [
            {"text": question.text, "topic": topic.key}
            for category in queries.content_for(self.user, self.assessment).categories
            for topic in category.topics
            for question in topic.questions
            if question.key in keys
        ]

    @cached_property
    def unchanged_percent(self) -> int | None:
        """How much of what was answered was carried over and confirmed as it was; for the vendor."""
        rows = [row for row in self.assessment.answers.all() if row.confirmed]
        if self.shared or not any(row.prefilled for row in rows):
            return None
        return round(100 * sum(1 for row in rows if row.prefilled) / len(rows))

    @property
    def minutes(self) -> str:
        minutes, seconds = divmod(self.assessment.active_seconds, 60)
        return f"{minutes}:{seconds:02d}"


def best_practice(category: dict[str, Any]) -> Decimal | None:
    """A category's best practice: the mean of its topics' targets by their weights; None where none has a target."""
    marked = [
        (Decimal(topic["weight"]), Decimal(topic["target"]))
        for topic in category["topics"]
        if topic["target"] is not None
    ]
    total = sum((weight for weight, _target in marked), Decimal(0))
    return sum((weight * target for weight, target in marked), Decimal(0)) / total if total else None


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
