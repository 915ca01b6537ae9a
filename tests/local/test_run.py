"""`make run`: the processes are kept up, named when they fall, and all stopped at the end."""

import re
import signal
import socket
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

from prm.local.binaries import LocalError
from prm.local.processes import free_port
from prm.local.run import Child, Told, _keep_running, run
from tests.local.conftest import Launch


def test_a_process_that_keeps_falling_is_named_with_its_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    falling = [sys.executable, "-c", "print('out of cheese', flush=True); raise SystemExit(3)"]
    child = Child("worker", falling, tmp_path / "worker.log")
    child.start({})
    with pytest.raises(LocalError, match="worker will not stay up"):
        _keep_running([child], {}, Told())
    shown = capsys.readouterr().err
    assert "worker ended (3)" in shown
    assert "out of cheese" in shown
    assert len(child.starts) == 4


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(LocalError, match=f"Port {port} is taken"):
            run(tmp_path / "state")
    assert not (tmp_path / "state").exists()


@pytest.mark.full
def test_from_nothing_to_a_login_page_and_back(launch: Launch, environment: dict[str, str]) -> None:
    port = free_port()
    process = launch("run", PORT=str(port), DJANGO_SETTINGS_MODULE="prm.settings.dev")
    assert process.stdout
    seen = ""
    while "Ctrl-C stops everything" not in seen:
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        seen += line
    host = re.search(rf"http://([a-z0-9-]+\.localhost):{port}", seen)
    assert host, seen
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/", headers={"Host": f"{host.group(1)}:{port}"})
    assert connection.getresponse().status in (200, 302)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    with pytest.raises(ConnectionRefusedError):
        HTTPConnection("127.0.0.1", port, timeout=5).connect()
    assert not (Path(environment["PRM_STATE"]) / "pg" / "postmaster.pid").exists()
