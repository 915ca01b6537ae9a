"""`prm.local up -- COMMAND`: what it gives the command, what it leaves behind."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from prm.local.processes import poll
from prm.local.servers import SETTINGS
from tests.local.conftest import Launch

WRITE = """
import os, psycopg, redis
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 5000) AS n")
redis.Redis.from_url(os.environ["REDIS_URL"]).set("kept", "yes")
"""
READ = """
import os, psycopg, redis
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    rows = connection.execute("SELECT count(*) FROM kept").fetchone()[0]
print(rows, redis.Redis.from_url(os.environ["REDIS_URL"]).get("kept").decode())
"""
# Says where the servers are and waits for the end of its input.
WAIT = "import os, sys; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'], flush=True); sys.stdin.read()"


def python(code: str) -> tuple[str, ...]:
    return "up", "--", "python", "-c", code


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def waiting(launch: Launch, *arguments: str, **extra: str) -> tuple[subprocess.Popen[str], str, str]:
    """A launcher whose command is running, and the addresses of its servers."""
    process = launch(*(arguments or python(WAIT)), **extra)
    assert process.stdout
    database, cache = process.stdout.readline().split()
    return process, database, cache


def answers(database: str) -> bool:
    try:
        psycopg.connect(database).close()
    except psycopg.OperationalError:
        return False
    return True


def test_data_survive_a_restart(launch: Launch) -> None:
    assert finish(launch(*python(WRITE)))[0] == 0
    assert finish(launch(*python(READ)))[:2] == (0, "5000 yes\n")


def test_data_survive_the_launcher_being_killed(launch: Launch) -> None:
    process, _, _ = waiting(launch, *python(WRITE + WAIT))
    process.kill()
    process.wait()
    assert finish(launch(*python(READ)))[:2] == (0, "5000 yes\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_a_killed_launcher_leaves_nothing_running(launch: Launch) -> None:
    process, database, _ = waiting(launch)
    process.kill()
    process.wait()
    assert any(not answers(database) for _ in poll(30))


def test_servers_end_with_the_command(launch: Launch) -> None:
    process, database, cache = waiting(launch)
    assert answers(database)
    finish(process)
    assert not answers(database)
    with pytest.raises(redis.ConnectionError), redis.Redis.from_url(cache) as client:
        client.ping()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("python", "-c", "raise SystemExit(7)"), 7),
        (("python", "-c", "import os; os.kill(os.getpid(), 9)"), 128 + 9),
        (("no-such-command",), 127),
    ],
)
def test_exit_code_is_the_commands(launch: Launch, command: tuple[str, ...], code: int) -> None:
    assert finish(launch("up", "--", *command))[0] == code


def test_term_is_passed_on_and_all_stops(launch: Launch) -> None:
    process, database, _ = waiting(launch)
    process.send_signal(signal.SIGTERM)
    # `finish` would close the command's input first, which ends it too.
    assert process.wait(timeout=120) == 128 + signal.SIGTERM
    assert not answers(database)


def test_ctrl_c_twice_harms_nothing(launch: Launch) -> None:
    process, _, _ = waiting(launch, *python(WRITE + WAIT))
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    assert finish(process)[0] == 0
    assert finish(launch(*python(READ)))[:2] == (0, "5000 yes\n")


def test_second_launcher_is_refused_with_a_clear_line(launch: Launch, environment: dict[str, str]) -> None:
    first, _, _ = waiting(launch)
    code, _, errors = finish(launch("up", "--", "true"))
    assert code == 1
    assert errors == (
        f"Already running in {environment['PRM_STATE']} (process {first.pid}). "
        "Stop it first, or set PRM_STATE to another folder.\n"
    )


def test_reset_is_refused_while_running_then_empties_the_folder(launch: Launch, environment: dict[str, str]) -> None:
    first, _, _ = waiting(launch)
    code, _, errors = finish(launch("reset"))
    assert (code, errors.split(" (")[0]) == (1, f"Already running in {environment['PRM_STATE']}")
    finish(first)
    assert finish(launch("reset"))[0] == 0
    assert [path.name for path in Path(environment["PRM_STATE"]).iterdir()] == ["lock"]


def test_own_servers_are_used_when_the_environment_names_them(launch: Launch, environment: dict[str, str]) -> None:
    own = {"DATABASE_URL": "postgres://me@db.example/mine", "REDIS_URL": "redis://cache.example/3"}
    _, database, cache = waiting(launch, **own)
    assert {"DATABASE_URL": database, "REDIS_URL": cache} == own
    assert not (Path(environment["PRM_STATE"]) / "pg").exists()


def test_servers_ask_for_the_password(launch: Launch) -> None:
    _, database, cache = waiting(launch)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(database, password="wrong")
    port = urlsplit(cache).port
    with pytest.raises(redis.AuthenticationError), redis.Redis(port=port or 0, retry=Retry(NoBackoff(), 0)) as client:
        client.ping()


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads command lines from /proc")
def test_password_shows_in_no_command_line(launch: Launch) -> None:
    _, database, _ = waiting(launch)
    password = psycopg.conninfo.conninfo_to_dict(database)["password"]
    shown = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            shown.append(file.read_text(errors="replace"))
    assert any("valkey-server" in line for line in shown)
    assert not any(str(password) in line for line in shown)


def test_cluster_has_the_settings_many_schemas_need(launch: Launch) -> None:
    _, database, _ = waiting(launch)
    with psycopg.connect(database) as connection:
        shown = {name: connection.execute(f"SHOW {name}").fetchone() for name in SETTINGS}
        folded = connection.execute("SELECT lower('ÄÖ') , current_setting('server_encoding')").fetchone()
    assert shown == {name: (value,) for name, value in SETTINGS.items()}
    assert folded == ("äö", "UTF8")


def test_data_of_another_major_version_are_left_alone(launch: Launch, environment: dict[str, str]) -> None:
    finish(launch("up", "--", "true"))
    version = Path(environment["PRM_STATE"]) / "pg" / "PG_VERSION"
    version.write_text("9\n")
    code, _, errors = finish(launch("up", "--", "true"))
    assert code == 1
    assert "was made by PostgreSQL 9" in errors
    assert version.read_text() == "9\n"


def test_a_broken_throwaway_cluster_is_made_anew(launch: Launch, environment: dict[str, str]) -> None:
    fast = ("up", "--fast", "--", "python", "-c", "print('ran')")
    finish(launch(*fast))
    (Path(environment["PRM_STATE"]) / "pg" / "global" / "pg_control").unlink()
    assert finish(launch(*fast))[:2] == (0, "ran\n")


def test_stale_pid_file_of_an_unrelated_process_does_not_hinder(launch: Launch, environment: dict[str, str]) -> None:
    finish(launch("up", "--", "true"))
    (Path(environment["PRM_STATE"]) / "pg" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert finish(launch("up", "--", "true"))[0] == 0
