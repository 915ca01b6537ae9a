"""The partners behind the figures of commitment, each with its own: page, CSV and XLSX from one description."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import CharField, Exists, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Fact, Partner
from pipeline.facts import LACK, REVENUE
from planning.facts import PLAN, TARGET
from planning.models import BusinessPlan, SignatureRequest
from planning.rollups.figures import Sums
from planning.rollups.filter import DRAFT, NONE, SIGNED, STATES, WAITING, running_since
from planning.rollups.page import CommitmentBase
from planning.rollups.reading import Span
from prm.common.lists import Column, Listing, exportable
from prm.common.templatetags.numbers import format_percent
from prm.documents.table import Kind

WHY = "of partners the caller has scoped"


class CommitmentPartners(CommitmentBase):
    tab = "commitment_partners"
    template = "planning/commitment_partners.html"
    own = ("plan",)

    @property
    def listing(self) -> Listing:
        return commitment_listing(self.user, self.query)


@exportable("planning.commitment_partners")
def commitment_listing(user: User, query: QueryDict) -> Listing:
    """The partners that the filter finds, with what each brings to the figures."""
    page = CommitmentPartners(user, query)

    def money(key: str, title: str, figure: Any, sort: str = "", shown: bool = True) -> Column:
        return Column(
            key, title, lambda row: page.money(figure(sums_of(row))).value, Kind.MONEY,
            cell=lambda row: _cell(page.money(figure(sums_of(row)))), sort=(sort,) if sort else (), nullable=True, shown=shown,
        )  # fmt: skip

    columns = [
        Column("partner", _("Partner"), lambda row: row.name, cell=_partner, sort=(Lower("name"),), heads_row=True),
        Column("plan", _("Plan"), lambda row: str(STATES[state_of(row)])),
        Column("version", _("Version"), lambda row: row.plan_number, Kind.INTEGER, shown=False),
        Column("committed", _("Committed on"), lambda row: row.plan_on, Kind.DATE, sort=("plan_on",), nullable=True),
        money("target", _("Target"), lambda sums: sums.target_figure, "fact_target"),
        money("planned", _("Planned"), lambda sums: sums.planned_figure, "fact_planned"),
        _percent("of_target", _("Of target"), lambda sums: page.share(sums.of_target)),
        money("planned_over", _("Plan so far"), lambda sums: sums.planned_over_figure, "fact_planned_over", shown=False),
        money("actual", _("Actual"), lambda sums: sums.actual_figure, "fact_actual"),
        _percent("attainment", _("Attainment"), lambda sums: page.attained(sums.attainment)),
        money("forecast", _("Forecast"), lambda sums: sums.forecast),
        Column("cam", _("CAM"), lambda row: str(row.cam) if row.cam else None, sort=("cam__name",), nullable=True),
        Column("region", _("Region"), lambda row: str(row.region) if row.region else None, shown=False),
        Column("tier", _("Tier"), lambda row: str(row.tier) if row.tier else None, shown=False),
        Column("type", _("Type"), lambda row: str(row.partner_type), shown=False),
    ]  # fmt: skip
    rows = with_sums(page.partners, page.span).select_related("cam", "region", "tier", "partner_type")
    name = f"{_('Commitment')} {page.period.label}"
    return Listing(rows, columns, query, name=name, default="partner", filter=page.filter)


def _percent(key: str, title: str, figure: Any) -> Column:
    return Column(
        key, title, lambda row: figure(sums_of(row)).value, Kind.PERCENT, cell=lambda row: _cell(figure(sums_of(row)))
    )  # fmt: skip


def _cell(figure: Any) -> Any:
    """The inside of a figure's cell: its sign or text, or "–" with the reason."""
    if figure.value is None:
        return format_html('<span title="{0}">–</span><span class="visually-hidden"> ({0})</span>', figure.reason)
    return figure.sign or figure.text or format_percent(figure.value)


def _partner(row: Any) -> SafeString:
    """Leads to the plan against actual where one is in force, else to the partner's plans."""
    url = reverse("tracking:actuals", args=[row.plan_pk]) if row.plan_pk else reverse("planning:partner", args=[row.pk])
    return format_html('<a class="row-link" href="{}">{}</a>', url, row.name)


def state_of(row: Any) -> str:
    """How far a partner's plan is; see `with_sums`."""
    if row.is_signed:
        return SIGNED
    if row.is_waiting:
        return WAITING
    return DRAFT if row.is_draft else NONE


def sums_of(row: Any) -> Sums:
    """What one partner brings; see `with_sums`."""
    state, zero = state_of(row), Sums.target
    return Sums(
        partners=1, signed=state == SIGNED, waiting=state == WAITING, draft=state == DRAFT,
        target=row.fact_target or zero, planned=row.fact_planned or zero, planned_over=row.fact_planned_over or zero,
        actual=row.fact_actual or zero, target_lack=row.fact_target_lack, actual_lack=row.fact_actual_lack,
    )  # fmt: skip


def with_sums(partners: QuerySet[Partner], span: Span) -> QuerySet[Partner]:
    """Partners with their state, the plan in force and the parts of their sums, None where there is nothing."""
    plans = BusinessPlan.objects.unscoped(WHY).filter(partner=OuterRef("pk"))
    drafts = plans.filter(status=BusinessPlan.Status.DRAFT)
    force = plans.filter(status=BusinessPlan.Status.COMMITTED)
    asked = SignatureRequest.objects.unscoped(WHY).filter(plan=OuterRef("pk"))
    over = (span.first, span.over)
    return partners.annotate(
        plan_pk=Subquery(force.values("pk")[:1]),
        plan_number=Subquery(force.values("number")[:1]),
        plan_on=Subquery(force.values("committed_on")[:1]),
        is_signed=Exists(force.filter(first_month__gte=running_since(span.day))),
        is_waiting=Exists(drafts.filter(Exists(asked))),
        is_draft=Exists(drafts),
        fact_target=_sum(TARGET, span.first, span.last),
        fact_planned=_sum(PLAN, span.first, span.last),
        fact_planned_over=_sum(PLAN, *over),
        fact_actual=_sum(REVENUE, *over, Q(_planned())),
        fact_target_lack=_lack(TARGET + LACK, span.first, span.last),
        fact_actual_lack=_lack(REVENUE + LACK, *over, Q(_planned())),
    )


def _facts(metric: str, first: dt.date, last: dt.date, *more: Q) -> QuerySet[Any, Any]:
    rows = Fact.objects.unscoped(WHY).filter(*more, partner=OuterRef("pk"), metric=metric, month__range=(first, last))
    return rows.order_by().values("partner")


def _sum(metric: str, first: dt.date, last: dt.date, *more: Q) -> Subquery:
    return Subquery(_facts(metric, first, last, *more).annotate(found=Sum("value")).values("found"))


def _lack(metric: str, first: dt.date, last: dt.date, *more: Q) -> Coalesce:
    found = Subquery(_facts(metric, first, last, *more).annotate(found=Min("currency")).values("found"))
    return Coalesce(found, Value(""), output_field=CharField())


def _planned() -> Exists:
    """Months for which a plan is in force."""
    rows = Fact.objects.unscoped(WHY).filter(partner=OuterRef("partner"), month=OuterRef("month"), metric=PLAN)
    return Exists(rows)
