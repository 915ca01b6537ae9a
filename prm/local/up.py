"""`up -- COMMAND`: run one command with PostgreSQL and Redis at hand."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from prm.local.binaries import postgres_bin
from prm.local.processes import on_signals, spawn
from prm.local.servers import postgres, redis
from prm.local.state import locked


class Interrupted(BaseException):
    """The launcher was told to stop while starting."""

    def __init__(self, number: int) -> None:
        self.number = number


def _interrupt(number: int) -> None:
    raise Interrupted(number)


@contextmanager
def services(state: Path, *, fast: bool = False) -> Iterator[dict[str, str]]:
    """The environment with DATABASE_URL and REDIS_URL of running servers.

    A URL that is set already is used as it is, and that server is not embedded. The servers stop at the end of the
    block, Redis first, undisturbed by a second Ctrl-C.
    """
    env = os.environ | {"PRM_STATE": str(state)}
    _put_on_path(env, Path(sys.executable).parent)
    env |= _unpacked_libraries()
    with ExitStack() as everything:
        everything.enter_context(locked(state))
        with ExitStack() as servers:
            with on_signals(_interrupt):
                if not env.get("DATABASE_URL"):
                    env["DATABASE_URL"] = servers.enter_context(postgres(state, fast=fast))
                    # pg_dump refuses a server newer than itself.
                    _put_on_path(env, postgres_bin())
                if not env.get("REDIS_URL"):
                    env["REDIS_URL"] = servers.enter_context(redis(state, fast=fast))
            everything.enter_context(on_signals(lambda number: None))
            everything.push(servers.pop_all())
        yield env


def _unpacked_libraries() -> dict[str, str]:
    """Point the loader at the system libraries that setup unpacked into the virtual environment, if it had to."""
    system = Path(sys.prefix) / "system"
    if not (system / "fonts.conf").exists():
        return {}
    folders = sorted({str(library.parent) for library in system.glob("usr/lib/**/*.so*")})
    return {"LD_LIBRARY_PATH": os.pathsep.join(folders), "FONTCONFIG_FILE": str(system / "fonts.conf")}


def _put_on_path(env: dict[str, str], folder: Path) -> None:
    env["PATH"] = f"{folder}{os.pathsep}{env.get('PATH', os.defpath)}"


class Command:
    """The command under way; signals that come are passed on to it, also those that came before it ran."""

    process: subprocess.Popen[bytes] | None = None
    waiting: int | None = None

    def __call__(self, number: int) -> None:
        # Ctrl-C at the terminal reaches the command by itself: it is in the same process group.
        if number == signal.SIGINT:
            return
        if self.process:
            self.process.send_signal(number)
        else:
            self.waiting = number

    def run(self, argv: Sequence[str], env: dict[str, str]) -> int:
        self.process = spawn(argv, env=env, foreground=True, death_signal=signal.SIGTERM)
        if self.waiting:
            self.process.send_signal(self.waiting)
        return self.process.wait()


def up(argv: Sequence[str], state: Path, *, fast: bool = False) -> int:
    """Run a command with the servers; returns its exit code (128 + n after signal n, 127 when there is no such one)."""
    command = Command()
    with services(state, fast=fast) as env, on_signals(command):
        try:
            code = command.run(argv, env)
        except (FileNotFoundError, PermissionError) as error:
            print(f"Cannot run {argv[0]}: {error.strerror}", file=sys.stderr)
            return 127
    return 128 - code if code < 0 else code
