"""Forms over funds. What they hold is written by `mdf.actions`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from marketing.models import Tactic
from mdf.models import Account, Fund
from mdf.queries.funds import accounts
from partners.forms import PartnerPick, date_input
from partners.models import Region
from pipeline.forms import AmountField, currency_field
from prm.common.fiscal import FiscalYear
from prm.common.money import minor_units
from prm.common.templatetags.numbers import format_money
from prm.common.vendor import fiscal_calendar, today, vendor_settings

MOST = Decimal("999999999999.99")


def _reason(*, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=_("Reason"), max_length=500, required=required, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept in the ledger. The partner doesn’t see it."),
    )  # fmt: skip


def _amount(label: Any = None, *, least: Decimal | None = Decimal(0), **kwargs: Any) -> AmountField:
    return AmountField(
        label=label or _("Amount"), min_value=least, max_value=MOST, max_digits=16, decimal_places=3, **kwargs
    )


class PercentField(AmountField):
    """A share, typed and shown as percent, that stands for a fraction: 2.5 is 0.025."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=Decimal(0), max_value=Decimal(100), max_digits=7, decimal_places=4, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value(value * 100) if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Any:
        percent = super().clean(value)
        return percent / 100 if percent is not None else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class RulesForm(forms.ModelForm):
    """The name and rules of a fund."""

    share = PercentField(label=_("Share paid back, %"), help_text=_("Of what an activity cost, by its receipts."))
    accrual_rate = PercentField(
        label=_("Accrues, %"), required=False, help_text=_("Of each partner’s results of a month, once it is over.")
    )
    minimum_roi = AmountField(
        label=_("Least ROI asked"), required=False, min_value=Decimal(0), max_value=Decimal(10_000), decimal_places=2,
        help_text=_("Forecast. 3 asks that each unit of MDF brings four. Empty: none is asked."),
    )  # fmt: skip
    tactics = forms.ModelMultipleChoiceField(
        Tactic.objects.none(), label=_("Eligible tactics"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all are."),
    )  # fmt: skip

    class Meta:
        model = Fund
        fields = [
            "name", "kind", "expires_on", "claim_days", "share", "minimum_roi", "accrual_rate", "accrual_months",
            "needs_signed_plan", "tactics",
        ]  # fmt: skip
        widgets = {"expires_on": date_input()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        taken = self.instance.tactics.all() if self.instance.pk else Tactic.objects.none()
        fields["tactics"].queryset = (Tactic.objects.filter(active=True) | taken).distinct().order_by("order", "id")
        fields["expires_on"].help_text = _("The last day on which its money can be reserved.")
        fields["claim_days"].help_text = _("After an activity’s end.")
        fields["accrual_months"].help_text = _("After its month. Empty: as long as the fund.")

    def _post_clean(self) -> None:
        """Left to the action, which checks what is saved; the form keeps what was typed."""

    SECTIONS = (
        (_("The fund"), ("name", "period", "currency", "budget", "kind", "expires_on")),
        (_("What it pays"), ("share", "minimum_roi", "claim_days")),
        (_("Accrual"), ("accrual_rate", "accrual_months", "needs_signed_plan")),
    )

    @property
    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields as a person thinks of them: (heading, fields)."""
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in self.SECTIONS]


class FundForm(RulesForm):
    """A new fund."""

    period = forms.ChoiceField(label=_("Fiscal period"))
    currency = currency_field()
    budget = _amount(_("Budget"), required=False, help_text=_("May be empty where partners only accrue."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year = fiscal_calendar().year_of(today())
        fields: dict[str, Any] = self.fields
        fields["period"].choices = [choice for each in (year, year.next) for choice in _periods(each)]
        fields["expires_on"].required = False
        fields["expires_on"].help_text = _(
            "The last day to reserve its money. Empty: that of the period, too early for what partners accrue in its last month."
        )
        usual = {
            "period": year.key,
            "currency": vendor_settings().reporting_currency,
            "share": Fund._meta.get_field("share").default,
        }
        self.initial = usual | dict(self.initial)


def _periods(year: FiscalYear) -> list[tuple[str, str]]:
    return [(period.key, period.label) for period in (year, *year.halves, *year.quarters)]


class BudgetForm(forms.Form):
    amount = _amount(least=None, help_text=_("More; negative for a cut."))
    reason = _reason()


class AllocateForm(forms.Form):
    """To a region, or to a partner, or to a distributor for the partners it covers."""

    region = forms.ModelChoiceField(Region.objects.all(), label=_("Region"), required=False, empty_label="–")
    amount = _amount()
    expires_on = forms.DateField(
        label=_("Expires on"), required=False, widget=date_input(), help_text=_("Before the fund does; else with it.")
    )
    reason = _reason(required=False)

    def __init__(self, *args: Any, fund: Fund, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["partner"] = PartnerPick("partner", user, None, label=_("Partner"))
        fields["distributor"] = PartnerPick(
            "distributor", user, None, label=_("Distributor"), help_text=_("For the partners it covers.")
        )
        fields["expires_on"].widget.attrs["max"] = fund.expires_on.isoformat()
        self.order_fields(["partner", "region", "distributor", "amount", "expires_on", "reason"])

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = self.cleaned_data
        if not self.errors and sum(found.get(name) is not None for name in ("partner", "region", "distributor")) != 1:
            raise forms.ValidationError(_("Choose one: a partner, a region or a distributor."))
        return found


class TransferForm(forms.Form):
    """Between what isn't allocated, a region's or distributor's account, and those of partners, who are named."""

    source = forms.ChoiceField(label=_("From"), required=False)
    target = forms.ChoiceField(label=_("To"), required=False)
    amount = _amount()
    reason = _reason()

    def __init__(self, *args: Any, fund: Fund, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen = accounts(user, fund)
        self.shared = {str(account.pk): account for account in accounts(user, fund, shared=True)}
        choices = [("", _("A partner")), *((pk, f"{account}: {left(account)}") for pk, account in self.shared.items())]
        fields: dict[str, Any] = self.fields
        for name in ("source", "target"):
            fields[name].choices = choices
            fields[f"{name}_partner"] = PartnerPick(
                f"{name}_partner", user, None, label=_("From partner") if name == "source" else _("To partner")
            )
        self.order_fields(["source", "source_partner", "target", "target_partner", "amount", "reason"])

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = self.cleaned_data
        for name in ("source", "target"):
            partner, chosen = found.pop(f"{name}_partner", None), found.get(name)
            if f"{name}_partner" in self.errors or name in self.errors:
                continue
            if bool(chosen) == (partner is not None):
                self.add_error(name, _("Choose an account, or name a partner."))
                continue
            account = self.shared[chosen] if chosen else self.seen.filter(partner=partner).first()
            if account is None:
                self.add_error(f"{name}_partner", _("Nothing is allocated to this partner yet: allocate instead."))
            found[name] = account
        return found


class ReverseForm(forms.Form):
    reason = _reason()


def left(account: Account) -> str:
    """What is available, with its currency."""
    places = minor_units(account.fund.currency)
    return format_money(account.fund.money(round(account.available, places)))
