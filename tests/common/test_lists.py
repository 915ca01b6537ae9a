"""Lists and their filters, apart from any tool: sorting, paging, files, and the file made in the background."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import QueryDict
from django.urls import reverse
from openpyxl import load_workbook

from accounts.permissions import Role
from prm.common import jobs, lists
from prm.common.filters import FilterForm, MenuField
from prm.common.lists import Column, Listing, shown_value
from prm.common.merging import blame
from prm.common.models import Holiday, Job
from prm.common.money import Money
from prm.documents.table import Kind
from prm.tenancy.tasks import HEADER

COLUMNS = [
    Column("name", "Name", lambda row: row.name, sort=("name",), heads_row=True),
    Column("on", "Date", lambda row: row.on, Kind.DATE, sort=("on",)),
    Column("days", "Days", lambda row: len(row.name), Kind.INTEGER),
    Column("id", "Id", lambda row: row.pk, shown=False),
]


@pytest.fixture
def holidays(acme):
    Holiday.objects.all().delete()
    for number in range(12):
        Holiday.objects.create(on=dt.date(2026, 12, 31) - dt.timedelta(days=number), name=f"Day {number:02}")


def listing(query="", **kwargs):
    return Listing(
        Holiday.objects.all(), COLUMNS, QueryDict(query), name="Holidays", default="name", page_size=5, **kwargs
    )


def names(query=""):
    return [row.name.split()[-1] for row in listing(query).page]


def test_the_page_asked_for_and_the_nearest_when_it_is_not_there(holidays):
    assert names() == names("page=1") == names("page=x") == ["00", "01", "02", "03", "04"]
    assert names("page=3") == names("page=99") == ["10", "11"]
    assert listing("page=2").page.paginator.count == 12


def test_sorted_as_the_address_says_or_as_usual(holidays):
    assert names("sort=-name")[0] == "11"
    assert names("sort=on")[0] == "11"
    for unknown in ("sort=id", "sort=days", "sort=on__year", "sort=--name", "sort=%00"):
        assert names(unknown)[0] == "00"


def test_a_cell_is_shown_as_its_kind_is_read(holidays):
    cells = str(listing().page.object_list[0].cells)
    assert cells.startswith('<th scope="row">')
    assert 'class="num" data-label="Days"' in cells
    assert "Id" not in cells


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (None, Kind.TEXT, "–"),
        ("", Kind.TEXT, "–"),
        (0, Kind.INTEGER, "0"),
        (12345, Kind.INTEGER, "12,345"),
        (Decimal("12.34"), Kind.DECIMAL, "12.3"),
        (Decimal("94.4"), Kind.PERCENT, "94%"),
        (Money(Decimal("1234.5"), "EUR"), Kind.MONEY, "EUR 1,234.50"),
        ("<b>", Kind.TEXT, "<b>"),
    ],
)
def test_values_as_people_read_them(value, kind, shown):
    assert shown_value(value, kind) == shown


def test_markup_in_a_value_is_escaped(acme):
    Holiday.objects.create(on=dt.date(2027, 1, 1), name="<b>x</b>")
    (row,) = listing("page=1").page
    assert "&lt;b&gt;x" in row.cells


def test_files_hold_every_row_and_every_column(holidays):
    content = listing("page=2&sort=-name").file("csv").decode()
    lines = content.splitlines()
    assert len(lines) == 13
    assert lines[0] == "\ufeffName,Date,Days,Id"
    assert lines[1].startswith("Day 11,2026-12-20,6,")
    sheet = load_workbook(io.BytesIO(listing().file("xlsx"))).active
    assert [cell.value for cell in sheet[1]] == ["Name", "Date", "Days", "Id"]
    assert sheet.max_row == 13
    assert sheet["B2"].value.date() == dt.date(2026, 12, 31)


@pytest.fixture
def long_list(acme, monkeypatch):
    """The list of partners taken for a long one."""
    monkeypatch.setattr(lists, "DIRECT_ROWS", 1)
    return reverse("partners:export", args=["csv"])


def run(job: Job) -> Job:
    jobs.run_job.apply(args=(str(job.pk),), headers={HEADER: connection.schema_name}, throw=True)
    job.refresh_from_db()
    return job


def content(job: Job) -> str:
    with job.result_file.open("rb") as file:
        return file.read().decode()


def test_a_long_file_is_made_in_the_background_for_its_reader_only(acme, client_for, long_list):
    client = client_for(acme.users[Role.OPERATIONS])
    asked = client.get(f"{long_list}?tier=gold&sort=-name")
    assert "Prepare the CSV" in asked.content.decode()
    assert not Job.objects.exists()
    answer = client.post(f"{long_list}?tier=gold&sort=-name")
    job = run(Job.objects.get())
    assert answer["Location"] == reverse("common:job", args=[job.pk])
    assert (job.state, job.title) == (Job.State.DONE, "Partners: 2 rows as CSV")
    rows = content(job).splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["Northwind ACME-A", "Fabrikam ACME-B"]
    other = client_for(acme.users[Role.CAM]).get(reverse("common:job_file", args=[job.pk]))
    assert other.status_code == 404


def test_the_background_sees_what_its_owner_sees_when_it_runs(acme, client_for, long_list, monkeypatch):
    cam = acme.users[Role.CAM]
    acme.partner_b.cover = cam
    acme.partner_b.save()
    client_for(cam).post(long_list)
    acme.partner_b.cover = None
    acme.partner_b.save()
    file = content(run(Job.objects.get()))
    assert "ACME-A" in file
    assert "ACME-B" not in file


# ── Filters ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Sizes(FilterForm):
    size = MenuField(label="Size", choices=[("s", "Small"), ("l", "Large")])
    q = forms.CharField(label="Search", required=False)

    def narrow(self, queryset):
        return queryset.filter(name__contains=self.cleaned_data["q"])


def test_the_address_of_a_filter_and_its_changes():
    chosen = Sizes(QueryDict("size=s&size=l&q=a%26b&page=4&sort=-on&other=1"))
    assert chosen.query_string() == "?size=s&size=l&q=a%26b&sort=-on"
    assert chosen.query_string(size="s", q=None) == "?size=s&sort=-on"
    assert chosen.query_string(size=[], q="", sort=None) == ""
    assert chosen.query_string(more=3) == "?size=s&size=l&q=a%26b&sort=-on&more=3"


def test_a_filter_takes_a_plain_dict_and_forgets_empty_values():
    assert Sizes({"size": ["s"], "q": ""}).active == {"size": ["s"]}
    assert Sizes(QueryDict("size=&q=%20&size=s")).active == {"size": ["s"]}


def test_a_filter_with_a_mistake_finds_nothing_and_says_why(holidays):
    chosen = Sizes(QueryDict("size=xl"))
    assert not chosen.apply(Holiday.objects.all()).exists()
    assert chosen.errors == {"size": ["“xl” is not among the choices. It may have been removed."]}
    assert chosen.chips[0].url == "?"
    assert Sizes(QueryDict("q=Day")).apply(Holiday.objects.all()).count() == 12


def test_the_box_says_what_is_chosen_and_names_itself():
    html = str(Sizes(QueryDict("size=l"))["size"])
    assert '<span class="visually-hidden">Size: </span>' in html
    assert ">Large</span>" in html
    assert html.count("checked") == 1


def test_a_refusal_stands_at_its_field_or_above_the_form():
    form = Sizes(QueryDict("q=a"))
    assert form.is_valid()
    blame(form, ValidationError({"q": ["Not that."], "elsewhere": ["Nor this."]}))
    blame(form, ValidationError("At all."))
    assert form.errors["q"] == ["Not that."]
    assert form.non_field_errors() == ["Nor this.", "At all."]
