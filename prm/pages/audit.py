"""The audit log: who did what, when, to what."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.access import vendor
from accounts.models import User
from accounts.permissions import Permission as P
from partners.models import Partner
from prm.common import audit, lists
from prm.common.filters import FilterForm, MenuField
from prm.common.lists import Column, Listing
from prm.common.models import AuditEntry
from prm.documents.table import Kind
from prm.pages.forms import DateInput

EXPORT = "settings.audit"
LONG = 80


class AuditFilter(FilterForm):
    q = forms.CharField(
        label=_("Object"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    person = forms.ChoiceField(label=_("Person"), required=False)
    verb = MenuField(label=_("What"))
    since = forms.DateField(label=_("From"), required=False, widget=DateInput())
    until = forms.DateField(label=_("To"), required=False, widget=DateInput())

    def __init__(self, data: Any, *, entries: QuerySet[AuditEntry]) -> None:
        super().__init__(data)
        distinct = entries.order_by()
        people = User.objects.filter(pk__in=distinct.values("actor")).order_by("name", "id")
        verbs = sorted((audit.say(verb), verb) for verb in distinct.values_list("verb", flat=True).distinct())
        fields: Any = self.fields
        fields["person"].choices = [
            ("", _("Anybody")), *((str(user.pk), user.display_name) for user in people), ("system", _("Cadence itself")),
        ]  # fmt: skip
        fields["verb"].choices = [(verb, words) for words, verb in verbs]

    def narrow(self, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        data = self.cleaned_data
        if data["q"]:
            queryset = queryset.filter(target_name__icontains=data["q"])
        if data["person"]:
            queryset = queryset.filter(actor=None if data["person"] == "system" else data["person"])
        if data["verb"]:
            queryset = queryset.filter(verb__in=data["verb"])
        if data["since"]:
            queryset = queryset.filter(at__date__gte=data["since"])
        if data["until"]:
            queryset = queryset.filter(at__date__lte=data["until"])
        return queryset


def entries_for(user: User) -> QuerySet[AuditEntry]:
    """What the reader may see of the log: a chief who is limited to regions, only lines about those regions' partners."""
    entries = AuditEntry.objects.all()
    if not user.region_limits.exists():
        return entries
    seen = Partner.objects.visible_to(user).order_by().values("pk")
    return entries.filter(partner_id__in=seen)


def _when(entry: AuditEntry) -> str:
    # The exact time: who reads a log compares.
    return format_html('<span class="nowrap">{}</span>', date_format(localtime(entry.at), "SHORT_DATETIME_FORMAT"))


def _changes(entry: AuditEntry) -> str:
    lines = [f"{field}: {_shown(old)} → {_shown(new)}" for field, (old, new) in entry.changes.items()]
    return "; ".join([*lines, *([entry.note] if entry.note else [])])


def _cell(entry: AuditEntry) -> SafeString | str:
    if len(entry.changes) + bool(entry.note) <= 1 and len(_changes(entry)) <= LONG:
        return _changes(entry) or "–"
    rows = format_html_join(
        "", "<li>{}: {} → {}</li>", ((f, _shown(a), _shown(b)) for f, (a, b) in entry.changes.items())
    )
    note = format_html("<li>{}</li>", entry.note) if entry.note else ""
    summary = ", ".join(entry.changes) or entry.note[:LONG]
    return format_html("<details><summary>{}</summary><ul>{}{}</ul></details>", summary, rows, note)


def _shown(value: Any) -> str:
    return "–" if value is None or value == "" else str(value)


COLUMNS = (
    Column("at", _("When"), lambda e: e.at, Kind.DATETIME, cell=_when, sort=("at",)),
    Column("person", _("Who"), lambda e: e.actor_name or str(_("Cadence")), sort=("actor_name",)),
    Column("verb", _("What"), lambda e: audit.say(e.verb)),
    Column("object", _("Object"), lambda e: e.target_name, sort=("target_name",)),
    Column("changes", _("Changes"), _changes, cell=_cell),
)


@lists.exportable(EXPORT)
def listing(user: User, query: QueryDict) -> Listing:
    entries = entries_for(user)
    found = AuditFilter(query, entries=entries).apply(entries)
    return Listing(found, COLUMNS, query, name=_("Audit log"), default="-at")


@vendor(P.SEE_AUDIT)
def log(request: HttpRequest) -> HttpResponse:
    form = AuditFilter(request.GET, entries=entries_for(request.user))
    context = {"form": form, "listing": listing(request.user, request.GET)}
    return render(request, "common/settings_audit.html", context)


@vendor(P.SEE_AUDIT)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, EXPORT, kind)
