"""What came of activities, by the leads and deals that came from them.

A lead counts as an inquiry of its source activity; as an MQL once it was given out (offered to somebody, or held); as a SAL once
accepted by whoever has it now; as an MGO once qualified, which a lead that became a deal is. A deal that came from the activity, and
from no lead that came from any, counts once at each of these stages: somebody had inquired; so an opportunity is never two MGOs, of
its lead's activity and of its own. Wins are won deals of the activity, and won leads without a deal. Revenue is that of the won deals, whole whoever shares in them, at the rate of the day they were won, in the plan's currency.
Only what is sourced counts; influence is told apart and never added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from leads.models import Lead, LeadOffer
from marketing.models import Activity, Attribution, Clicks, Influence
from pipeline.models import DealStage
from prm.common.money import Money, NoRate, Rates
from prm.common.numbers import round_half_away
from prm.common.vendor import rates

WHY = "figures of activities the caller has scoped"
PLACES = 4  # of amounts as they are kept


@dataclass(frozen=True)
class Actual:
    """What an activity brought so far. `reach` is not known from leads. `revenue` in the plan's currency; None where `lack` names a
    currency that has no rate."""

    inquiries: int = 0
    mqls: int = 0
    sals: int = 0
    mgos: int = 0
    wins: int = 0
    revenue: Decimal | None = Decimal(0)
    lack: str = ""
    clicks: int = 0


@dataclass(frozen=True)
class Influenced:
    """What it touched without being the source."""

    leads: int = 0
    deals: int = 0
    won: int = 0


def actuals(activities: QuerySet[Activity] | Iterable[int]) -> dict[int, Actual]:
    """By the id of each of these activities, what came of it."""
    of = dict(_activities(activities).values_list("pk", "plan__currency"))
    found = dict.fromkeys(of, Actual())
    _add(found, _of_leads(of))
    _add(found, _of_deals(of))
    for pk, (revenue, lack) in _revenue(of).items():
        found[pk] = replace(found[pk], revenue=revenue, lack=lack)
    clicks = Clicks.objects.unscoped(WHY).filter(activity__in=of).order_by()
    for pk, number in clicks.values_list("activity").annotate(n=Sum("number")):
        found[pk] = replace(found[pk], clicks=number)
    return found


def actual(activity: Activity) -> Actual:
    """What came of one."""
    return actuals([activity.pk])[activity.pk]


def influenced(activities: QuerySet[Activity] | Iterable[int]) -> dict[int, Influenced]:
    """By the id of each of these activities, what it had a part in."""
    of = list(_activities(activities).values_list("pk", flat=True))
    found = dict.fromkeys(of, Influenced())
    rows = Influence.objects.unscoped(WHY).filter(activity__in=of).order_by().values_list("activity")
    won = Q(deal__stage__outcome=DealStage.Outcome.WON)
    for pk, leads, deals, wins in rows.annotate(
        leads=Count("lead"), deals=Count("deal"), wins=Count("deal", filter=won)
    ):
        found[pk] = Influenced(leads, deals, wins)
    return found


def _activities(activities: QuerySet[Activity] | Iterable[int]) -> Any:
    rows = Activity.objects.unscoped(WHY).order_by()
    if isinstance(activities, QuerySet):
        return rows.filter(pk__in=activities.order_by().values("pk"))
    return rows.filter(pk__in=list(activities))


def _add(found: dict[int, Actual], parts: Iterable[tuple[int, dict[str, int]]]) -> None:
    for pk, counts in parts:
        found[pk] = replace(found[pk], **{name: getattr(found[pk], name) + number for name, number in counts.items()})


def _of_leads(of: Iterable[int]) -> Iterable[tuple[int, dict[str, int]]]:
    rows = Attribution.objects.unscoped(WHY).filter(activity__in=list(of), lead__isnull=False).order_by()
    given = (
        ~Q(lead__holder=Lead.Holder.QUEUE)
        | Q(lead__accepted_at__isnull=False)
        | Q(Exists(LeadOffer.objects.unscoped(WHY).filter(lead=OuterRef("lead"))))
    )
    counts = {
        "inquiries": Count("pk"),
        "mqls": Count("pk", filter=given),
        "sals": Count("pk", filter=Q(lead__accepted_at__isnull=False)),
        "mgos": Count("pk", filter=mgo_of_lead()),
        "wins": Count("pk", filter=Q(lead__outcome=Lead.Outcome.WON, lead__deal__isnull=True)),
    }
    for pk, *numbers in rows.values_list("activity").annotate(**counts):
        yield pk, dict(zip(counts, numbers, strict=True))


def mgo_of_lead() -> Q:
    """Attributions whose lead is an MGO."""
    return Q(lead__accepted_at__isnull=False) & (
        Q(lead__qualified_at__isnull=False) | Q(lead__state=Lead.State.CONVERTED)
    )


def without_lead(rows: QuerySet[Attribution]) -> QuerySet[Attribution]:
    """Of attributions of deals those whose deal is of no lead that came from an activity: such a lead is counted itself."""
    counted = Attribution.objects.unscoped(WHY).filter(activity__isnull=False, lead__deal=OuterRef("deal"))
    return rows.filter(deal__isnull=False).exclude(Exists(counted))


def _of_deals(of: Iterable[int]) -> Iterable[tuple[int, dict[str, int]]]:
    rows = Attribution.objects.unscoped(WHY).filter(activity__in=list(of)).order_by()
    for pk, number in without_lead(rows).values_list("activity").annotate(n=Count("pk")):
        yield pk, dict.fromkeys(("inquiries", "mqls", "sals", "mgos"), number)
    for pk, number in _won(rows).values_list("activity").annotate(n=Count("pk")):
        yield pk, {"wins": number}


def _won(rows: QuerySet[Attribution]) -> QuerySet[Attribution]:
    return rows.filter(deal__stage__outcome=DealStage.Outcome.WON, deal__closed_on__isnull=False)


def _revenue(of: dict[int, str]) -> dict[int, tuple[Decimal | None, str]]:
    """By activity the amounts won in its plan's currency, rounded as amounts are kept; None and the currency that has no rate."""
    rows = _won(Attribution.objects.unscoped(WHY).filter(activity__in=list(of))).order_by()
    days = rows.values_list("activity", "deal__currency", "deal__closed_on").annotate(sum=Sum(F("deal__amount")))
    sums: dict[int, Fraction] = defaultdict(Fraction)
    lacks: dict[int, str] = {}
    table: Rates | None = None
    for pk, currency, on, amount in days:
        if currency == of[pk]:
            sums[pk] += Fraction(amount)
            continue
        table = table or rates()
        try:
            reported = table.convert(Money(amount, currency), on)
            sums[pk] += Fraction(reported.amount) / Fraction(table.rate(of[pk], on))
        except NoRate as error:
            lacks[pk] = error.currency
    found: dict[int, tuple[Decimal | None, str]] = {pk: (_amount(total), "") for pk, total in sums.items()}
    return found | {pk: (None, currency) for pk, currency in lacks.items()}


def _amount(value: Fraction) -> Decimal:
    return round_half_away(Decimal(value.numerator) / Decimal(value.denominator), PLACES)
