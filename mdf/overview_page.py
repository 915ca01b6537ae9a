"""The overview of MDF as a page and a workbook: the filter, tiles, the table by fund, region, partner or tactic, each with its lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from mdf import overview, showing
from mdf.filters import PARTNER_FIELDS, LineListFilter
from mdf.forecast import number
from mdf.models import Account, Fund, Line
from mdf.overview import DIMENSIONS, FUND, PARTNER, REGION, TACTIC, Figures, Group, Overview
from partners.filters import NarrowingField
from partners.models import Partner, Region
from planning.forecast.rows import rounded
from prm.charts import Bar, Bars
from prm.charts.figures import whole
from prm.common.money import Money
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import format_money, format_percent
from prm.common.vendor import today
from prm.documents import table as tables
from prm.documents.table import Kind, Table

RUNNING, EVERY = "running", "every"
YEAR = 365
MOST_BARS = 10
NAMES = {
    FUND: gettext_lazy("Fund"),
    REGION: gettext_lazy("Region"),
    PARTNER: gettext_lazy("Partner"),
    TACTIC: gettext_lazy("Tactic"),
}

savable("mdf:home", gettext_lazy("MDF overview"))


class OverviewFilter(LineListFilter):
    """Of which funds, partners and tactics; and by what the table is. Funds that run today, unless the address says otherwise."""

    by = forms.ChoiceField(label=gettext_lazy("By"), required=False, choices=list(NAMES.items()))
    funds = forms.ChoiceField(
        label=gettext_lazy("Funds"), required=False,
        choices=[("", gettext_lazy("Not expired yet")), (EVERY, gettext_lazy("All, also past ones"))],
    )  # fmt: skip
    field_order = ["by", "funds", "fund", "tactic", *PARTNER_FIELDS]

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data, user=user)
        for name in ("q", "look"):
            del self.fields[name]

    def narrow(self, queryset: Any) -> Any:
        self.cleaned_data |= {"q": "", "look": []}
        return super().narrow(queryset).filter(request__fund__in=self.chosen_funds().values("pk"))

    def chosen_funds(self) -> QuerySet[Fund]:
        rows = Fund.objects.order_by()
        if self.cleaned_data["fund"]:
            return rows.filter(pk__in=self.cleaned_data["fund"])
        return rows if self.cleaned_data["funds"] == EVERY else rows.filter(expires_on__gte=today())

    def accounts(self) -> QuerySet[Account]:
        """Those of the chosen funds that this user sees; where partners are chosen those of theirs, and of their regions."""
        rows: QuerySet[Account] = Account.objects.visible_to(self.user).filter(
            fund__in=self.chosen_funds().values("pk")
        )
        more = [name for name, field in self.fields.items() if isinstance(field, NarrowingField)]
        asked = [
            name for name in ("partner", *PARTNER_FIELDS, *more) if self.cleaned_data.get(name) not in (None, "", [])
        ]
        if not asked:
            return rows
        partners = self.standing(Partner.objects.visible_to(self.user))
        if pk := self.cleaned_data.get("partner"):
            partners = partners.filter(pk=pk)
        theirs = partners.order_by().values("pk")
        wanted = Q(partner__in=theirs) | Q(distributor__in=theirs)
        if asked == ["region"]:
            wanted |= Q(region__in=[self.rows["region"][key].pk for key in self.cleaned_data["region"] if key in self.rows["region"]])  # fmt: skip
        return rows.filter(wanted)

    @property
    def dimension(self) -> str:
        asked = self.data.get("by", "")
        return asked if asked in DIMENSIONS else FUND


class OverviewPage:
    """Everything the page, the workbook and the API show of it."""

    def __init__(self, user: User, query: QueryDict) -> None:
        self.user = user
        self.filter = OverviewFilter(query, user=user)
        self.is_valid = self.filter.is_valid()
        self.by = self.filter.dimension

    @cached_property
    def lines(self) -> QuerySet[Line]:
        rows: QuerySet[Line] = Line.objects.visible_to(self.user)
        return self.filter.apply(rows)

    @cached_property
    def found(self) -> Overview:
        accounts = self.filter.accounts() if self.is_valid else Account.objects.visible_to(self.user).none()
        return overview.overview(self.by, self.lines, accounts)

    @property
    def is_empty(self) -> bool:
        return not self.found.groups

    def money(self, amount: Decimal | None) -> str:
        return "–" if amount is None else format_money(Money(amount, self.found.currency), self.found.currency)

    @property
    def tiles(self) -> list[tuple[str, str, str, str]]:
        """(label, figure, note, address)."""
        total, trail = self.found.total, reverse("mdf:trail")
        found = [
            (_("Budget and accruals"), self.money(total.credited), _("left: %(amount)s") % {"amount": self.money(total.available)}, reverse("mdf:funds")),
            (_("Reserved"), self.money(total.reserved), _("approved, not claimed yet"), f"{trail}?look=unclaimed"),
            (_("Spent"), self.money(total.spent), _("paid: %(amount)s") % {"amount": self.money(total.paid)}, reverse("mdf:claims") + "?state=approved&state=paid"),
            (_("Expiring in 90 days"), self.money(total.expiring), _("expired: %(amount)s") % {"amount": self.money(total.expired)}, reverse("mdf:funds")),
            (_("Use"), share(total.use), self._use_note(total), ""),
            (_("Vendor’s ROI on MDF"), number(total.roi), self._roi_note(total), ""),
        ]  # fmt: skip
        if total.credited is None:
            return [found[1], found[2], found[5]]
        return found

    def _use_note(self, total: Figures) -> str:
        if not total.allocated:
            return _("nothing is allocated")
        return _("claimed of %(amount)s allocated") % {"amount": self.money(total.allocated)}

    def _roi_note(self, total: Figures) -> str:
        if not total.invested:
            return _("no verified activity yet")
        return _("of %(amount)s verified") % {"amount": self.money(total.invested)}

    @property
    def heads(self) -> str:
        return str(NAMES[self.by])

    def cells(self, figures: Figures) -> list[str]:
        """As the table shows them, after the name."""
        own = (
            []
            if self.by == TACTIC
            else [
                self.money(figures.credited),
                self.money(figures.allocated),
                self.money(figures.available),
                self.money(figures.expiring),
            ]
        )
        return [
            *own, self.money(figures.asked), self.money(figures.approved), self.money(figures.reserved), self.money(figures.spent),
            share(figures.use) if self.by != TACTIC else share(figures.claimed_share), number(figures.roi),
        ]  # fmt: skip

    @property
    def titles(self) -> list[str]:
        own = [] if self.by == TACTIC else [_("Budget"), _("Allocated"), _("Available"), _("Expiring")]
        use = _("Use") if self.by != TACTIC else _("Claimed of approved")
        return [*own, _("Asked"), _("Approved"), _("Reserved"), _("Spent"), use, _("ROI")]

    @property
    def rows(self) -> list[tuple[str, str, list[str]]]:
        """(name, address of its lines, cells)."""
        keys = self._keys()
        return [(self._name(group), self._url(group, keys), self.cells(group.figures)) for group in self.found.groups]

    @property
    def total_cells(self) -> list[str]:
        return self.cells(self.found.total)

    def _name(self, group: Group) -> str:
        if group.key is not None:
            return group.label
        return {REGION: _("No region"), PARTNER: _("Not one partner’s")}.get(self.by, _("None"))

    def _keys(self) -> dict[int, str]:
        """How the filter of the trail calls what a row is about."""
        if self.by == REGION:
            return dict(Region.objects.values_list("pk", "key"))
        if self.by == TACTIC:
            return dict(self.filter.tactic_keys())
        return {}

    def _url(self, group: Group, keys: Mapping[int, str]) -> str:
        if group.key is None:
            return ""
        value = keys.get(group.key, str(group.key))
        name = {FUND: "fund", PARTNER: "partner", REGION: "region", TACTIC: "tactic"}[self.by]
        return reverse("mdf:trail") + self.filter.query_string(**{"by": None, "funds": None, name: value})

    @property
    def chart(self) -> Bars:
        """What is committed, by row: spent and reserved."""
        groups = [group for group in self.found.groups if group.figures.spent or group.figures.reserved]
        groups.sort(key=lambda group: -(group.figures.spent + group.figures.reserved))
        bars = tuple(
            Bar(self._name(group), group.figures.spent + group.figures.reserved) for group in groups[:MOST_BARS]
        )
        title = _("Spent and reserved by %(what)s, %(currency)s") % {
            "what": self.heads.lower(),
            "currency": self.found.currency,
        }
        return Bars(id="mdf-spent", title=title, bars=bars, formatter=whole, value_name=_("Spent and reserved"))

    # ── How long things take ─────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def payments(self) -> overview.Payment:
        return overview.payments(self.lines, today() - dt.timedelta(days=YEAR))

    @property
    def pays_in(self) -> tuple[str, str]:
        """(middle of the days from claim to payment, what it is of)."""
        found = self.payments
        if found.median is None or found.most is None:
            return "–", _("nothing was paid in twelve months")
        words = _("nine of ten within %(days)s days, %(n)s paid in twelve months")
        return showing.days(found.median), words % {"days": showing.days(found.most), "n": found.paid}

    @cached_property
    def age_groups(self) -> list[overview.Age]:
        return overview.ages(self.lines)

    @property
    def ages(self) -> list[tuple[str, int, int]]:
        """(days since it was submitted, requests, claims) that wait for a decision."""
        return [
            (_("%(a)s to %(b)s days") % {"a": age.least, "b": age.most} if age.most is not None else _("over %(a)s days") % {"a": age.least - 1}, age.requests, age.claims)
            for age in self.age_groups
        ]  # fmt: skip

    # ── The workbook ─────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def file_name(self) -> str:
        return _("MDF overview")

    @property
    def total_rows(self) -> int:
        return len(self.found.groups)

    def sheets(self) -> list[Table]:
        money = [_("Budget"), _("Allocated"), _("Available"), _("Expiring"), _("Expired"), _("Asked"), _("Approved"), _("Reserved"), _("Spent"), _("Paid")]  # fmt: skip
        columns = [
            tables.Column(self.heads), tables.Column(_("Currency")), *(tables.Column(title, Kind.MONEY) for title in money),
            tables.Column(_("Use"), Kind.PERCENT), tables.Column(_("ROI"), Kind.DECIMAL),
        ]  # fmt: skip
        groups = [*self.found.groups, Group(0, _("Total"), self.found.total)]
        return [Table(self.file_name, columns, [self._record(group) for group in groups])]

    def _record(self, group: Group) -> list[Any]:
        figures, currency = group.figures, self.found.currency
        amounts = [
            figures.credited, figures.allocated, figures.available, figures.expiring, figures.expired, figures.asked,
            figures.approved, figures.reserved, figures.spent, figures.paid,
        ]  # fmt: skip
        use = None if figures.use is None else rounded(figures.use * 100, 1)
        roi = None if figures.roi is None else rounded(figures.roi, 1)
        return [
            self._name(group),
            currency,
            *(None if each is None else Money(each, currency) for each in amounts),
            use,
            roi,
        ]


def share(value: Fraction | None) -> str:
    return "–" if value is None else format_percent(rounded(value * 100, 0))
