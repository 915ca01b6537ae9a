"""Where an assessment stands among its peers, as each side may read it: the vendor exactly, the partner only roughly.

This is the one place that takes figures out of the snapshot for people, files and the API.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from prm.common.explain import Explanation, Term
from prm.common.vendor import today
from scorecards.models import Assessment, PeerStanding, Questionnaire
from scorecards.peer_field import CATEGORY, OVERALL
from scorecards.peers import BAND, STEP, Standing, months_before

ROUNDING = {"band": BAND, "step": STEP}  # of what the partner reads
A_NIGHT = dt.timedelta(days=1)  # within which the snapshot comes round

REASONS = {
    "draft": gettext_lazy("Compared with peers once it is submitted."),
    "not_taken_yet": gettext_lazy("From tomorrow on: figures of peers are taken every night."),
    "under_five_peers": gettext_lazy("Fewer than five peers have a scorecard to compare with."),
    "not_compared": gettext_lazy("Compared is each side's latest scorecard of the last twelve months."),
    "not_assessed": gettext_lazy("It has no score to compare."),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """A place among peers in one figure. For the partner's side `percentile` is a band and the quartiles are rounded, and
    `below` and `equal` are None."""

    count: int
    percentile: Decimal | str
    lower: Decimal | int
    median: Decimal | int
    upper: Decimal | int
    below: int | None = None
    equal: int | None = None


class Peers:
    """The peers of one assessment that the user may see."""

    def __init__(self, user: User, assessment: Assessment) -> None:
        self.user = user
        self.assessment = assessment
        self.rounded = user.is_partner_side

    @property
    def apply(self) -> bool:
        """Whether scorecards of this kind are compared at all."""
        return bool(self.assessment.questionnaire.kind == Questionnaire.Kind.CAPABILITY)

    @cached_property
    def _row(self) -> PeerStanding | None:
        if self.assessment.is_draft:
            return None
        found: PeerStanding | None = (
            PeerStanding.objects.visible_to(self.user).filter(assessment=self.assessment).first()
        )
        return found

    @cached_property
    def reason(self) -> str | None:
        """Why there are no figures, a key of REASONS; None where there are."""
        if self.assessment.is_draft:
            return "draft"
        if self._row is not None:
            return None
        if self.assessment.overall_shared is None:
            return "not_assessed"
        if not (self.apply and self._is_current()):
            return "not_compared"
        return "under_five_peers" if self._was_taken_since() else "not_taken_yet"

    @property
    def why(self) -> str:
        return str(REASONS[self.reason]) if self.reason else ""

    def _is_current(self) -> bool:
        mine = self.assessment
        rows = Assessment.objects.unscoped("whether the same side has a later one").filter(
            partner=mine.partner_id, questionnaire=mine.questionnaire_id, mode=mine.mode, status__in=Assessment.COUNTED
        )
        is_latest = not rows.filter(finished_at__gt=mine.finished_at).exists()
        recent = mine.finished_on is not None and mine.finished_on >= months_before(today())
        return mine.status in Assessment.COUNTED and is_latest and recent

    def _was_taken_since(self) -> bool:
        """Whether a snapshot was taken since it was submitted. Of a vendor where nobody has five peers no row tells it."""
        rows = PeerStanding.objects.unscoped("when the last snapshot was")
        finished = self.assessment.finished_at
        assert finished is not None
        if rows.filter(taken_at__gte=finished).exists():
            return True
        return not rows.exists() and timezone.now() - finished > A_NIGHT

    @property
    def all_types(self) -> bool:
        return self._row is not None and self._row.all_types

    @property
    def as_of(self) -> dt.datetime | None:
        return self._row.taken_at if self._row else None

    @cached_property
    def overall(self) -> Figures | None:
        return self.of(OVERALL)

    def of_category(self, category: str) -> Figures | None:
        """The figures of a category; None where it has fewer than five peers."""
        return self.of(CATEGORY + category)

    def of(self, topic: str) -> Figures | None:
        """The figures of a topic; None where it has fewer than five peers."""
        if self._row is None or topic not in self._row.topics:
            return None
        count, *rest = self._row.topics[topic]
        percentile, lower, median, upper = (Decimal(text) for text in rest[:4])
        if not self.rounded:
            return Figures(count, percentile, lower, median, upper, *rest[4:])
        rough = Standing(count, *(Fraction(each) for each in (percentile, lower, median, upper))).rounded()
        first, last = rough.band
        return Figures(count, f"{first}–{last}", rough.lower, rough.median, rough.upper)

    @property
    def group(self) -> str:
        """Who the peers are: "of 37 peers of the same type"."""
        if self.overall is None:
            return ""
        text = _("of %(n)s peers of all types") if self.all_types else _("of %(n)s peers of the same type")
        return text % {"n": self.overall.count}

    @property
    def explanation(self) -> Explanation | None:
        """The overall's percentile with this partner's own numbers, for the vendor's side."""
        place = self.overall
        if place is None or place.below is None or not isinstance(place.percentile, Decimal) or self.as_of is None:
            return None
        terms = (
            Term(_("peers strictly below"), Decimal(place.below)),
            Term(_("peers equal"), Decimal(place.equal or 0)),
            Term(_("all peers"), Decimal(place.count)),
        )
        return Explanation(
            title=_("Percentile among peers"),
            formula="({0} + {1} ÷ 2) ÷ {2} × 100",
            terms=terms,
            as_of=timezone.localtime(self.as_of).date(),
            result=place.percentile,
        )
