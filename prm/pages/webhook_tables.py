"""The log of an endpoint: what was sent, and how it went."""

from typing import Any

from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from prm.common.lists import Column, Listing
from prm.documents.table import Kind
from prm.pages.webhook_forms import DeliveryFilter
from prm.webhooks import news, queries
from prm.webhooks.models import Delivery, Endpoint


def _when(row: Delivery) -> str:
    # The exact time: who reads a log compares.
    return format_html(
        '<a class="row-link nowrap" href="{}">{}</a>',
        reverse("settings:webhook_delivery", args=[row.pk]),
        date_format(localtime(row.created_at), "SHORT_DATETIME_FORMAT"),
    )


def _what(row: Delivery) -> SafeString:
    return format_html('{}<span class="cell-note">{}</span>', news.label(row.kind), row.kind)


def _state(row: Delivery) -> str:
    return render_to_string("common/webhook_state.html", {"delivery": row})


def _answer(row: Delivery) -> Any:
    return row.last_error or row.last_status


COLUMNS = (
    Column("at", _("When"), lambda r: r.created_at, Kind.DATETIME, cell=_when, sort=("created_at",), heads_row=True),
    Column("kind", _("What"), lambda r: news.label(r.kind), cell=_what, sort=("kind",)),
    Column("state", _("State"), lambda r: r.get_state_display(), cell=_state),
    Column("attempts", _("Attempts"), lambda r: r.attempts, Kind.INTEGER, sort=("attempts",)),
    Column("answer", _("Last answer"), _answer),
)


def listing(endpoint: Endpoint, query: QueryDict) -> Listing:
    rows = queries.deliveries(endpoint)
    chosen = DeliveryFilter(query, rows=rows)
    return Listing(chosen.apply(rows), COLUMNS, query, name=_("Messages"), default="-at", filter=chosen)
