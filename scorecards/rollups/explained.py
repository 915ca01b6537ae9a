"""How a figure of a roll-up came about, over the list of the partners behind it: its formula with their numbers put in."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from partners.filters import PartnerFilter
from partners.models import Partner
from prm.common.explain import Explanation, Term
from prm.common.vendor import today
from scorecards import rollup
from scorecards.filters import Scored
from scorecards.rollups import investment, movers, sql, times
from scorecards.rollups.behind import Behind, topic_name
from scorecards.rollups.page import measure_of

MINUTE = 60


def explanations(user: User, chosen: PartnerFilter, listed: QuerySet[Partner], everybody: Any) -> list[Explanation]:
    """Of the figure that `chosen` narrows by, whose partners are `listed`; `everybody` are those of the filter without it.
    [] where it narrows by none."""
    if not chosen.is_valid():
        return []
    if scored := chosen.cleaned_data.get("scored"):
        return _mean(user, scored, listed)
    figure: Behind | None = chosen.cleaned_data.get("figure")
    if figure is None:
        return []
    whole = chosen.query_string(figure=None, sort=None) or "?"
    if figure.kind in ("rag", "done"):
        title = _("Share of the partners")
        return [
            _share(
                title, figure, (_("partners listed"), listed.count()), (_("partners in all"), everybody.count(), whole)
            )
        ]
    if figure.kind == "moved":
        both = _compared(user, figure, everybody)
        return [
            _share(
                _("Share of the partners with two assessments"),
                figure,
                (_("partners listed"), listed.count()),
                (_("partners with two assessments"), both),
            )
        ]
    if figure.kind == "below":
        return _gain(user, figure, listed)
    return _time(user, figure, everybody)  # fmt: skip


def _mean(user: User, scored: Scored, listed: QuerySet[Partner]) -> list[Explanation]:
    window = scored.window()
    version = scored.questionnaire.versions.exclude(status="draft").order_by("-number").first()
    text = "" if scored.level == "overall" else f"{scored.level}:{scored.key}"
    measure = measure_of(version.content if version else None, text)
    if measure.text != text:
        return []
    [(total, count)] = sql.read(
        sql.compose(
            "SELECT sum(score), count(*) FROM scored JOIN scope ON scope.id = scored.partner_id",
            scope=sql.scope(listed),
            latest=sql.counting(user, scored.questionnaire, window),
            scored=sql.scores(measure, window),
        )
    ) or [(None, 0)]
    terms = (Term(_("sum of their scores"), total), Term(_("partners counted"), Decimal(count)))
    why = None if count else _("Nobody listed has a score there.")
    return [
        Explanation(
            title=_("Mean of %(what)s") % {"what": measure.name}, formula="{0} ÷ {1}", terms=terms, as_of=window.last,
            result=total / count if count else None, why_missing=why,
        )
    ]  # fmt: skip


def _share(title: str, figure: Behind, part: tuple[str, int], base: tuple[Any, ...]) -> Explanation:
    label, whole, *url = base
    return Explanation(
        title=title,
        formula="{0} ÷ {1} × 100",
        terms=(Term(part[0], Decimal(part[1])), Term(label, Decimal(whole), "", url[0] if url else None)),
        as_of=figure.window.last,
        result=Decimal(part[1]) * 100 / whole if whole else None,
        unit="%",
        why_missing=None if whole else _("There is nobody to compare with."),
    )


def _compared(user: User, figure: Behind, everybody: QuerySet[Partner]) -> int:
    then = rollup.window(figure.then, today())
    return movers.compared(user, everybody, figure.questionnaire, figure.window, then, figure.measure)


def _gain(user: User, figure: Behind, listed: QuerySet[Partner]) -> list[Explanation]:
    _counted, gains = investment.investment(user, listed, figure.questionnaire, figure.window)
    gain = next((gain for gain in gains if gain.key == figure.parts[0]), None)
    name = topic_name(figure)
    if gain is None:
        return []
    partners = Term(_("partners below target"), Decimal(gain.partners))

    def over(title: str, label: str, total: Decimal) -> Explanation:
        return Explanation(
            title=title, formula="{0} ÷ {1}", terms=(Term(label, total), partners), as_of=figure.window.last,
            result=total / gain.partners,
        )  # fmt: skip

    return [
        over(_("%(topic)s: points each partner would gain") % {"topic": name}, _("points to gain, the sum of their impacts"), gain.impact),
        over(_("Mean gap"), _("sum of their gaps"), gain.gaps),
        over(_("Their mean score"), _("sum of their scores"), gain.scores),
    ]  # fmt: skip


def _time(user: User, figure: Behind, everybody: QuerySet[Partner]) -> list[Explanation]:
    mode, turn, _under = figure.parts
    rows = times.behind(user, figure.questionnaire, figure.quarter, mode, turn, under=False)
    seconds = sorted(
        rows.filter(partner__in=everybody.order_by().values("pk")).values_list("active_seconds", flat=True)
    )
    if not seconds:
        return []
    under = sum(1 for each in seconds if each < times.GOAL)
    return [
        _quantile(_("Median time"), figure, seconds, Decimal("0.5")),
        _quantile(_("Nine in ten within"), figure, seconds, Decimal("0.9")),
        _share(_("Under five minutes"), figure, (_("assessments under five minutes"), under), (_("assessments timed"), len(seconds))),
    ]  # fmt: skip


def _quantile(title: str, figure: Behind, seconds: Sequence[int], at: Decimal) -> Explanation:
    """On the straight line between the two times that stand beside the place asked for."""
    place = (len(seconds) - 1) * at
    lower = int(place)
    low, high = (Decimal(seconds[n]) / MINUTE for n in (lower, min(lower + 1, len(seconds) - 1)))
    part = place - lower
    numbers = {"n": lower + 1, "next": min(lower + 2, len(seconds)), "all": len(seconds)}
    return Explanation(
        title=title,
        formula="{0} + {1} × ({2} − {0})",
        terms=(
            Term(_("time %(n)s of %(all)s, the shortest first") % numbers, low, _("min")),
            Term(_("how far the place asked for lies between them"), part),
            Term(_("time %(next)s of %(all)s") % numbers, high, _("min")),
        ),
        as_of=figure.window.last,
        result=low + part * (high - low),
        unit=_("min"),
    )
