"""The state folder: one launcher at a time, one password kept, one place to delete."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prm.local.binaries import LocalError

PROJECT = Path(__file__).resolve().parents[2]


def default_state() -> Path:
    """PRM_STATE, or `var/` in the project."""
    return Path(os.environ.get("PRM_STATE") or PROJECT / "var").resolve()


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the state folder; raises LocalError when another launcher has it. The lock ends with the process."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise LocalError(
                f"Already running in {state} (process {lock.read().strip() or 'unknown'}). "
                "Stop it first, or set PRM_STATE to another folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def password(state: Path) -> str:
    """The servers' password: random, made once, readable by the owner only."""
    file = state / "password"
    if not file.exists() or not file.read_text():
        fresh = state / "password.new"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(24))
        fresh.replace(file)
    return file.read_text()
