"""Do the next six months hold approved activities? Of the partners of a filter, by month, and who has none."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from marketing.facts import PLANNED
from marketing.models import Activity
from marketing.queries import sources
from partners.filters import Narrowing, PartnerFilter, narrowing
from partners.models import Fact, Partner
from prm.common.fiscal import Month
from prm.common.vendor import today

MONTHS = 6
NONE, SOME = "none", "some"
WORDS: dict[str, Any] = {
    NONE: _l("No approved activity in the next six months"),
    SOME: _l("Approved activities in the next six months"),
}
WHY = "of partners the caller has scoped"


@dataclass(frozen=True)
class Ahead:
    """A month to come: how many approved activities touch it, of how many partners, and the MGOs expected in it."""

    month: dt.date
    activities: int
    partners: int
    mgos: Decimal


def months(day: dt.date) -> list[Month]:
    """This month and the five after it."""
    first = Month(day.year, day.month)
    return [first.shift(n) for n in range(MONTHS)]


def ahead(partners: QuerySet[Partner], day: dt.date | None = None) -> list[Ahead]:
    """Month by month, of these partners."""
    every = months(day or today())
    of = partners.order_by().values("pk")
    rows = sources(Activity.objects.unscoped(WHY)).filter(
        plan__partner__in=of, starts_on__lte=every[-1].end, ends_on__gte=every[0].start
    )
    spans = list(rows.order_by().values_list("starts_on", "ends_on", "plan__partner"))
    facts = Fact.objects.unscoped(WHY).filter(
        metric=PLANNED, partner__in=of, month__range=(every[0].start, every[-1].start)
    )
    mgos = dict(facts.order_by().values_list("month").annotate(sum=Sum("value")))
    found = []
    for month in every:
        touching = [pk for starts, ends, pk in spans if starts <= month.end and ends >= month.start]
        found.append(Ahead(month.start, len(touching), len(set(touching)), mgos.get(month.start, Decimal(0))))
    return found


def without(partners: QuerySet[Partner]) -> int:
    """How many of these partners, lapsed ones aside, have no approved activity in these months."""
    return partners.filter(stage__is_lapsed=False).exclude(_has()).count()


def _has() -> Exists:
    every = months(today())
    rows = sources(Activity.objects.unscoped(WHY)).filter(
        plan__partner=OuterRef("pk"), starts_on__lte=every[-1].end, ends_on__gte=every[0].start
    )
    return Exists(rows)


def _clean(text: str) -> str:
    if text not in WORDS:
        raise ValidationError(_("There is no such choice."))
    return text


def _apply(queryset: QuerySet[Partner], value: str, filter: PartnerFilter) -> QuerySet[Partner]:
    return queryset.filter(_has()) if value == SOME else queryset.filter(stage__is_lapsed=False).exclude(_has())


narrowing(
    Narrowing("marketing_ahead", _l("Marketing"), _clean, _apply, lambda text, filter: str(WORDS.get(text, text)))
)
