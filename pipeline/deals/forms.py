"""Forms over deals. What they hold is written by `pipeline.deals.actions`."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from partners.forms import PartnerPick, date_input, option_text
from partners.models import Partner
from pipeline.deals import queries, rules
from pipeline.models import Customer, Deal, DealStage
from prm.common.currencies import MINOR_UNITS
from prm.common.merging import MergingMixin
from prm.common.vendor import today, vendor_settings

MOST_SHARES = 12
EMPTY_SHARES = 2
OPEN, LOST = DealStage.Outcome.OPEN, DealStage.Outcome.LOST
_SEEN = re.compile(r"(\d{1,18}):(\d{1,3}(?:\.\d{1,2})?)")


def plain(amount: Decimal) -> str:
    """Without the zeros the database adds."""
    return f"{amount.normalize():f}"


class DealForm(MergingMixin, forms.ModelForm):
    """A deal, new or as it stands; its stage is changed by a form of its own."""

    partner = forms.Field()  # put in its place below
    customer_name = forms.CharField(label=_("End customer"), required=False, max_length=200)
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in sorted(MINOR_UNITS)])

    SECTIONS = (
        (
            _("The deal"),
            ("partner", "name", "customer_name", "product_line", "kind", "led_by"),
        ),
        (_("What it is worth"), ("amount", "currency", "stage", "probability", "expected_close")),
        (_("Its days"), ("created_on", "registered_on", "closed_on", "lost_reason")),
    )

    class Meta:
        model = Deal
        fields = [
            "name", "product_line", "kind", "led_by", "amount", "currency", "stage", "probability", "expected_close",
            "created_on", "registered_on", "closed_on", "lost_reason",
        ]  # fmt: skip
        widgets = {
            "expected_close": date_input(),
            "created_on": date_input(),
            "registered_on": date_input(),
            "closed_on": date_input(),
        }

    def __init__(self, *args: Any, user: User, partner: Partner | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        day = today().isoformat()
        for name in ("created_on", "registered_on", "closed_on"):
            fields[name].widget.attrs["max"] = day
        fields["product_line"].empty_label = _("Not said")
        leader = self.instance.partner if self.instance.pk else partner
        if leader is None:
            fields["partner"] = PartnerPick("partner", user, None, label=_("Partner that leads it"))
            fields["partner"].required = True
            fields["partner"].error_messages["required"] = _("Say which partner leads the deal.")
        else:
            del fields["partner"]
            fields["customer_name"].widget.attrs |= {"list": "customer-options", "autocomplete": "off"}
            known = Customer.objects.visible_to(user).filter(partner=leader)
            self.customers = list(known.order_by("name").values_list("name", flat=True)[:500])
        if self.instance.pk:
            self._of_deal()
        else:
            self._new(day)

    customers: list[str] = []

    def _of_deal(self) -> None:
        fields: dict[str, Any] = self.fields
        del fields["stage"]
        self.initial["amount"] = plain(self.instance.amount)
        if self.instance.probability is not None:
            self.initial["probability"] = plain(self.instance.probability)
        self.initial["customer_name"] = self.instance.customer.name if self.instance.customer else ""
        outcome = self.instance.stage.outcome
        if outcome == OPEN:
            del fields["closed_on"]
        else:
            fields["closed_on"].required = True
            del fields["probability"]
        if outcome != LOST:
            del fields["lost_reason"]
        self.remember_shown()

    def _new(self, day: str) -> None:
        fields: dict[str, Any] = self.fields
        self.initial.setdefault("currency", vendor_settings().reporting_currency)
        self.initial.setdefault("created_on", day)
        self.initial.setdefault("stage", DealStage.objects.filter(outcome=OPEN).first())
        fields["stage"].empty_label = None
        fields["closed_on"].help_text = _("Of a deal that was won or lost already.")
        fields["lost_reason"].help_text = _("Of a lost deal.")

    @property
    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields as a person thinks of them: (heading, fields)."""
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in self.SECTIONS]

    def show_conflict(self, current: Any, clash: Mapping[str, Any], who: str) -> None:
        current.customer_name = current.customer.name if current.customer else ""
        current.amount = Decimal(plain(current.amount))
        told = {name: plain(value) if isinstance(value, Decimal) else value for name, value in clash.items()}
        super().show_conflict(current, told, who)

    def changed_meanwhile(self, current: Any) -> list[str]:
        current.customer_name = current.customer.name if current.customer else ""
        return super().changed_meanwhile(current)


class SharesForm(forms.Form):
    """Who a deal counts for: the leader's share, and a row for each other partner. Empty rows count for nobody.

    Of partners the person doesn't see only the percent is known (`hidden`); it stays.
    """

    own = forms.DecimalField(
        label=_("Share of the partner that leads, %"),
        required=False,
        min_value=Decimal("0.01"),
        max_value=rules.WHOLE,
        max_digits=5,
        decimal_places=2,
        help_text=_("Leave it empty for what the others leave."),
    )
    seen = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, user: User, deal: Deal | None = None) -> None:
        self.deal, self.hidden = deal, Decimal(0)
        others: list[tuple[Partner, Decimal]] = []
        initial: dict[str, Any] = {}
        if deal is not None:
            for partner, percent in queries.shares(deal, user):
                if partner is None:
                    self.hidden += percent
                elif partner.pk == deal.partner_id:
                    initial["own"] = plain(percent)
                else:
                    others.append((partner, percent))
            shown = {
                pk: percent
                for pk, percent in queries.share_map(deal).items()
                if pk in {deal.partner_id, *(row[0].pk for row in others)}
            }
            initial["seen"] = ",".join(f"{pk}:{plain(percent)}" for pk, percent in sorted(shown.items()))
        super().__init__(data, prefix="shares", initial=initial)
        rows = max(len(others) + EMPTY_SHARES, self._posted_rows())
        self.rows = min(rows, max(MOST_SHARES, len(others) + EMPTY_SHARES))
        for number in range(self.rows):
            kept = others[number][0] if number < len(others) else None
            name = f"partner{number}"
            picked = PartnerPick(f"shares-{name}", user, kept, label=_("Another partner"))
            self.fields[name] = picked
            self.fields[f"percent{number}"] = forms.DecimalField(
                label=_("Its share, %"),
                required=False,
                min_value=Decimal("0.01"),
                max_value=rules.WHOLE,
                max_digits=5,
                decimal_places=2,
            )
            if kept is not None:
                self.initial[name], self.initial[f"percent{number}"] = option_text(kept), plain(others[number][1])

    def _posted_rows(self) -> int:
        numbers = [int(found[1]) for name in self.data if (found := re.fullmatch(r"shares-partner(\d{1,2})", name))]
        return max(numbers, default=-1) + 1

    @property
    def is_split(self) -> bool:
        """Whether there is more to see than that the leader has it all."""
        return self.is_bound or bool(self.hidden) or self.rows > EMPTY_SHARES

    @property
    def lines(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """(partner, percent) of each row."""
        return [(self[f"partner{number}"], self[f"percent{number}"]) for number in range(self.rows)]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        taken = set()
        for number in range(self.rows):
            partner, percent = values.get(f"partner{number}"), values.get(f"percent{number}")
            if f"partner{number}" in self.errors or f"percent{number}" in self.errors:
                continue
            if partner is None and percent is not None:
                self.add_error(f"partner{number}", _("Say whose share this is."))
            elif partner is not None and percent is None:
                self.add_error(f"percent{number}", _("Say how much of the deal is this partner’s."))
            elif partner is not None and partner.pk in taken:
                self.add_error(f"partner{number}", _("This partner is in the list already."))
            if partner is not None:
                taken.add(partner.pk)
        return values

    @property
    def others(self) -> dict[int, Decimal]:
        """Partner → percent, of the rows filled in."""
        values = self.cleaned_data
        pairs = [(values.get(f"partner{number}"), values.get(f"percent{number}")) for number in range(self.rows)]
        return {partner.pk: percent for partner, percent in pairs if partner is not None and percent is not None}

    def shares(self, leader: Partner) -> dict[int, Decimal]:
        """Partner → percent, the hidden ones left out."""
        own = self.cleaned_data.get("own")
        if own is None:
            own = rules.rest_for_leader([*self.others.values(), self.hidden])
        if leader.pk in self.others:
            raise ValidationError({"shares": _("The partner that leads the deal has its own share already.")})
        return {leader.pk: own, **self.others}

    @property
    def was_seen(self) -> dict[int, Decimal] | None:
        """The shares the person was shown; None where that can't be told."""
        pairs = _SEEN.findall(self.cleaned_data.get("seen", ""))
        return {int(pk): Decimal(percent) for pk, percent in pairs} or None


class MoveForm(forms.Form):
    """To another stage, from a day on; a lost deal with its reason."""

    stage = forms.ModelChoiceField(DealStage.objects.none(), label=_("To stage"), empty_label=None)
    on = forms.DateField(label=_("On"), widget=date_input())
    lost_reason = forms.CharField(
        label=_("Why lost"), required=False, max_length=300, help_text=_("For a lost deal only.")
    )
    seen = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, deal: Deal, to: str = "") -> None:
        """`to`: the id of the stage that is chosen to begin with, as an address says it."""
        day = today()
        others = DealStage.objects.exclude(pk=deal.stage_id)
        after = others.filter(order__gte=deal.stage.order, outcome=OPEN).first() or others.filter(outcome="won").first()
        chosen = after if deal.stage.outcome == OPEN else others.filter(outcome=OPEN).first()
        if to.isascii() and to.isdecimal() and len(to) < 19:
            chosen = others.filter(pk=int(to)).first() or chosen
        super().__init__(
            data, prefix="move", initial={"stage": chosen or others.first(), "on": day, "seen": deal.stage_id}
        )
        stage: Any = self.fields["stage"]
        stage.queryset = DealStage.objects.all() if data is not None else others
        self.fields["on"].widget.attrs |= {"max": day.isoformat(), "min": deal.stage_since.isoformat()}


class BoardMoveForm(forms.Form):
    """A card put into another column. `query` is the board's filter, to come back to."""

    stage = forms.ModelChoiceField(DealStage.objects.all())
    seen = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    query = forms.CharField(required=False, max_length=4000)
