"""When the scorecard was gone through with the partner, and how it stood then."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Partner
from prm.common.templatetags.numbers import format_percent
from scorecards.actions.performance import may_take_back
from scorecards.models import PerformanceReview
from scorecards.performance_page.dials import COMPOSITE, LEVEL, PIPELINE, PLAN

AT_MOST = 4


@dataclass(frozen=True)
class ReviewLine:
    """`line` is how the partner stood; `undo_url` takes the review back, "" where the reader may not."""

    on: dt.date
    by: str
    note: str
    note_shared: bool
    line: str
    undo_url: str


def lines(user: User, partner: Partner, *, shared: bool) -> list[ReviewLine]:
    """The latest ones; for the partner without notes that are the vendor's own."""
    rows = PerformanceReview.objects.visible_to(user).filter(partner=partner).select_related("by")
    return [_line(user, review, shared) for review in rows[:AT_MOST]]


def _line(user: User, review: PerformanceReview, shared: bool) -> ReviewLine:
    undo = not shared and may_take_back(user, review)
    return ReviewLine(
        review.on,
        review.by.display_name if review.by else "",
        review.note if review.shared or not shared else "",
        review.shared,
        stood(review, shared=shared),
        reverse("scorecards:performance_review_undo", args=[review.pk]) if undo else "",
    )


def stood(review: PerformanceReview, *, shared: bool) -> str:
    """ "plan 92%, pipeline 60%, level 67%, composite 88%": as it was frozen."""
    kept: dict[str, Any] = review.figures.get("shared" if shared else "figures", {})
    names = {PLAN: _("plan"), PIPELINE: _("pipeline"), LEVEL: _("level"), COMPOSITE: _("composite")}
    parts = [f"{name} {format_percent(kept[key]['shown'])}" for key, name in names.items() if key in kept]
    return ", ".join(parts)
