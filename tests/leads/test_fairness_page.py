"""The fairness report as a page: each figure leads to exactly its leads, and the workbook says the same."""

import datetime as dt
import io

import openpyxl
import pytest
from django.http import QueryDict
from django.utils import timezone

from accounts.permissions import Role
from leads import actions
from leads.fairness_page import FairnessPage, span_words
from leads.models import LeadSource
from leads.tables import lead_listing
from tests.leads.given import direct, held, waiting


@pytest.fixture
def given_out(acme):
    """Two months, two sources, every grade, every holder; one lead closed."""
    event = LeadSource.objects.get(key="event")
    before = timezone.now() - dt.timedelta(days=40)
    held(acme, "One")
    lead = held(acme, "Two", score=30)
    actions.disqualified(by=acme.users_a[Role.PARTNER_SELLER], lead=lead, reason="No budget")
    held(acme, "Three", partner=acme.partner_b, score=60, source=event)
    direct(acme, "Four")
    waiting(acme, "Five", score=10, source=event)
    waiting(acme, "Six", at=before)
    return acme


def of(user, query=""):
    return FairnessPage(user, QueryDict(query))


def test_each_figure_is_the_number_of_the_leads_it_leads_to(given_out):
    user = given_out.users[Role.OPERATIONS]
    page = of(user)
    lines = [*page.by_month, *page.by_source]
    assert len(lines) == 4
    seen = 0
    for line in lines:
        for figure in (*line.partners, *line.direct, line.waiting):
            query = QueryDict(figure.url.partition("?")[2])
            assert lead_listing(user, query).total == figure.leads, figure.url
            seen += figure.leads
    assert seen == 2 * page.total == 12
    for _label, shown, _note, url in page.tiles:
        assert lead_listing(user, QueryDict(url.partition("?")[2])).total == int(shown)


def test_the_filter_narrows_figures_and_what_they_lead_to(given_out):
    user = given_out.users[Role.OPERATIONS]
    page = of(user, "source=event")
    assert page.total == 2
    assert [line.name for line in page.by_source] == ["Event"]
    assert "source=event" in page.tiles[0][3]
    assert of(user, "since=2020-01-01&until=2020-02-01").total == 0


def test_the_page_says_it_and_what_cant_be_understood(given_out, client_for):
    client = client_for(given_out.users[Role.CHIEF])
    page = client.get("/leads/fairness/").content.decode()
    for words in ("3 of 3", "50% of 6", "1 of 2 partners", "Partners", "Queue", "fairness-months"):
        assert words in page
    wrong = client.get("/leads/fairness/?since=yesterday").content.decode()
    assert "This filter can’t be understood" in wrong


def test_a_cam_sees_the_figures_of_its_partners_alone(given_out):
    page = of(given_out.users[Role.CAM])
    assert {cell.to for cell in page.found.cells} == {"partner"}
    assert page.total == 2
    assert page.found.partners == 1


def test_the_workbook_holds_what_was_made_and_every_cell(given_out, client_for):
    response = client_for(given_out.users[Role.OPERATIONS]).get("/leads/fairness/xlsx/")
    book = openpyxl.load_workbook(io.BytesIO(response.getvalue()))
    made, cells = book.worksheets
    rows = list(made.iter_rows(values_only=True))
    assert rows[0][:5] == ("Held by", "Grade", "Given", "Offers answered or run out", "Accepted")
    assert rows[1][:5] == ("Partners", "All", 3, 3, 3)
    assert sum(row[4] for row in cells.iter_rows(min_row=2, values_only=True)) == 6


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (None, "–"),
        (dt.timedelta(minutes=29, seconds=40), "0 h 30 min"),
        (dt.timedelta(hours=23, minutes=59), "23 h 59 min"),
        (dt.timedelta(days=2, hours=3, minutes=50), "2 d 3 h"),
    ],
)
def test_times_in_words(span, words):
    assert span_words(span) == words
