"""`run`: the whole application on one machine, and an orderly end to it."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from prm.local.binaries import LocalError
from prm.local.processes import on_signals, poll, spawn, stop, tail
from prm.local.state import PROJECT, locked
from prm.local.up import services

WEB_SECONDS = 60
# A child that ends this often within RESTART_WINDOW seconds will not come right by starting it again.
RESTARTS, RESTART_WINDOW = 3, 60.0


@dataclass
class Child:
    """One of the application's processes, kept running."""

    name: str
    argv: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def start(self, env: dict[str, str]) -> None:
        self.starts.append(time.monotonic())
        self.process = spawn(self.argv, env=env, log=self.log, cwd=PROJECT)

    def ended(self) -> int | None:
        return self.process.poll() if self.process else None

    def keeps_ending(self) -> bool:
        return sum(at > time.monotonic() - RESTART_WINDOW for at in self.starts) > RESTARTS


class Told:
    """Whether Ctrl-C, TERM or HUP has come; a management command under way is ended by it."""

    to_stop = False
    command: subprocess.Popen[bytes] | None = None

    def __call__(self, number: int) -> None:
        if not self.to_stop:
            print("\nStopping …", flush=True)
        self.to_stop = True
        if self.command:
            self.command.terminate()


def run(state: Path, *, reload: bool = False) -> int:
    """Start the servers, bring the data up to date, keep web, worker and beat running until told to stop.

    Returns 0 after Ctrl-C, 1 when something did not start or would not stay up; its log is shown then.
    """
    port = int(os.environ.get("PORT", "8000"))
    _check_free(port)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings.dev")
    print("Starting PostgreSQL and Redis …", flush=True)
    with services(state) as env:
        env["PORT"] = str(port)
        told = Told()
        with on_signals(told):
            logins = _prepare(env, state, told)
            children = _children(state / "log", port, reload=reload)
            try:
                for child in children:
                    if not told.to_stop:
                        child.start(env)
                _wait_for_web(children[0], port, told)
                if not told.to_stop:
                    print(f"\n{logins}\nLogs are in {state / 'log'}. Ctrl-C stops everything.", flush=True)
                _keep_running(children, env, told)
            finally:
                told.to_stop = True
                # A job still running after 10 s is cut short; it is marked as interrupted and can be run again.
                stop([child.process for child in children if child.process], (signal.SIGTERM, 10), (signal.SIGQUIT, 5))
    return 0


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise LocalError(f"Port {port} is taken. Choose another one: PORT={port + 1} make run") from None


def _prepare(env: dict[str, str], state: Path, told: Told) -> str:
    """Migrate, collect static files, make the demo data; returns what the demo command says about signing in."""
    _manage(env, told, "migrate_vendors")
    _collect_static(env, state, told)
    return _manage(env, told, "demo")


def _manage(env: dict[str, str], told: Told, *command: str) -> str:
    """Run one management command: progress (stderr) goes to the terminal, its output is returned."""
    if told.to_stop:
        return ""
    told.command = spawn([sys.executable, "manage.py", *command], env=env, cwd=PROJECT, stdout=subprocess.PIPE)
    output = told.command.communicate()[0].decode()
    if told.command.returncode and not told.to_stop:
        raise LocalError(f"`manage.py {' '.join(command)}` failed; see above.\n{output}")
    return output


def _collect_static(env: dict[str, str], state: Path, told: Told) -> None:
    """Collect static files, which takes seconds, only when one of them or a package changed."""
    folders = [PROJECT / "static", *PROJECT.glob("*/static"), *PROJECT.glob("prm/*/static")]
    inputs = [file for folder in folders if folder != state / "static" for file in folder.rglob("*") if file.is_file()]
    inputs.append(PROJECT / "requirements" / "dev.txt")
    stats = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in sorted(inputs)]
    wanted = hashlib.sha256(repr(stats).encode()).hexdigest()
    stamp = state / "static.stamp"
    if not stamp.exists() or stamp.read_text() != wanted:
        _manage(env, told, "collectstatic", "--noinput", "--clear", "--verbosity=0")
        if not told.to_stop:
            stamp.write_text(wanted)


def _children(logs: Path, port: int, *, reload: bool) -> list[Child]:
    python = sys.executable
    gunicorn = ["gunicorn", "prm.wsgi:application", f"--bind=127.0.0.1:{port}", "--worker-class=gthread"]
    web = [python, "-m", *gunicorn, "--workers=2", "--threads=4", "--access-logfile=-", "--no-control-socket"]
    if reload:
        web += ["--reload", *(f"--reload-extra-file={file}" for file in PROJECT.glob("templates/**/*.*"))]
    celery = [python, "-m", "celery", "-A", "prm"]
    schedule = logs.parent / "beat-schedule"
    for name in ("web", "worker", "beat"):
        (logs / f"{name}.log").unlink(missing_ok=True)
    return [
        Child("web", web, logs / "web.log"),
        Child("worker", [*celery, "worker", "--concurrency=2", "--loglevel=INFO"], logs / "worker.log"),
        Child("beat", [*celery, "beat", f"--schedule={schedule}", "--pidfile=", "--loglevel=INFO"], logs / "beat.log"),
    ]


def _wait_for_web(web: Child, port: int, told: Told) -> None:
    for _ in poll(WEB_SECONDS, every=0.1):
        if told.to_stop or _healthy(port):
            return
        if web.ended() is not None:
            break
    raise LocalError(f"The web server did not start. {web.log} ends:\n{tail(web.log)}")


def _healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _keep_running(children: list[Child], env: dict[str, str], told: Told) -> None:
    while not told.to_stop:
        for child in children:
            code = child.ended()
            if code is None or told.to_stop:
                continue
            print(f"{child.name} ended ({code}). {child.log} ends:\n{tail(child.log)}", file=sys.stderr, flush=True)
            if child.keeps_ending():
                raise LocalError(f"{child.name} will not stay up: stopping everything.")
            child.start(env)
        time.sleep(0.2)


def reset(state: Path) -> int:
    """Delete everything in the state folder; refused while something runs on it."""
    with ExitStack() as locks:
        for lock in [state / "lock", *state.glob("*/lock")]:
            locks.enter_context(locked(lock.parent))
        for path in state.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != "lock":
                path.unlink()
    print(f"{state} is empty: `make run` starts anew.")
    return 0
