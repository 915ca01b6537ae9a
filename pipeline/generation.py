"""Targets for many partners from what they sold the year before: what would be set, and the job that sets it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from partners.filters import PartnerFilter
from partners.models import Partner
from pipeline import target_actions, targets
from pipeline.target_actions import HAS_TARGETS, NO_RATE, NOTHING_SOLD, Proposal
from prm.common import jobs
from prm.common.fiscal import FiscalQuarter, FiscalYear
from prm.common.money import NoRate
from prm.common.vendor import fiscal_calendar, vendor_settings

AT_ONCE = 200  # more partners than that go to a background job
KIND = "pipeline.generate_targets"


@dataclass(frozen=True)
class Preview:
    """What generating would come to, in the reporting currency. `digest` tells whether it is still so when it is confirmed."""

    partners: int
    before: Decimal
    total: Decimal
    quarters: list[tuple[FiscalQuarter, Decimal | None]]
    nothing_sold: int
    has_targets: int
    no_rate: int
    lack: NoRate | None
    currency: str

    @property
    def digest(self) -> str:
        return f"{self.partners}:{self.total:f}"


def summed_up(proposals: Iterable[Proposal], year: FiscalYear) -> Preview:
    """The proposals in figures."""
    why: Counter[str] = Counter()
    months: dict[Any, Decimal] = {}
    before, lack = Decimal(0), None
    for found in proposals:
        why[found.why_not] += 1
        lack = lack or found.lack
        if found.months:
            before += found.before
            for month, value in found.months.items():
                months[month] = months.get(month, Decimal(0)) + value
    sums = targets.by_period(months, year.quarters)
    return Preview(
        partners=why[""],
        before=before,
        total=sum(months.values(), Decimal(0)),
        quarters=list(zip(year.quarters, sums, strict=True)),
        nothing_sold=why[NOTHING_SOLD],
        has_targets=why[HAS_TARGETS],
        no_rate=why[NO_RATE],
        lack=lack,
        currency=vendor_settings().reporting_currency,
    )


def partner_ids(user: User, query: str) -> list[int]:
    """The partners that a filter finds among those the user sees."""
    chosen = PartnerFilter(QueryDict(query), user=user)
    return list(chosen.apply(Partner.objects.visible_to(user)).order_by("pk").values_list("pk", flat=True))


def start(user: User, *, query: str, year: FiscalYear, factor: Decimal, keep: bool) -> Any:
    """The job that generates the targets of the partners a filter finds."""
    params = {"query": query, "year": year.key, "factor": f"{factor:f}", "keep": keep}
    title = _("Targets for %(year)s") % {"year": year.label}
    return jobs.start(KIND, by=user, title=title, params=params)


@jobs.kind(KIND)
def generate(job: jobs.JobContext) -> None:
    """Sets the targets in one transaction."""
    year = fiscal_calendar().parse(job.params["year"])
    assert isinstance(year, FiscalYear)
    done = target_actions.generate_targets(
        by=job.by,
        partner_ids=partner_ids(job.by, job.params["query"]),
        year=year,
        factor=Decimal(job.params["factor"]),
        keep=job.params["keep"],
        progress=lambda done, total: job.progress(done, total, _("Setting targets")),
    )
    job.result(url=f"{reverse('pipeline:targets')}?year={year.key}&source=generated", partners=done)
