"""Whether leads are given out fairly."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import BaseModel, Field

from leads import fairness, reading
from leads.api.common import READS, READS_OURS, Day
from leads.fairness import Asked, Made
from partners.api.common import find
from pipeline.api.common import text
from prm.api.auth import Request
from prm.api.paging import check_parameters
from prm.api.problems import field_error, invalid
from prm.api.schemas import Out

router = Router(tags=["Leads"])


Grade = Literal["", "A", "B", "C", "D"]


class CellOut(Out):
    """How many leads of a month (its first day) from a source and of a grade went to `to`."""

    month: str
    source: str
    to: Literal["partner", "direct", "queue"]
    grade: Grade
    leads: int


class MadeOut(Out):
    """What became of the leads of a grade ("" for all). Shares from 0 to 1, null where there is nothing to take one of:
    `acceptance` of the offers that ended, `conversion` and `win` of what was given. `contact_seconds`: the median from
    acceptance to the first contact."""

    to: Literal["partner", "direct"]
    grade: Grade
    given: int
    contacted: int
    converted: int
    won: int
    offers: int
    accepted: int
    acceptance: str | None
    conversion: str | None
    win: str | None
    contact_seconds: int | None


class ReportOut(Out):
    """`spread`: the share of the partners that can get leads that hold at least one A or B."""

    since: str
    until: str
    cells: list[CellOut]
    made: list[MadeOut]
    partners: int
    partners_with_good: int
    spread: str | None


class OwnOut(Out):
    """A partner's own figures, and all partners' together; those are null, or without a grade, where fewer than five others hold leads."""

    since: str
    until: str
    own: list[MadeOut]
    everybody: list[MadeOut] | None
    spread: str | None


class ReportQuery(BaseModel):
    """Of the leads that came in; without days the last twelve months. What repeats means any of them."""

    since: Day | None = None
    until: Day | None = None
    source: list[str] = Field([], description="Keys.")
    region: list[str] = Field([], description="Keys.")
    country: list[str] = Field([], description="ISO 3166-1, two letters.")
    line: list[str] = Field([], description="Keys of product lines.")


class DaysQuery(BaseModel):
    """Without days the last twelve months."""

    since: Day | None = None
    until: Day | None = None


def _share(value: Fraction | None) -> str | None:
    """To nine places."""
    return None if value is None else text(round(Decimal(value.numerator) / value.denominator, 9))


def _made_out(made: Made) -> dict[str, Any]:
    return {
        **{name: getattr(made, name) for name in ("to", "grade", "given", "contacted", "converted", "won", "offers", "accepted")},
        "acceptance": _share(made.acceptance),
        "conversion": _share(made.conversion),
        "win": _share(made.win),
        "contact_seconds": None if made.contact is None else round(made.contact.total_seconds()),
    }  # fmt: skip


def _days(query: ReportQuery | DaysQuery) -> tuple[dt.date, dt.date]:
    day = reading.now().day
    until = query.until or day
    since = query.since or reading.year_before(until) + dt.timedelta(days=1)
    if since > until:
        raise invalid([field_error("until", _("This is before the first day."), place="query")])
    return since, until


@router.get("/leads/fairness", response=ReportOut, auth=READS_OURS)
def get_lead_fairness(request: Request, query: Annotated[ReportQuery, Query()]) -> Any:
    """What went to partners and what stayed direct, by month, source and grade, and what each made of it."""
    check_parameters(request, ReportQuery.model_fields)
    since, until = _days(query)
    asked = Asked(since, until, query.source, query.region, query.country, query.line)
    found = fairness.report(request.user, asked)
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "cells": [
            {
                "month": cell.month.isoformat(),
                "source": cell.source,
                "to": cell.to,
                "grade": cell.grade,
                "leads": cell.leads,
            }
            for cell in found.cells
        ],
        "made": [_made_out(made) for made in found.made.values()],
        "partners": found.partners,
        "partners_with_good": found.partners_with_good,
        "spread": _share(found.spread),
    }


@router.get("/partners/{int:partner_id}/lead-fairness", response=OwnOut, auth=READS)
def get_partner_lead_fairness(request: Request, partner_id: int, query: Annotated[DaysQuery, Query()]) -> Any:
    """What a partner made of its leads, beside all partners."""
    check_parameters(request, DaysQuery.model_fields)
    partner = find(request, partner_id)
    since, until = _days(query)
    found = fairness.of_partner(partner, since, until)
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "own": [_made_out(made) for made in found.own.values()],
        "everybody": None if found.everybody is None else [_made_out(made) for made in found.everybody.values()],
        "spread": _share(found.with_good),
    }
