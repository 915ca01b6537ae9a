"""What is read about deals."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from pipeline.deals import rules
from pipeline.events import DealsChanged
from pipeline.models import Customer, Deal, DealShare, DealStage, StageChange
from prm.common import events
from prm.common.kept import kept
from prm.common.money import Money, NoRate, Rates
from prm.common.scoping import PartnerOwned

OPEN, WON = DealStage.Outcome.OPEN, DealStage.Outcome.WON
MOST_LACKS = 8
CHANGED = "deals-changed"
PERCENT = DecimalField(max_digits=5, decimal_places=2)
HUNDREDTH = Value(Decimal("0.01"))  # a division would cut digits off large amounts


def chance() -> Case:
    """A deal's probability in percent: its own, else its stage's; a won deal is certain, a lost one is not to come."""
    return Case(
        When(stage__outcome=OPEN, then=Coalesce("probability", "stage__probability")),
        When(stage__outcome=WON, then=Value(Decimal(100))),
        default=Value(Decimal(0)),
        output_field=PERCENT,
    )


def deals(user: User, day: dt.date) -> QuerySet[Deal]:
    """The deals this user sees, with `chance`, `is_stale`, `is_overdue` on `day`, and the names this user may know:
    `partner_name` and `customer_name` are None where the partner that leads it is none of theirs."""
    rows: QuerySet[Deal] = Deal.objects.visible_to(user)
    is_open = Q(stage__outcome=OPEN)
    return rows.select_related("stage", "product_line").annotate(
        chance=chance(),
        is_stale=Case(When(is_open & Q(stage_since__lte=rules.stale_from(day)), then=True), default=False),
        is_overdue=Case(When(is_open & Q(expected_close__lt=day), then=True), default=False),
        partner_name=_seen(user, Partner, "partner"),
        customer_name=_seen(user, Customer, "customer"),
    )


def _seen(user: User, model: type[PartnerOwned], name: str) -> Combinable:
    """The name of what a deal refers to, where this user may see it. No join: what isn't asked for costs nothing."""
    return Subquery(model.objects.visible_to(user).filter(pk=OuterRef(name)).order_by().values("name")[:1])


def of_partner(rows: QuerySet[Deal], partner: Partner, user: User) -> QuerySet[Deal]:
    """Those in which a partner has a share, with it in percent (`share`)."""
    shares = DealShare.objects.visible_to(user).filter(partner=partner).order_by()
    own = Subquery(shares.filter(deal=OuterRef("pk")).values("percent")[:1], output_field=PERCENT)
    return rows.filter(pk__in=shares.values("deal")).annotate(share=own)


def shared_by(rows: QuerySet[Deal], partners: QuerySet[Partner], user: User) -> QuerySet[Deal]:
    """Those in which any of these partners has a share."""
    shares = DealShare.objects.visible_to(user).filter(partner__in=partners.order_by().values("pk"))
    return rows.filter(Exists(shares.filter(deal=OuterRef("pk"))))


def shares(deal: Deal, user: User) -> list[tuple[Partner | None, Decimal]]:
    """Who a deal counts for, in percent, the largest first; None stands for a partner this user doesn't see."""
    seen = Partner.objects.visible_to(user)
    rows = DealShare.objects.unscoped("of a deal the caller has scoped; names stay with those who see the partner")
    rows = rows.filter(deal=deal).prefetch_related(Prefetch("partner", queryset=seen, to_attr="seen_partner"))
    return [(row.seen_partner, row.percent) for row in rows.order_by("-percent", "pk")]


def share_map(deal: Deal) -> dict[int, Decimal]:
    """Partner's id → percent, of all of them."""
    rows = DealShare.objects.unscoped("of a deal the caller has scoped").filter(deal=deal)
    return dict(rows.order_by("pk").values_list("partner_id", "percent"))


def shares_of_many(ids: Iterable[int], user: User) -> dict[int, list[tuple[int | None, Decimal]]]:
    """Deal → its shares as in `shares`, by the partners' ids."""
    seen = Partner.objects.visible_to(user).filter(pk=OuterRef("partner")).order_by().values("pk")[:1]
    rows = DealShare.objects.unscoped("of deals the caller has scoped").filter(deal__in=list(ids))
    found: dict[int, list[tuple[int | None, Decimal]]] = {}
    for deal, partner, percent in rows.order_by("-percent", "pk").values_list("deal_id", Subquery(seen), "percent"):
        found.setdefault(deal, []).append((partner, percent))
    return found


def may_write(deal: Deal, user: User) -> bool:
    """Whether this user may change a deal they see: only with the partner that leads it among theirs."""
    return user.can(Permission.EDIT_DEALS) and Partner.objects.visible_to(user).filter(pk=deal.partner_id).exists()


def way(deal: Deal, user: User) -> QuerySet[StageChange]:
    """The deal's changes of stage, the first one first."""
    rows: QuerySet[StageChange] = StageChange.objects.visible_to(user).filter(deal=deal)
    return rows.select_related("to_stage", "from_stage", "by").order_by("on", "pk")


def stays(changes: Iterable[StageChange], day: dt.date) -> list[tuple[StageChange, rules.Stay]]:
    """Each change with how long the deal stayed where it led."""
    changes = list(changes)
    steps = [rules.Step(str(row.to_stage), row.on, row.to_stage.outcome == OPEN) for row in changes]
    return list(zip(changes, rules.stays(steps, day), strict=True))


# ── Sums ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Lack:
    """An amount that could not be converted: no rate for its currency on the day."""

    currency: str
    on: dt.date
    amount: Decimal
    deals: int

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


@dataclass
class Totals:
    """The sums of a list of deals in the reporting currency, without what `lacks` names."""

    amount: Money
    weighted: Money
    deals: int = 0
    lacks: list[Lack] = field(default_factory=list)

    @property
    def shown_lacks(self) -> list[Lack]:
        """Those a page names; `more_lacks` says how many it doesn't."""
        return self.lacks[:MOST_LACKS]

    @property
    def more_lacks(self) -> int:
        return max(0, len(self.lacks) - MOST_LACKS)

    @property
    def converted(self) -> int:
        """How many deals are in the sums."""
        return self.deals - sum(lack.deals for lack in self.lacks)


def totals(rows: QuerySet[Deal], rates: Rates, day: dt.date, *, by_share: bool = False) -> Totals:
    """Amount and weighted amount of these deals (out of `deals`). Open ones are converted at the rate of `day`, closed ones
    at that of the day they were closed. `by_share`: only the part that `share` (of `of_partner`) says."""
    return _summed(_groups(rows, rates, day, by_share), rates, day)


def totals_by_stage(rows: QuerySet[Deal], rates: Rates, day: dt.date, *, by_share: bool = False) -> dict[int, Totals]:
    """The same for each stage there are deals in, by its id."""
    groups = _groups(rows, rates, day, by_share, "stage_id")
    return {
        stage: _summed(found, rates, day) for stage, found in groupby(groups, key=lambda group: int(group["stage_id"]))
    }


def together(parts: Iterable[Totals], rates: Rates) -> Totals:
    """Sums of parts as one."""
    found = Totals(Money.zero(rates.reporting), Money.zero(rates.reporting))
    for part in parts:
        found.amount += part.amount
        found.weighted += part.weighted
        found.deals += part.deals
        found.lacks += part.lacks
    return found


def _groups(rows: QuerySet[Deal], rates: Rates, day: dt.date, by_share: bool, *by: str) -> Iterable[dict[str, Any]]:
    amount: Combinable = F("amount")
    if by_share:
        amount = F("amount") * F("share") * HUNDREDTH
    exact = DecimalField(max_digits=40, decimal_places=12)
    # An amount in the reporting currency needs no day: all of them are one row.
    converted_on = Case(When(currency=rates.reporting, then=None), default=Coalesce("closed_on", Value(day)))
    groups = (
        rows.order_by()
        .values(*by, "currency", converted_on=converted_on)
        .annotate(
            sum_amount=Sum(amount, output_field=exact),
            sum_weighted=Sum(amount * F("chance") * HUNDREDTH, output_field=exact),
            n=Count("pk"),
        )
    )
    groups = groups.order_by(*by, "currency", "converted_on")
    return kept(lambda: list(groups), "sums of deals", groups, changed_last())


def changed_last() -> str:
    """Changes whenever a deal does, so that sums that are kept are those of the deals as they stand."""
    return str(cache.get(CHANGED, ""))


@events.on(DealsChanged)
def _changed(event: DealsChanged) -> None:
    cache.set(CHANGED, uuid4().hex, 2 * settings.FIGURES_KEPT)


def _summed(groups: Iterable[dict[str, Any]], rates: Rates, day: dt.date) -> Totals:
    found = Totals(Money.zero(rates.reporting), Money.zero(rates.reporting))
    for group in groups:
        found.deals += group["n"]
        on = group["converted_on"] or day
        try:
            rate = rates.rate(group["currency"], on)
        except NoRate:
            found.lacks.append(Lack(group["currency"], on, group["sum_amount"], group["n"]))
            continue
        found.amount += Money(group["sum_amount"] * rate, rates.reporting)
        found.weighted += Money(group["sum_weighted"] * rate, rates.reporting)
    return found
