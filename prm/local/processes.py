"""Child processes that never outlive the launcher, and how to stop them."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    def in_child() -> None:
        if _libc:
            _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
            if os.getppid() != parent:
                os._exit(1)

    return in_child


def spawn(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
    stdin: int = subprocess.DEVNULL,
    stdout: int | None = None,
    foreground: bool = False,
    death_signal: signal.Signals = signal.SIGTERM,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child that gets `death_signal` should this process be killed (Linux).

    Output is appended to `log` where given. A background child (`foreground=False`) has a session of its own, so that
    Ctrl-C at the terminal reaches the launcher only, which then stops its children in the right order.
    """
    output = log.open("ab") if log else None
    try:
        return subprocess.Popen(
            list(argv),
            env=env,
            cwd=cwd,
            stdin=None if foreground else stdin,
            stdout=output or stdout,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=not foreground,
            preexec_fn=_die_with_parent(os.getpid(), death_signal),  # noqa: PLW1509 - the launcher has no threads
        )
    finally:
        if output:
            output.close()


def stop(processes: Sequence[subprocess.Popen[bytes]], *steps: tuple[signal.Signals, float]) -> None:
    """End background children: send all of them each step's signal, wait its seconds; kill what is left at the end."""
    for number, seconds in steps:
        deadline = time.monotonic() + seconds
        for process in processes:
            if process.poll() is None:
                process.send_signal(number)
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0, deadline - time.monotonic()))
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    """A TCP port nobody listens on at 127.0.0.1 right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def poll(seconds: float, every: float = 0.02) -> Iterator[None]:
    """Yield until `seconds` have gone by, pausing between: `for _ in poll(10): if ready: break`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(every)


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log file; empty where there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


@contextmanager
def on_signals(handler: Callable[[int], None]) -> Iterator[None]:
    """Call `handler` for Ctrl-C, TERM and HUP inside the block.

    Handlers are functions, never SIG_IGN: an ignored signal would be inherited by the children.
    """
    watched = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda got, _frame: handler(got)) for number in watched}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
