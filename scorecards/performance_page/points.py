"""Notes for the conversation: what the figures say is worth talking about, the most pressing first. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prm.common.rag import Rag
from scorecards.performance.figures import INTERNAL, Figures
from scorecards.performance_page.words import amount

AT_MOST = 6
SILENT_DAYS = 60  # without a touch or activity
EXPIRING_DAYS = 90


@dataclass(frozen=True)
class Point:
    """One thing to say. `url` leads to the figure behind it; `internal` ones are the vendor's own."""

    text: str
    rag: Rag | None = None
    url: str = ""
    internal: bool = False


def points(figures: Figures, link: Callable[[str], str], *, shared: bool) -> list[Point]:
    """At most six; `shared` leaves out what the partner doesn't see."""
    found = [point for maker in MAKERS for point in maker(figures, link) if not (shared and point.internal)]
    order = {Rag.RED: 0, Rag.AMBER: 1, None: 2, Rag.GREEN: 3}
    return sorted(found, key=lambda point: order[point.rag])[:AT_MOST]


def _plan(figures: Figures, link: Callable[[str], str]) -> Iterator[Point]:
    actual, target = figures.explain("actual"), figures.explain("target")
    plan = figures.explain("performance_to_plan")
    if not (actual and target and plan) or None in (actual.result, target.result, plan.result):
        return
    assert actual.result is not None
    assert target.result is not None
    gap = actual.result - target.result
    words = {"amount": amount(abs(gap), actual.unit)}
    text = (
        _("%(amount)s behind the plan of these days.") if gap < 0 else _("%(amount)s ahead of the plan of these days.")
    )
    yield Point(text % words, figures.rag(plan), link("performance_to_plan"))


def _coverage(figures: Figures, link: Callable[[str], str]) -> Iterator[Point]:
    pipeline = figures.pipeline()
    left, have = pipeline.remaining.result, pipeline.pipeline.result
    if pipeline.met or left is None or have is None:
        return
    wanted = left * figures.rules.index - have
    if wanted > 0:
        words = {
            "amount": amount(wanted, pipeline.remaining.unit),
            "day": date_format(pipeline.last, "SHORT_DATE_FORMAT"),
        }
        text = _("%(amount)s more pipeline that closes by %(day)s would cover the rest of the target.") % words
        yield Point(text, figures.rag(pipeline.percent), link("pipeline_to_target"))


def _overdue(figures: Figures, link: Callable[[str], str]) -> Iterator[Point]:
    value = figures.pipeline().overdue
    if value.result:
        text = _("%(amount)s in deals that should have closed by now: new dates, or close them.")
        yield Point(text % {"amount": amount(value.result, value.unit)}, Rag.AMBER, link("pipeline_overdue"))


def _certificates(figures: Figures, link: Callable[[str], str]) -> Iterator[Point]:
    day = figures.day
    for need in figures.inputs.required:
        missing = need.count - need.valid(figures.inputs.holdings, day)
        if missing > 0:
            text = ngettext("%(n)s more with %(name)s for the tier.", "%(n)s more with %(name)s for the tier.", missing)
            rag = figures.rag(figures.attainment("training"))
            yield Point(text % {"n": missing, "name": need.name}, rag, link("training"))
    ending = [
        holding.expires_on
        for holding in figures.inputs.holdings
        if holding.expires_on and holding.valid(day) and (holding.expires_on - day).days <= EXPIRING_DAYS
    ]
    if ending:
        text = ngettext(
            "%(n)s certification expires by %(day)s.", "%(n)s certifications expire, the first on %(day)s.", len(ending)
        )
        words = {"n": len(ending), "day": date_format(min(ending), "SHORT_DATE_FORMAT")}
        yield Point(text % words, Rag.AMBER, link("training"))


def _tasks(figures: Figures, link: Callable[[str], str]) -> Iterator[Point]:
    left = [task.name for task in figures.inputs.tasks if not task.done(figures.day)]
    if left:
        text = _("Still to do: %(names)s.") % {"names": ", ".join(left[:3])}
        if len(left) > 3:
            text = _("Still to do: %(names)s and %(n)s more.") % {"names": ", ".join(left[:3]), "n": len(left) - 3}
        yield Point(text, figures.rag(figures.attainment("tasks")), link("tasks"))


def _silence(figures: Figures, link: Callable[[str], str]) -> Iterator[Point]:
    value = figures.explain("recency_touch")
    if value and value.result is not None and value.result > SILENT_DAYS:
        text = _("No touch or activity for %(n)s days.") % {"n": int(value.result)}
        yield Point(text, Rag.AMBER, link("recency_touch"), internal="recency_touch" in INTERNAL)


def _potential(figures: Figures, link: Callable[[str], str]) -> Iterator[Point]:
    value = figures.explain("growth_potential")
    if value and value.result is not None and value.result > Decimal(0):
        text = _("%(amount)s a year of room to grow, against the best quarter of partners of its type.")
        words = {"amount": amount(value.result, value.unit)}
        yield Point(text % words, None, link("growth_potential"), internal=True)


MAKERS = (_plan, _coverage, _overdue, _certificates, _tasks, _silence, _potential)
