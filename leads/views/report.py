"""Whether leads are given out fairly: for the vendor the whole report, for a partner how it works and its own part."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import portal, vendor
from accounts.models import User
from accounts.permissions import Permission as P
from leads import fairness
from leads.fairness_page import FairnessPage, span_words, usual_span
from leads.own_standing import standing
from leads.policies import GRADES
from leads.templatetags.fairness import share
from leads.views.vendor import places
from partners import hub
from prm.common import lists
from scorecards.rollups.page import File


@vendor(P.SEE_LEADS)
def report(request: HttpRequest) -> HttpResponse:
    page = FairnessPage(request.user, request.GET)
    context = {"page": page, "filter": page.filter, "tabs": places("report", request)}
    return render(request, "leads/report.html", context)


@lists.exportable("leads.fairness")
def _file(user: User, query: QueryDict) -> File:
    return File(FairnessPage(user, query))


@vendor(P.SEE_LEADS)
def report_xlsx(request: HttpRequest) -> HttpResponse:
    return lists.export(request, "leads.fairness", "xlsx")


@portal(P.PORTAL)
def portal_report(request: HttpRequest) -> HttpResponse:
    """How leads are given out, where this partner stands, and what it made of its own in twelve months."""
    partner = hub.find(request)
    own, now = fairness.of_partner(partner, *usual_span()), standing(partner)
    context = {
        "partner": partner,
        "now": now,
        "contact_days": [(grade, now.policy.contact_days[grade]) for grade in GRADES],
        "rows": [_row(own, grade) for grade in ("", *GRADES)],
        "with_all": own.everybody is not None,
        "spread": share(own.with_good) if own.with_good is not None else "",
        "crumbs": [(_("Leads"), reverse("leads:portal_list"))],
    }
    return render(request, "leads/portal_report.html", context)


def _row(own: fairness.Own, grade: str) -> dict[str, Any]:
    mine, others = own.own[grade], (own.everybody or {}).get(grade)
    figures: list[tuple[str, Callable[[fairness.Made], str]]] = [
        (_("Acceptance"), lambda made: share(made.acceptance)),
        (_("First contact"), lambda made: span_words(made.contact)),
        (_("Conversion"), lambda made: share(made.conversion)),
        (_("Win"), lambda made: share(made.win)),
    ]
    cells = [
        {"label": label, "own": shown(mine), "others": shown(others) if others else ""} for label, shown in figures
    ]
    return {"grade": grade, "given": mine.given, "offers": mine.offers, "cells": cells}
