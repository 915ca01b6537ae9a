"""The program worksheet: computed of what is sent, and the one that is kept for a fiscal year or quarter."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from ninja import Router, Status
from pydantic import Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from marketing.actions import worksheet as actions
from marketing.actions.worksheet import Outdated, save_worksheet
from marketing.api.common import RULES, refusing
from marketing.program import reading
from marketing.program.document import MOST_FACTORS, NUMBERS, OTHERS, Case, Sheet, Way, read, write
from marketing.program.page import why
from marketing.program.reading import Span
from marketing.worksheet import DEAL, FACTOR, RATES, Column, Counts, Stage, backward, forward, split, together
from partners.models import Partner
from planning.forecast.rows import rounded
from prm.api.auth import Allowed, Request
from prm.api.problems import Problem, field_error, invalid
from prm.api.schemas import In, Key, Out
from prm.common.money import minor_units
from prm.common.numbers import round_half_away

router = Router(tags=["Marketing worksheet"])
READS = Allowed(Scope.MARKETING_READ, vendor=P.SEE_MARKETING)
Rate = Annotated[Decimal, Field(ge=0, le=1, max_digits=20)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=20)]
PARTS = {"quarters": 4, "months": 12, "weeks": reading.WEEKS}
StageName = Literal["reach", "inquiry", "mql", "sal", "mgo"]
WayName = Literal["equal", "tier", "target"]


class FactorDoc(In):
    """One of the shares that are multiplied to f."""

    name: str = Field("", max_length=80)
    share: Rate


class ColumnIn(In):
    """Rates are fractions, each the step into its stage. `factor` is f itself; sent instead, `factors` are multiplied to it; without either
    all MGOs count. What is null or 0 leaves unknown what stands on it."""

    response: Rate | None = None
    mql: Rate | None = None
    sal: Rate | None = None
    sql: Rate | None = None
    win: Rate | None = None
    deal_size: Amount | None = None
    factor: Rate | None = None
    factors: list[FactorDoc | Rate] = Field([], max_length=20)


class ColumnsIn(In):
    """What isn't sent of a column, or the column as a whole, is the base × 0.8 or × 1.2, rates and f at most 1; null is empty."""

    base: ColumnIn
    bleak: ColumnIn | None = None
    stretch: ColumnIn | None = None


class StartIn(In):
    """Where the way forward begins: so many at a stage."""

    stage: StageName = "reach"
    count: Amount


class SplitIn(In):
    """Shares `total` out (null: the MGOs of the base, backward) in whole numbers: in proportion to `weights`; or equally, `over` quarters (4),
    months (12), weeks (13), or so many `parts`."""

    total: Annotated[int, Field(ge=0, le=2**53)] | None = None
    over: Literal["quarters", "months", "weeks"] | None = None
    parts: Annotated[int, Field(ge=1, le=10_000)] | None = None
    weights: Annotated[list[Amount], Field(min_length=1, max_length=10_000)] | None = None


class WorksheetIn(In):
    """`revenue` asks for the way backward, `start` for the way forward, `split` for shares."""

    columns: ColumnsIn
    revenue: Amount | None = None
    start: StartIn | None = None
    split: SplitIn | None = None


class ColumnOut(Out):
    """As it was sent, or prefilled."""

    response: str | None
    mql: str | None
    sal: str | None
    sql: str | None
    win: str | None
    deal_size: str | None
    factor: str | None


class BackwardOut(Out):
    """Whole numbers; `counted` are the MGOs × f that the wins come from. Null for the reason named in `reasons`."""

    wins: int | None
    counted: int | None
    mgo: int | None
    sal: int | None
    mql: int | None
    inquiry: int | None
    reach: int | None
    reasons: dict[str, str]


class ForwardOut(Out):
    """Unrounded inside, shown to one decimal; stages before the start are null. `revenue` to the minor unit."""

    reach: str | None
    inquiry: str | None
    mql: str | None
    sal: str | None
    mgo: str | None
    counted: str | None
    wins: str | None
    revenue: str | None
    reasons: dict[str, str]


class CaseOut(Out):
    """One of the three columns. `own`: its numbers that don't follow the base."""

    column: ColumnOut
    own: list[str]
    backward: BackwardOut | None
    forward: ForwardOut | None


class WorksheetOut(Out):
    """`split`: the parts in the order asked for; null where nothing was to be shared out, or nothing to share it out by."""

    bleak: CaseOut
    base: CaseOut
    stretch: CaseOut
    split: list[int] | None


@router.post("/marketing/worksheet", response=WorksheetOut, auth=READS)
def compute_worksheet(request: Request, body: WorksheetIn) -> Any:
    """Computes a worksheet of what is sent; nothing is kept."""
    columns = _columns(body.columns)
    back = {
        case: None if body.revenue is None else backward(Fraction(body.revenue), column)
        for case, column in columns.items()
    }
    own = {case: _own(getattr(body.columns, case.value)) for case in OTHERS}
    return {
        **{case.value: _case(column, own.get(case, set()), back[case], body.start) for case, column in columns.items()},
        "split": None if body.split is None else _split(body.split, back[Case.BASE]),
    }


def _columns(sent: ColumnsIn) -> dict[Case, Column]:
    base = _column(sent.base)
    found = {}
    for case in Case:
        own = getattr(sent, case.value)
        found[case] = base if case is Case.BASE else _following(own, base.scaled(OTHERS[case]))
    return found


def _following(sent: ColumnIn | None, follows: Column) -> Column:
    """A column as far as it was sent, else what follows the base."""
    if sent is None:
        return follows
    named, own = _own(sent), _column(sent)
    return Column(**{name: getattr(own if name in named else follows, name) for name in NUMBERS})


def _own(sent: ColumnIn | None) -> set[str]:
    """The numbers that were sent; factors are their product."""
    given = set() if sent is None else set(sent.model_fields_set)
    names = {"deal_size": DEAL, "factors": FACTOR}
    return {names.get(name, name) for name in given}


def _column(sent: ColumnIn) -> Column:
    shares = [Fraction(each.share if isinstance(each, FactorDoc) else each) for each in sent.factors]
    factor = together(shares) if sent.factor is None else Fraction(sent.factor)
    numbers = {name: getattr(sent, name) for name in RATES} | {DEAL: sent.deal_size}
    return Column(
        factor=factor, **{name: None if value is None else Fraction(value) for name, value in numbers.items()}
    )


def _case(column: Column, own: Collection[str], back: Counts | None, start: StartIn | None) -> dict[str, Any]:
    ahead = None if start is None else forward(column, Fraction(start.count), Stage(start.stage))
    return {
        "column": _column_out(column),
        "own": _names(own),
        "backward": None if back is None else _backward(back),
        "forward": None if ahead is None else _forward(ahead),
    }


def _names(own: Collection[str]) -> list[str]:
    return ["deal_size" if name == DEAL else name for name in NUMBERS if name in own]


def _column_out(column: Column) -> dict[str, Any]:
    return {("deal_size" if name == DEAL else name): _exact(getattr(column, name)) for name in NUMBERS}


def _exact(value: Fraction | None) -> str | None:
    if value is None:
        return None
    text = f"{rounded(value, 12):f}"
    return text.rstrip("0").rstrip(".")


def _name(stage: str) -> str:
    return "wins" if stage == Stage.WIN else str(stage)


def _backward(counts: Counts) -> dict[str, Any]:
    found: dict[str, Any] = {_name(stage): None if (n := counts.get(stage)) is None else int(n) for stage in Stage}
    return found | {"reasons": _reasons(counts)}


def _forward(counts: Counts) -> dict[str, Any]:
    found: dict[str, Any] = {_name(stage): _rounded(counts.get(stage), 1) for stage in Stage}
    places = minor_units(reading.currency())
    return found | {"revenue": _rounded(counts.revenue, places), "reasons": _reasons(counts)}


def _rounded(value: Fraction | None, places: int) -> str | None:
    return None if value is None else f"{rounded(value, places):f}"


def _reasons(counts: Counts) -> dict[str, str]:
    return {_name(stage): why(lack) for stage, lack in counts.missing.items()}


def _split(sent: SplitIn, back: Counts | None) -> list[int] | None:
    asked = [name for name in ("over", "parts", "weights") if getattr(sent, name) is not None]
    if len(asked) != 1:
        raise invalid([field_error("split", _("Send one of over, parts and weights."))])
    needed = back.get(Stage.MGO) if back else None
    total = sent.total if sent.total is not None else None if needed is None else int(needed)
    if total is None:
        return None
    if sent.weights is not None:
        return split(total, [Fraction(weight) for weight in sent.weights])
    return split(total, [1] * (sent.parts or PARTS[sent.over or "quarters"]))


# ── The one that is kept ─────────────────────────────────────────────────────────────────────────────────────────────


class NumbersDoc(In):
    """Numbers of a column; rates are fractions."""

    response: Rate | None = None
    mql: Rate | None = None
    sal: Rate | None = None
    sql: Rate | None = None
    win: Rate | None = None
    deal_size: Amount | None = None
    factor: Rate | None = None


class SheetIn(In):
    """Takes the place of what is kept. In `bleak` and `stretch` what isn't sent follows the base × 0.8 and × 1.2, null is empty. `weights`: of
    tiers by key, for `way` tier. With `revision` only while nobody else has changed it (0: while there is none), else 412."""

    revenue: Amount | None = None
    base: NumbersDoc = NumbersDoc()
    factors: list[FactorDoc] = Field([], max_length=MOST_FACTORS)
    bleak: NumbersDoc = NumbersDoc()
    stretch: NumbersDoc = NumbersDoc()
    way: WayName = "equal"
    weights: dict[Key, Annotated[int, Field(ge=0, le=1000)]] = {}
    revision: int | None = Field(None, ge=0)


class QuarterOut(Out):
    """The MGOs of a quarter, and its own split over its three months and thirteen weeks."""

    quarter: str
    mgos: int
    months: list[int]
    weeks: list[int]


class ShareOut(Out):
    """A partner's part; of the partners the caller sees."""

    partner: int
    mgos: int


class SheetOut(Out):
    """The worksheet of a period, and what it comes to. `revision` 0: nothing is kept yet, these are the numbers it begins with. `planned`: MGOs
    of approved activities in the period; `delivered`: those that came of activities; both of the partners the caller sees. Quarters and
    partners share out the MGOs of the base. `forward`: what comes of the planned MGOs."""

    period: str
    currency: str
    revision: int
    revenue: str | None
    way: WayName
    weights: dict[str, int]
    factors: list[dict[str, str]]
    bleak: CaseOut
    base: CaseOut
    stretch: CaseOut
    planned: str
    delivered: int
    quarters: list[QuarterOut] | None
    partners: list[ShareOut] | None


def _span(period: str) -> Span:
    try:
        return reading.span_of(period)
    except ValueError:
        raise Problem(404) from None


@router.get("/marketing/worksheets/{period}", response=SheetOut, auth=READS)
def get_worksheet(request: Request, period: str) -> Any:
    """The worksheet of a fiscal year ("2027") or quarter ("2027Q1")."""
    return _sheet_out(request, _span(period))


@router.put("/marketing/worksheets/{period}", response=SheetOut, auth=RULES)
def set_worksheet(request: Request, period: str, body: SheetIn) -> Any:
    """Keeps the worksheet of a fiscal year or quarter."""
    span = _span(period)
    with refusing():
        try:
            save_worksheet(by=request.user, period=span.key, sheet=_sheet(body), revision=body.revision)
        except Outdated as error:
            raise Problem(412, _("Somebody changed this worksheet meanwhile."), code="changed-meanwhile") from error
    return _sheet_out(request, span)


@router.delete("/marketing/worksheets/{period}", response={204: None}, auth=RULES)
def remove_worksheet(request: Request, period: str) -> Any:
    """Forgets what is kept: the worksheet begins again with what is known."""
    actions.remove_worksheet(by=request.user, period=_span(period).key)
    return Status(204, None)


def _sheet(body: SheetIn) -> Sheet:
    own = {case: _named(getattr(body, case.value), sent=True) for case in OTHERS}
    base = {name: value for name, value in _named(body.base).items() if name != FACTOR}
    factors = [(each.name or _("Factor %(n)s") % {"n": n}, each.share) for n, each in enumerate(body.factors, 1)]
    if not factors and body.base.factor is not None:
        factors = [(_("Factors together"), body.base.factor)]
    sheet = Sheet(
        revenue=body.revenue, base=base, factors=tuple(factors), own=own, way=Way(body.way), weights=body.weights
    )
    return read(write(sheet))  # as it will be kept


def _named(numbers: NumbersDoc, *, sent: bool = False) -> dict[str, Decimal | None]:
    fields = numbers.model_fields_set if sent else NumbersDoc.model_fields
    return {(DEAL if name == "deal_size" else name): getattr(numbers, name) for name in fields}


def _sheet_out(request: Request, span: Span) -> dict[str, Any]:
    sheet, row = reading.worksheet(span)
    columns = sheet.columns
    revenue = None if sheet.revenue is None else Fraction(sheet.revenue)
    back = {case: backward(revenue, column) for case, column in columns.items()}
    needed = back[Case.BASE].get(Stage.MGO)
    against = reading.against(request.user, span)
    mgos = None if needed is None else int(needed)
    return {
        "period": span.key,
        "currency": row.currency if row else reading.currency(),
        "revision": row.revision if row else 0,
        "revenue": None if sheet.revenue is None else f"{sheet.revenue.normalize():f}",
        "way": sheet.way.value,
        "weights": dict(sheet.weights),
        "factors": [{"name": name, "share": f"{share.normalize():f}"} for name, share in sheet.factors],
        **{
            case.value: {
                "column": _column_out(column),
                "own": _names(sheet.own.get(case, {})),
                "backward": _backward(back[case]),
                "forward": _forward(forward(column, Fraction(against.planned), Stage.MGO)),
            }
            for case, column in columns.items()
        },
        "planned": f"{round_half_away(against.planned, 1):f}",
        "delivered": against.delivered,
        "quarters": None if mgos is None else _quarters(mgos, span),
        "partners": None if mgos is None else _shares(request, sheet, mgos, span),
    }


def _quarters(mgos: int, span: Span) -> list[dict[str, Any]]:
    return [
        {
            "quarter": quarter.key,
            "mgos": part,
            "months": split(part, [1] * 3),
            "weeks": split(part, [1] * reading.WEEKS),
        }
        for quarter, part in reading.by_quarter(mgos, span)
    ]


def _shares(request: Request, sheet: Sheet, mgos: int, span: Span) -> list[dict[str, Any]] | None:
    found = reading.shares(sheet, mgos, span)
    if found is None:
        return None
    seen = set(Partner.objects.visible_to(request.user).order_by().values_list("pk", flat=True))
    return [{"partner": share.partner_id, "mgos": share.mgos} for share in found if share.partner_id in seen]
