import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from prm.common.filters import FilterForm, MenuField
from prm.pages.forms import DateInput
from prm.webhooks import addresses, news
from prm.webhooks.models import Delivery


class EndpointForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("The system that listens there: “CRM”."))
    url = forms.CharField(
        label=_("Address"),
        max_length=addresses.LONGEST,
        widget=forms.URLInput(attrs={"placeholder": "https://", "spellcheck": "false"}),
        help_text=_("Begins with https:// and is on the public internet."),
    )
    kinds = forms.MultipleChoiceField(label=_("Tell it of"), widget=forms.CheckboxSelectMultiple)
    contact = forms.EmailField(
        label=_("Mail to"), help_text=_("Who hears of it when nothing arrives there any more and it is switched off.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (kind.key, format_html('{} <code class="muted small">{}</code>', kind.label, kind.key))
            for kind in news.kinds()
        ]
        self.fields["kinds"].choices = choices


class SinceForm(forms.Form):
    since = forms.DateField(label=_("From"), widget=DateInput())

    def clean_since(self) -> dt.date:
        # The log goes back a month; a day before every time zone began has no moment.
        return max(self.cleaned_data["since"], dt.date(2000, 1, 1))

    def moment(self) -> dt.datetime:
        """The beginning of the day, in the reader's time zone."""
        return timezone.make_aware(dt.datetime.combine(self.cleaned_data["since"], dt.time.min))


class DeliveryFilter(FilterForm):
    state = MenuField(label=_("State"), choices=Delivery.State.choices)
    kind = MenuField(label=_("What"))
    since = forms.DateField(label=_("From"), required=False, widget=DateInput())
    until = forms.DateField(label=_("To"), required=False, widget=DateInput())

    def __init__(self, data: Any, *, rows: QuerySet[Delivery]) -> None:
        super().__init__(data)
        sent = rows.order_by("kind").values_list("kind", flat=True).distinct()
        fields: Any = self.fields
        fields["kind"].choices = [(key, news.label(key)) for key in sent]

    def narrow(self, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        data = self.cleaned_data
        if data["state"]:
            queryset = queryset.filter(state__in=data["state"])
        if data["kind"]:
            queryset = queryset.filter(kind__in=data["kind"])
        if data["since"]:
            queryset = queryset.filter(created_at__date__gte=data["since"])
        if data["until"]:
            queryset = queryset.filter(created_at__date__lte=data["until"])
        return queryset
