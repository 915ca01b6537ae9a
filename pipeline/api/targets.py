"""Targets: what is in force, the versions there were, new ones by hand and from the year before."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db.models import F
from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field

from partners.api.common import PartnerQuery, check_filter, find, refusing
from partners.filters import PartnerFilter
from pipeline import generation, queries, target_actions, target_grid, targets
from pipeline.api.common import READS, WRITES, Currency, text
from pipeline.filters import TargetFilter
from pipeline.models import TargetVersion
from prm.api.auth import Request
from prm.api.paging import Paging, check_parameters, everything, page
from prm.api.problems import field_error, invalid
from prm.api.schemas import Id, In, Key, Out, Page, instant
from prm.common.fiscal import FiscalYear, Period
from prm.common.vendor import fiscal_calendar, today

router = Router(tags=["Targets"])
Source = Literal["commitment", "operations", "import"]
AMOUNT = Field(ge=0, max_digits=18, decimal_places=4)


class MonthOut(Out):
    """A month's target and the version it is from; `currency` of money only."""

    metric: str
    month: str
    value: str
    currency: str | None
    source: Source
    version: int
    number: int
    generated: bool


class VersionOut(Out):
    """`months` counts them, `total` is what they add up to: null where they are in several currencies."""

    id: int
    partner: int
    metric: str
    source: Source
    number: int
    generated: bool
    first_month: str
    last_month: str | None
    months: int
    total: str | None
    currency: str | None
    note: str
    created_at: str
    by: int | None


class TargetsIn(In):
    """`periods` by key: a fiscal year (`2026`), a quarter (`2026Q3`) or a month (`2026-07`), each with its target. Years and
    quarters are spread over their months by the seasons. `metric` is `revenue`, `deals` or a metric's key."""

    metric: Key = targets.REVENUE
    periods: dict[str, Annotated[Decimal, AMOUNT]] = Field(min_length=1, max_length=120)
    currency: Currency | None = None
    note: str = Field("", max_length=300)


class GenerateIn(In):
    """`year` as in `2026`; each quarter of the year before × `factor`. Partners with targets in that year are left as they are,
    unless `replace`. With `preview` nothing is set."""

    year: str = Field(max_length=4)
    factor: Decimal = Field(ge=0, le=100, max_digits=7, decimal_places=4)
    replace: bool = False
    preview: bool = False


class GeneratedOut(Out):
    """How many `partners` get targets, and `total` for all of them, in `currency`; `left_out` says why others get none.
    `job`: sets them in the background."""

    partners: int
    before: str
    total: str
    currency: str
    left_out: dict[str, int]
    job: str | None


class TargetQuery(PartnerQuery):
    q: str = Field("", description="Words of the partner's name.")
    partner: Id | None = None
    year: str = Field("", description="A fiscal year, as in `2026`.")
    metric: list[str] = []
    source: list[Literal["commitment", "operations", "import", "generated"]] = []


def version_out(row: Any) -> dict[str, Any]:
    """Of one out of `queries.target_versions(user)`."""
    one_currency = row.currency == row.currency_too
    return {
        "id": row.pk,
        "partner": row.partner_id,
        **{name: getattr(row, name) for name in ("metric", "source", "number", "generated", "note")},
        "first_month": f"{row.first_month:%Y-%m}",
        "last_month": f"{row.last_month:%Y-%m}" if row.last_month else None,
        "months": row.month_count or 0,
        "total": text(row.total) if one_currency and row.total is not None else None,
        "currency": (row.currency or None) if one_currency else None,
        "created_at": instant(row.created_at),
        "by": row.created_by_id,
    }


def _period(key: str, field: str) -> Period:
    try:
        return fiscal_calendar().parse(key)
    except ValueError as error:
        raise invalid([field_error(field, str(error))]) from error


def _year(key: str, field: str, place: str = "body") -> FiscalYear:
    try:
        found = fiscal_calendar().parse(key)
    except ValueError:
        found = None
    if not isinstance(found, FiscalYear):
        raise invalid([field_error(field, _("This is no fiscal year, as in 2026."), place=place)])
    return found


@router.get("/targets", response=Page[VersionOut], auth=READS)
def list_targets(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[TargetQuery, Query()],
    sort: Literal["created_at", "-created_at", "id", "-id"] = "-id",
) -> Any:
    """The versions of targets one may see, the latest first."""
    chosen = TargetFilter(request.GET, user=request.user)
    check_filter(request, chosen, "cursor", "limit", "sort", "partner")
    rows = chosen.narrow(queries.target_versions(request.user))
    if query.partner is not None:
        rows = rows.filter(partner=query.partner)
    by = {"created_at": F("created_at")}
    return page(request, response, rows, version_out, paging=paging, sort=sort, by=by, known=None)


@router.get("/partners/{int:partner_id}/targets", response=Page[MonthOut], auth=READS)
def list_partner_targets(request: Request, partner_id: int, year: str = "", metric: str = "") -> Any:
    """A partner's targets in force, by metric and month; of one fiscal year, or one metric."""
    partner = find(request, partner_id)
    check_parameters(request, {"year", "metric"})
    months = _year(year, "year", "query").months if year else None
    rows = [
        {
            "metric": key,
            "month": month.key,
            "value": text(found.value),
            "currency": found.currency or None,
            "source": found.version.source,
            "version": found.version.id,
            "number": found.version.number,
            "generated": found.version.generated,
        }
        for key, column in sorted(target_grid.in_force(partner, metric or None).items())
        for month, found in column.items()
        if months is None or month in months
    ]
    return everything(rows, dict)


@router.post("/partners/{int:partner_id}/targets", response={201: VersionOut}, auth=WRITES)
def set_targets(request: Request, partner_id: int, body: TargetsIn) -> Any:
    """Sets targets: a new version of operations, in force from now on for the months it names."""
    partner = find(request, partner_id)
    periods = {_period(key, f"periods.{key}"): value for key, value in body.periods.items()}
    with refusing():
        version: TargetVersion = target_actions.set_targets(
            by=request.user,
            partner=partner,
            metric=body.metric,
            periods=periods,
            currency=body.currency or "",
            note=body.note,
        )
    return Status(201, version_out(queries.target_versions(request.user).get(pk=version.pk)))


@router.post("/targets/generate", response={200: GeneratedOut, 202: GeneratedOut}, auth=WRITES)
def generate_targets(request: Request, body: GenerateIn, query: Annotated[PartnerQuery, Query()]) -> Any:
    """Sets the revenue targets of a fiscal year from what was sold in the year before, for the partners that the address
    narrows to like `GET /partners`. Many partners go to a background job: 202."""
    chosen = PartnerFilter(request.GET, user=request.user)
    check_filter(request, chosen)
    year = _year(body.year, "year")
    keep = not body.replace
    address = request.GET.urlencode()
    pks = generation.partner_ids(request.user, address)
    found = generation.summed_up(target_actions.propose(pks, year, body.factor, keep=keep, day=today()), year)
    job = None
    if found.partners and not body.preview and len(pks) > generation.AT_ONCE:
        job = generation.start(request.user, query=address, year=year, factor=body.factor, keep=keep)
    elif found.partners and not body.preview:
        target_actions.generate_targets(by=request.user, partner_ids=pks, year=year, factor=body.factor, keep=keep)
    answer = {
        "partners": found.partners,
        "before": text(found.before),
        "total": text(found.total),
        "currency": found.currency,
        "left_out": {"nothing_sold": found.nothing_sold, "has_targets": found.has_targets, "no_rate": found.no_rate},
        "job": str(job.pk) if job else None,
    }
    return Status(202 if job else 200, answer)
