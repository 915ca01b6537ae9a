"""A marketing plan on paper: what it comes to, its activities, when it lands. Two pages at most for a plan of usual size."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from marketing import outlook, reading
from marketing.models import MarketingPlan
from prm.documents.pdf import Paper, render

TILES = ("revenue", "revenue_roi", "margin_roi", "mdf_roi", "mgos", "wins", "cost", "mdf")
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
                "card": outlook.card(row, None, reading.outcome(row), nowhere, {}),
                "budget": outlook.lines_of(row),
            }
            for row in rows
        ],
        "texts": [(label, text[:CUT]) for label, text in ((_("Message"), plan.message), (_("Audience"), plan.audience)) if text.strip()],
        "lines": ", ".join(line.name for line in plan.product_lines.all()),
    }  # fmt: skip
    return render("marketing/plan_pdf.html", context, paper=size)
