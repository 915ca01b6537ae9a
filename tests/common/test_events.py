from dataclasses import dataclass

import pytest
from django.db import transaction

from prm.common import events


@dataclass(frozen=True)
class Happened(events.Event):
    number: int


@pytest.fixture
def heard(monkeypatch):
    monkeypatch.setitem(events._handlers, Happened, [])
    numbers: list[int] = []
    events.on(Happened)(lambda event: numbers.append(event.number))
    return numbers


def test_news_is_told_once_the_change_is_committed(db, heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        events.send(Happened(1))
        assert heard == []
    assert heard == [1]


def test_of_a_rolled_back_change_nothing_is_told(db, heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        events.send(Happened(1))
        transaction.set_rollback(True)
    assert heard == []


def test_a_handler_that_fails_stops_no_other(db, heard, django_capture_on_commit_callbacks, caplog):
    @events.on(Happened)
    def broken(event: Happened) -> None:
        raise ZeroDivisionError

    last: list[int] = []
    events.on(Happened)(lambda event: last.append(event.number))
    with django_capture_on_commit_callbacks(execute=True):
        events.send(Happened(2))
    assert (heard, last) == ([2], [2])
    assert "broken" in caplog.text
