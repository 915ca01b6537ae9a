"""The matrix of a partner's customers and the vendor's product lines: what is owned, in the pipeline, a target, ruled out; and of what
is empty, how good the chance is. Everything is read as one user sees it, and scored on what that user sees.

Other tools that know of something open with a customer register a `source`, from above or from beside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from django.db.models import Q, Sum

from accountplans import basis, opportunity, queries
from accountplans.models import Account, AccountTarget, OwnedProduct
from accountplans.opportunity import Score, Scorer, Thing
from accounts.models import User
from leads.models import Lead
from partners.models import Partner
from pipeline.models import Customer, Deal, DealStage, ProductLine, SalesResult
from prm.common.addresses import of_row

Outcome = DealStage.Outcome


class State(StrEnum):
    """What a cell is; of several that hold, the first."""

    OWNED = "owned"
    PIPELINE = "pipeline"
    TARGET = "target"
    RULED_OUT = "ruled_out"
    EMPTY = "empty"


@dataclass(frozen=True)
class Open:
    """Something that is under way with a customer for a product line: a deal, a registration, a lead."""

    customer: int
    line: int
    name: str
    kind: str  # in words: "Deal", "Lead"
    url: str = ""


OpenSource = Callable[[User, Partner, Mapping[int, str]], Iterable[Open]]
_sources: list[OpenSource] = []


def source(function: OpenSource) -> OpenSource:
    """Registers (user, partner, {customer's pk: its normalised name}) → what is open with these customers and the user may see."""
    _sources.append(function)
    return function


@dataclass(frozen=True)
class Cell:
    """`sold`: owned by the vendor's own sales, not only by what the partner says. `score` of what is empty or a target."""

    customer: Customer
    line: ProductLine
    state: State
    sold: bool = False
    renews_on: date | None = None
    opens: tuple[Open, ...] = ()
    target: AccountTarget | None = None
    score: Score | None = None

    @property
    def points(self) -> int | None:
        return self.score.points if self.score else None

    @property
    def rank(self) -> Fraction:
        """What it is ordered by; below 0 where there is no score."""
        exact = self.score.exact if self.score else None
        return Fraction(-1) if exact is None else exact


@dataclass(frozen=True)
class Row:
    customer: Customer
    account: Account | None
    cells: list[Cell]


class Whitespace:
    """What is read for some of a partner's customers, each kind of thing once."""

    def __init__(self, user: User, partner: Partner, customers: Collection[Customer]) -> None:
        self.user, self.partner = user, partner
        self.customers = list(customers)
        self.names = {row.pk: row.name_key for row in self.customers}

    @cached_property
    def lines(self) -> list[ProductLine]:
        return list(ProductLine.objects.all())

    @cached_property
    def accounts(self) -> dict[int, Account]:
        return {row.customer_id: row for row in queries.accounts(self.user).filter(customer__in=self.names)}

    @cached_property
    def owned(self) -> dict[int, dict[Thing, date | None]]:
        """By customer: what the partner says it owns, with the day of renewal."""
        found: dict[int, dict[Thing, date | None]] = defaultdict(dict)
        for row in OwnedProduct.objects.visible_to(self.user).filter(customer__in=self.names):
            found[row.customer_id][basis.thing_of(row)] = row.renews_on
        return found

    @cached_property
    def sold(self) -> dict[int, set[int]]:
        """By customer: the lines of which more was sold than taken back, and those with a won deal."""
        found: dict[int, set[int]] = defaultdict(set)
        results = SalesResult.objects.visible_to(self.user).filter(customer__in=self.names, product_line__isnull=False)
        groups = results.order_by().values("customer_id", "product_line_id", "currency").annotate(total=Sum("amount"))
        for group in groups.filter(total__gt=0):
            found[group["customer_id"]].add(group["product_line_id"])
        for deal in self.deals:
            if deal.stage.outcome == Outcome.WON:
                found[deal.customer_id or 0].add(deal.product_line_id or 0)
        return found

    @cached_property
    def deals(self) -> list[Deal]:
        """Open and won ones, of a customer and a line."""
        rows = Deal.objects.visible_to(self.user).filter(customer__in=self.names, product_line__isnull=False)
        return list(rows.exclude(stage__outcome=Outcome.LOST).select_related("stage").order_by("pk"))

    @cached_property
    def opens(self) -> dict[tuple[int, int], list[Open]]:
        found: dict[tuple[int, int], list[Open]] = defaultdict(list)
        page = "pipeline:portal_deal" if self.user.is_partner_side else "pipeline:deal"
        for deal in self.deals:
            if deal.stage.outcome == Outcome.OPEN:
                one = Open(deal.customer_id or 0, deal.product_line_id or 0, deal.name, "deal", of_row(page, deal.pk))
                found[one.customer, one.line].append(one)
        for each in _sources:
            for one in each(self.user, self.partner, self.names):
                found[one.customer, one.line].append(one)
        return found

    @cached_property
    def targets(self) -> dict[tuple[int, int], AccountTarget]:
        rows = AccountTarget.objects.visible_to(self.user).filter(customer__in=self.names)
        rows = rows.select_related("play", "owner", "updated_by").order_by("pk")
        return {(row.customer_id, row.product_line_id): row for row in rows}

    @cached_property
    def scorer(self) -> Scorer:
        return Scorer(basis.numbers(), basis.ideals())

    def scored(self, customer: Customer) -> opportunity.Customer:
        """What the score asks of a customer, as far as the user sees it."""
        account = self.accounts.get(customer.pk)
        owned = {*self.owned.get(customer.pk, {}), *map(Thing.line, self.sold.get(customer.pk, ()))}
        return opportunity.Customer(
            vertical=account.vertical_id if account else None,
            size=account.size if account else "",
            relationship=account.relationship if account else Account.Relationship.NONE,
            owned=frozenset(owned),
        )

    def cell(self, customer: Customer, line: ProductLine, asked: opportunity.Customer | None = None) -> Cell:
        key = (customer.pk, line.pk)
        said, sold = self.owned.get(customer.pk, {}), line.pk in self.sold.get(customer.pk, ())
        opens, target = tuple(self.opens.get(key, ())), self.targets.get(key)
        if sold or Thing.line(line.pk) in said:
            state = State.OWNED
        elif opens:
            state = State.PIPELINE
        else:
            state = State(target.state) if target else State.EMPTY
        scored = state in (State.EMPTY, State.TARGET)
        return Cell(
            customer=customer,
            line=line,
            state=state,
            sold=sold,
            renews_on=said.get(Thing.line(line.pk)),
            opens=opens,
            target=target,
            score=self.scorer.score(asked or self.scored(customer), line.pk) if scored else None,
        )

    def row(self, customer: Customer) -> Row:
        asked = self.scored(customer)
        cells = [self.cell(customer, line, asked) for line in self.lines]
        return Row(customer, self.accounts.get(customer.pk), cells)

    @property
    def rows(self) -> list[Row]:
        return [self.row(customer) for customer in self.customers]


def ranked(rows: Sequence[Row], lines: Collection[int] = (), *, targets: bool = True) -> list[Cell]:
    """The empty cells (and, with `targets`, those that are targets already) with a score, the best first, then by customer's name
    and line. `lines`: of these only."""
    wanted = {State.EMPTY, State.TARGET} if targets else {State.EMPTY}
    cells = [cell for row in rows for cell in row.cells if cell.state in wanted and cell.points is not None]
    if lines:
        cells = [cell for cell in cells if cell.line.pk in lines]
    return sorted(cells, key=lambda cell: (-cell.rank, cell.customer.name.casefold(), cell.line.order, cell.line.pk))


# ── What this tool knows by itself of what is under way ──────────────────────────────────────────────────────────────


@source
def leads_worked_on(user: User, partner: Partner, names: Mapping[int, str]) -> Iterable[Open]:
    """Leads the partner has accepted and works on, by the customer they became, else by the company's name."""
    customers = {name: pk for pk, name in names.items()}
    rows = Lead.objects.visible_to(user).filter(partner=partner, state__in=Lead.WORKED)
    rows = rows.filter(Q(customer__in=names) | Q(customer=None, company_key__in=customers))
    page = "leads:portal_lead" if user.is_partner_side else "leads:lead"
    for lead in rows.prefetch_related("product_lines").order_by("pk"):
        customer = lead.customer_id or customers[lead.company_key]
        for line in lead.product_lines.all():
            yield Open(customer, line.pk, lead.company, "lead", of_row(page, lead.pk))
