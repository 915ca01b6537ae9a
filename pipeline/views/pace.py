"""How fast deals go through the stages, for the vendor's people."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import vendor
from accounts.permissions import Permission as P
from pipeline.deals.pace import Pace, PaceFilter, pace
from prm.charts import Bar, Bars, Missing
from prm.common import lists
from prm.common.templatetags.numbers import format_percent, format_quantity


@vendor(P.SEE_DEALS)
def page(request: HttpRequest) -> HttpResponse:
    request.section = "deals"
    chosen = PaceFilter(request.GET, user=request.user)
    found = pace(request.user, chosen)
    links = {one.stage.pk: _links(chosen, one.stage.key) for one in found.stages}
    context = {
        "filter": chosen,
        "pace": found,
        "rows": [(one, links[one.stage.pk]) for one in found.stages],
        "chart": _chart(found),
        "query": request.GET.urlencode(),
    }
    return render(request, "pipeline/pace.html", context)


@vendor(P.SEE_DEALS)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "deals_pace", kind)


def _links(chosen: PaceFilter, stage: str) -> dict[str, str]:
    """The deals behind the figures of a stage."""
    deals = reverse("pipeline:deals")
    return {
        "now": deals + chosen.query_string(span=None, deal_stage=stage),
        "stale": deals + chosen.query_string(span=None, deal_stage=stage, look="stale"),
    }


def _chart(found: Pace) -> Bars:
    bars = [
        Bar(
            str(one.stage),
            one.days if one.days is not None else Missing(_("No stay ended")),
            detail="" if one.went_on is None else _("%(n)s went on") % {"n": format_percent(one.went_on)},
        )
        for one in found.stages
    ]
    return Bars(
        id="pace",
        title=_("Median days in a stage"),
        bars=tuple(bars),
        value_name=_("Median days"),
        formatter=format_quantity,
    )
