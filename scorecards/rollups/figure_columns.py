"""What the list of the partners behind a figure shows of each: what that partner brings to the figure."""

from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.expressions import BaseExpression
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.models import User
from prm.common.lists import Column
from prm.common.templatetags.numbers import delta_html, format_number
from prm.common.templatetags.signs import score as score_sign
from prm.documents.table import Kind
from scorecards import queries, rollup, scoring
from scorecards.models import Assessment, AssessmentScore
from scorecards.rollups import figures, times
from scorecards.rollups.behind import Behind, topic_name
from scorecards.rollups.sql import Measure


def of(user: User, figure: Behind) -> list[Column]:
    """The columns that a kind of figure adds to the list."""
    if figure.kind == "rag" and figure.measure.level != "overall":
        return [_score("figure_score", figure.measure.name, user, figure, figure.window, figure.measure)]
    if figure.kind == "moved":
        return _moved(user, figure)
    if figure.kind == "below":
        return _below(user, figure)
    return _times(user, figure) if figure.kind == "time" else []


def _assessment(user: User, figure: Behind, counted_in: rollup.Window) -> QuerySet[Assessment]:
    """The one that counts of the partner of the row."""
    return rollup.latest(user, figure.questionnaire, counted_in).filter(partner=OuterRef("pk"))


def _value(
    user: User, figure: Behind, counted_in: rollup.Window, measure: Measure, column: str = "score"
) -> BaseExpression:
    if measure.level == "overall":
        return Subquery(_assessment(user, figure, counted_in).values("overall")[:1])
    counting = rollup.latest(user, figure.questionnaire, counted_in).filter(partner=OuterRef(OuterRef("pk")))
    rows: QuerySet[AssessmentScore] = AssessmentScore.objects.unscoped("of assessments that are visible").filter(
        level=measure.level, key=measure.key, assessment__in=counting.values("pk")
    )
    return Subquery(rows.values(column)[:1])


def _score(name: str, title: str, user: User, figure: Behind, counted_in: rollup.Window, measure: Measure) -> Column:
    limits = queries.thresholds()

    def cell(partner: Any) -> str:
        value = getattr(partner, name)
        shown = None if value is None else scoring.display(value)
        return score_sign(shown, limits.rag(shown) if shown is not None else "")

    return Column(
        name, title, lambda partner: _plain(getattr(partner, name)), Kind.DECIMAL, cell=cell, sort=(name,), nullable=True,
        annotate={name: _value(user, figure, counted_in, measure)},
    )  # fmt: skip


def _moved(user: User, figure: Behind) -> list[Column]:
    then = rollup.window(figure.then, figure.window.last)
    before = _score("figure_then", figure.then.label, user, figure, then, figure.measure)
    now = _score("figure_now", figure.quarter.label, user, figure, figure.window, figure.measure)
    change = Column(
        "figure_change", _("Change"), lambda p: _plain(p.figure_now - p.figure_then), Kind.DECIMAL,
        cell=lambda p: delta_html(p.figure_now - p.figure_then, 1), annotate={**before.annotate, **now.annotate},
    )  # fmt: skip
    return [before, now, change]


def _below(user: User, figure: Behind) -> list[Column]:
    """Score, gap and impact, the last two with the way to their explanation."""
    topic = Measure("topic", figure.parts[0], "", "")
    links = {
        "figure_assessment": Subquery(_assessment(user, figure, figure.window).values("pk")[:1]),
        "figure_target": _value(user, figure, figure.window, topic, "target"),
    }
    score = _score("figure_score", topic_name(figure), user, figure, figure.window, topic)

    def link(partner: Any, level: str, value: Any) -> str:
        url = reverse("scorecards:explain", args=[partner.figure_assessment, level, topic.key])
        return format_html('<a href="{}">{}</a>', url, format_number(value, 1))

    gap = Column(
        "figure_gap", _("Gap"), lambda p: _plain(p.figure_target - p.figure_score), Kind.DECIMAL,
        cell=lambda p: link(p, "gap", p.figure_target - p.figure_score), annotate={**links, **score.annotate},
    )  # fmt: skip
    impact = Column(
        "figure_impact", _("Impact"), lambda p: _plain(p.figure_impact), Kind.DECIMAL, sort=("figure_impact",),
        cell=lambda p: link(p, "impact", p.figure_impact),
        annotate={**links, "figure_impact": _value(user, figure, figure.window, topic, "impact")},
    )  # fmt: skip
    return [score, gap, impact]


def _times(user: User, figure: Behind) -> list[Column]:
    mode, turn, under = figure.parts
    rows = times.behind(user, figure.questionnaire, figure.quarter, mode, turn, bool(under))
    each = (
        rows.filter(partner=OuterRef("pk"))
        .values("partner")
        .values(all=ArrayAgg("active_seconds", order_by="finished_at"))
    )
    return [
        Column(
            "figure_times", _("Time, minutes"), lambda p: ", ".join(map(figures.minutes, p.figure_times or [])),
            annotate={"figure_times": Subquery(each)},
        )
    ]  # fmt: skip


def _plain(value: Any) -> Any:
    return None if value is None else round(value, 9)
