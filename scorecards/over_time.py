"""The overall of a partner over time: one figure a quarter, as far as the reader may see it."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Partner
from prm.charts import Lines, Series
from scorecards import queries, scoring
from scorecards.models import Assessment, Questionnaire

QUARTERS = 12


def overall_over_time(
    user: User, partner: Partner, questionnaire: Questionnaire, url: Callable[[Assessment], str]
) -> Lines | None:
    """The agreed, else the latest submitted, assessment of each of the last quarters that have one, by its displayed score:
    the vendor's overall, or the shared one on the partner's side. None while there are fewer than two. `url` leads to it.
    """
    name = "overall_shared" if user.is_partner_side else "overall"
    rows = queries.counted(
        Assessment.objects.visible_to(user).filter(
            partner=partner, questionnaire=questionnaire, **{f"{name}__isnull": False}
        )
    ).only("id", "period", name)
    best: dict[str, Assessment] = {}
    for row in rows:
        best.setdefault(row.period, row)
    periods = sorted(best)[-QUARTERS:]
    if len(periods) < 2:
        return None
    return Lines(
        id="over-time",
        title=_("Overall over time"),
        periods=tuple(queries.period_label(period) for period in periods),
        series=(Series(_("Overall"), tuple(scoring.display(getattr(best[period], name)) for period in periods)),),
        hrefs=tuple(url(best[period]) for period in periods),
    )
