"""The overall of a partner over time: one figure a quarter and view, as far as the reader may see it."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Partner
from prm.charts import Lines, Missing, Series, Tone
from scorecards import queries, scoring
from scorecards.models import Assessment, Questionnaire

QUARTERS = 12
TOGETHER, CAM, SELF = "joint", "cam", "self"
TONES = (Tone.DARK, Tone.MAIN, Tone.DASHED)  # together, one's own, the other side's


def overall_over_time(
    user: User, partner: Partner, questionnaire: Questionnaire, url: Callable[[Assessment], str]
) -> Lines | None:
    """The displayed score of the last quarters that have one: the vendor's overall, or the shared one on the partner's side.

    A line for each view, since one side's against the other's would be no trend but a difference; what both agreed on or
    filled in together is a line of its own. None while there are fewer than two quarters. `url` leads to a quarter's
    assessment: what both agreed on, else the reader's own side's.
    """
    name = "overall_shared" if user.is_partner_side else "overall"
    rows = queries.counted(
        Assessment.objects.visible_to(user).filter(
            partner=partner, questionnaire=questionnaire, **{f"{name}__isnull": False}
        )
    ).only("id", "period", "mode", name)
    best: dict[tuple[str, str], Assessment] = {}
    for row in rows:
        best.setdefault((row.mode, row.period), row)
    periods = sorted({period for _mode, period in best})[-QUARTERS:]
    if len(periods) < 2:
        return None
    own = {SELF: _("Your own view"), CAM: _("Vendor's view")} if user.is_partner_side else {}
    names = {TOGETHER: _("Together"), CAM: _("Vendor's view"), SELF: _("Partner's own view")} | own
    order = (TOGETHER, SELF, CAM) if user.is_partner_side else (TOGETHER, CAM, SELF)

    def score(mode: str, period: str) -> int | Missing:
        row = best.get((mode, period))
        return Missing(_("no scorecard")) if row is None else scoring.display(getattr(row, name))

    return Lines(
        id="over-time",
        title=_("Overall over time"),
        periods=tuple(queries.period_label(period) for period in periods),
        series=tuple(
            Series(names[mode], tuple(score(mode, period) for period in periods), tone)
            for mode, tone in zip(order, TONES, strict=True)
            if any((mode, period) in best for period in periods)
        ),
        hrefs=tuple(url(next(best[mode, period] for mode in order if (mode, period) in best)) for period in periods),
    )
