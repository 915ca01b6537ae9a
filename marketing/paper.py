"""A marketing plan on paper: what it comes to, its activities, when it lands. Two pages at most for a plan of usual size."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from marketing import outlook, reading
from marketing.models import MarketingPlan
from prm.documents.pdf import Paper, render

TILES = ("revenue", "revenue_roi", "margin_roi", "mdf_roi", "mgos", "wins", "cost", "mdf")
COST_OF = {"inquiries": "cost_per_inquiry", "mqls": "cost_per_mql", "mgos": "cost_per_mgo", "wins": "cost_per_win"}
CUT = 400  # letters of a text on paper


def paper(plan: MarketingPlan, *, vendor: str, accent: str, size: Paper) -> bytes:
    """The PDF of a plan whose activities are prefetched. Raises PdfUnavailable."""

    def nowhere(key: str) -> str:
        return ""

    rows = list(plan.activities.all())
    context: dict[str, Any] = {
        "plan": plan,
        "title": _("%(plan)s of %(partner)s") % {"plan": plan.title, "partner": plan.partner.name},
        "vendor": vendor,
        "as_of": timezone.localtime(),
        "accent": accent,
        "letter": size is Paper.LETTER,
        "result": (result := outlook.stored(plan, nowhere)),
        "tiles": [result.figures[key] for key in TILES],
        "cards": [
            {
                "activity": row,
                **_figures(outlook.card(row, None, reading.outcome(row), nowhere, {})),
                "budget": outlook.lines_of(row),
            }
            for row in rows
        ],
        "texts": [(label, text[:CUT]) for label, text in ((_("Message"), plan.message), (_("Audience"), plan.audience)) if text.strip()],
        "lines": ", ".join(line.name for line in plan.product_lines.all()),
    }  # fmt: skip
    return render("marketing/plan_pdf.html", context, paper=size)


def _figures(card: outlook.Card) -> dict[str, Any]:
    """`worth`: what an activity costs and brings; `stages`: its funnel, each stage with what one of it costs (None: that isn't said)."""
    found = {figure.key: figure for figure in card.figures}
    return {
        "worth": [figure for key, figure in found.items() if key not in COST_OF.values()],
        "stages": [(stage.figure, found.get(COST_OF.get(stage.figure.key, ""))) for stage in card.stages],
    }
