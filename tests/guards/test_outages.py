"""A real web server when PostgreSQL is restarted under it, and when Redis is away."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import pytest
from django.db import connection
from django.utils import timezone

from accounts.permissions import Role
from prm.common.models import Job
from prm.local import servers
from prm.local.binaries import postgres_bin
from prm.local.processes import free_port, poll, spawn, stop
from qbr import actions as qbrs
from qbr.models import Version
from tests.database import ROOT
from tests.world import PASSWORD, session_of

SECONDS = 60


def own_url() -> str:
    """The address of the test's own database."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit((parts.scheme, parts.netloc, f"/{connection.settings_dict['NAME']}", "", ""))


class Server:
    """gunicorn with one worker of two threads, and a browser that is signed in by a session's key."""

    def __init__(self, log: Path, **env: str) -> None:
        self.port, self.log = free_port(), log
        argv = [sys.executable, "-m", "gunicorn", "prm.wsgi:application", f"--bind=127.0.0.1:{self.port}"]
        argv += ["--worker-class=gthread", "--threads=2", "--no-control-socket"]
        more = {"DJANGO_SETTINGS_MODULE": "tests.guards.served_settings", **env}
        self.process = spawn(argv, env=os.environ | more, log=log, cwd=ROOT)
        for _ in poll(SECONDS, every=0.1):
            assert self.process.poll() is None, log.read_text()
            try:
                if self.send("GET", "/healthz")[0] == 200:
                    return
            except OSError:
                continue
        raise AssertionError(log.read_text())

    def send(
        self, method: str, path: str, *, session: str = "", form: dict[str, str] | None = None
    ) -> tuple[int, str, HTTPResponse]:
        """Status, body, and the answer itself for its headers. A form is sent with the token of the page at `path`."""
        headers = {"Host": "acme.localhost", "Cookie": f"sessionid={session}"}
        body = None
        if form is not None:
            _status, page, answer = self.send("GET", form.pop("page", path), session=session)
            token = re.search(r'name="csrf-token" content="([^"]+)"', page)
            cookie = re.search(r"csrftoken=(\w+)", str(answer.headers))
            assert token
            assert cookie, page
            headers["Cookie"] += f"; csrftoken={cookie.group(1)}"
            headers |= {"X-CSRFToken": token.group(1), "Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode(form)
        http = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            http.request(method, path, body=body, headers=headers)
            answer = http.getresponse()
            return answer.status, answer.read().decode(), answer
        finally:
            http.close()

    def stop(self) -> None:
        stop([self.process], (signal.SIGTERM, 10))


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def start(**env: str) -> Server:
        started.append(Server(tmp_path / "web.log", **env))
        return started[-1]

    yield start
    for server in started:
        server.stop()


def test_after_a_restart_of_postgresql_the_next_request_works(committed, serve, tmp_path, monkeypatch):
    port = free_port()
    monkeypatch.setattr(servers, "free_port", lambda: port)
    state = tmp_path / "state"
    state.mkdir()
    session = session_of(committed.users[Role.CAM])
    with servers.postgres(state, fast=True) as url:
        _copy_to(url)
        server = serve(DATABASE_URL=url)
        for _ in range(4):
            assert server.send("GET", "/partners/", session=session)[0] == 200
    status, page, _answer = server.send("GET", "/partners/", session=session)
    assert status == 500
    assert "<h1" in page
    with servers.postgres(state, fast=True):
        for _ in range(4):
            status, page, _answer = server.send("GET", "/partners/", session=session)
            assert status == 200
            assert "Northwind ACME-A" in page


def _copy_to(url: str) -> None:
    """The database into another server's."""
    tools = postgres_bin()
    with subprocess.Popen([tools / "pg_dump", own_url()], stdout=subprocess.PIPE) as dump:
        load = [tools / "psql", "-q", "-v", "ON_ERROR_STOP=1", url]
        subprocess.run(load, stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True)
    assert dump.returncode == 0


def test_while_redis_is_away_pages_work_and_buttons_say_what_is_wrong(committed, serve):
    admin = committed.users[Role.ADMIN]
    params = {"list": "partners", "kind": "csv", "query": ""}
    ended = {"state": "failed", "error": "It broke", "finished_at": timezone.now()}
    job = Job.objects.create(kind="lists.export", title="All partners", params=params, created_by=admin, **ended)
    server = serve(DATABASE_URL=own_url(), REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")

    credentials = {"login": admin.email, "password": PASSWORD}
    status, page, answer = server.send("POST", "/login/", form=credentials)
    assert status == 302, page
    session = re.search(r"sessionid=(\w+)", str(answer.headers)).group(1)
    for path in (
        "/",
        "/partners/",
        f"/partners/{committed.partner_a.pk}/",
        "/actions/",
        "/scorecards/",
        "/settings/users/",
        "/jobs/",
    ):
        status, page, _answer = server.send("GET", path, session=session)
        assert status == 200, path
        assert "Admin ACME" in page

    at_job = f"/jobs/{job.pk}/"
    assert server.send("POST", f"{at_job}again/", session=session, form={"page": at_job})[0] == 302
    status, page, _answer = server.send("GET", at_job, session=session)
    assert status == 200
    assert "The background service can&#x27;t be reached" in page
    assert "again" in page
    status, ready, _answer = server.send("GET", "/readyz")
    assert (status, '"redis": "away"' in ready, '"database": "ok"' in ready) == (503, True, True)


def test_while_redis_is_away_a_deck_is_not_begun_and_nothing_is_lost(committed, serve):
    cam, partner = committed.users[Role.CAM], committed.partner_a
    qbr = qbrs.start(partner=partner, by=cam)
    qbrs.change(qbr=qbr, by=cam, commentary={"glance": ["Ours to say."]})
    server = serve(DATABASE_URL=own_url(), REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    session = session_of(cam)
    deck, said = f"/qbr/{qbr.pk}/deck/", "The background service can&#x27;t be reached"

    for _click in range(2):  # it can be asked for again at once
        assert server.send("POST", f"/qbr/{qbr.pk}/build/", session=session, form={"page": deck})[0] == 302
        status, page, _answer = server.send("GET", deck, session=session)
        assert status == 200
        assert said in page
        assert "Build the deck" in page
        assert "hx-get" not in page  # it doesn't wait for what won't come
    jobs = Job.objects.filter(kind="qbr.build")
    assert {(job.state, job.created_by) for job in jobs} == {("failed", cam)}

    form = {"page": "/qbr/new/", "quarter": qbr.quarter}
    status, _page, answer = server.send("POST", "/qbr/build-all/", session=session, form=form)
    assert status == 302
    batch = answer.headers["Location"]
    status, page, _answer = server.send("GET", batch, session=session)
    assert status == 200
    assert said in page
    assert "Try again" in page

    qbr.refresh_from_db()
    assert (qbr.state, qbr.commentary) == ("draft", {"glance": ["Ours to say."]})
    assert not Version.everything.exists()
    assert server.send("GET", f"/qbr/{qbr.pk}/?slide=glance", session=session)[0] == 200
