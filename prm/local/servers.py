"""Start and stop the embedded PostgreSQL and Redis."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from prm.local.binaries import LocalError, postgres_bin, postgres_major, redis_server
from prm.local.processes import free_port, poll, spawn, stop, tail
from prm.local.state import password

DATABASE = USER = "cadence"
NOBODY = 65534
START_SECONDS = 60

# PostgreSQL refuses uid 0. As root it runs as nobody, who may read and write whatever root could: nothing has to be
# copied or opened up, and no system user is made. no_setuid_fixup keeps the capability for access(2), which initdb uses.
AS_NOBODY = (
    "setpriv",
    "--securebits=+no_setuid_fixup",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    "--inh-caps=-all,+dac_override",
    "--ambient-caps=-all,+dac_override",
    "--bounding-set=-all,+dac_override",
)
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "max_locks_per_transaction": "512",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
}
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


def _prefix(*extra: str) -> list[str]:
    if os.getuid() != 0:
        return []
    if not shutil.which("setpriv"):
        raise LocalError(
            "PostgreSQL does not run as root and setpriv (util-linux) is missing: "
            "start as an ordinary user, or set DATABASE_URL."
        )
    return [AS_NOBODY[0], *extra, *AS_NOBODY[1:]]


def _initdb(folder: Path, major: int, data: Path, secret: str) -> None:
    fresh = data.with_name(data.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    pwfile = fresh.with_name("pwfile")
    pwfile.touch(mode=0o600)
    pwfile.write_text(secret)
    if os.getuid() == 0:
        os.chown(fresh, NOBODY, NOBODY)
    # The builtin provider sorts and folds case alike on every system; before 17 the C library's C.UTF-8 does.
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-locale"]
    locale = builtin if major >= 17 else ["--locale=C.UTF-8"]
    access = ["-U", USER, "-A", "scram-sha-256", f"--pwfile={pwfile}"]
    argv = [*_prefix(), str(folder / "initdb"), "-D", str(fresh), *access, "--encoding=UTF8", *locale]
    try:
        done = subprocess.run(argv, check=False, capture_output=True, text=True)
    finally:
        pwfile.unlink()
    if done.returncode:
        raise LocalError(f"initdb failed:\n{done.stdout}{done.stderr}")
    fresh.replace(data)


def _end_leftover(data: Path) -> None:
    """Wait for (or end) a PostgreSQL that a killed launcher left behind on this data folder."""
    pidfile = data / "postmaster.pid"
    try:
        pid = int(pidfile.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    for waited, _ in enumerate(poll(START_SECONDS, every=0.05)):
        if not _is_postgres(pid, data):
            # Only a stale file can be left: the lock on the state folder is ours.
            pidfile.unlink(missing_ok=True)
            return
        if waited == 0:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
    raise LocalError(f"A PostgreSQL (process {pid}) still holds {data} and does not end.")


def _is_postgres(pid: int, data: Path) -> bool:
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve()
        except OSError:
            return False
    ps = subprocess.run(["ps", "-p", str(pid), "-o", "command="], check=False, capture_output=True, text=True)
    return str(data) in ps.stdout


def _start_postgres(folder: Path, data: Path, log: Path, *, fast: bool) -> tuple[subprocess.Popen[bytes], int]:
    _end_leftover(data)
    settings = SETTINGS | (THROWAWAY if fast else {})
    # Backends of a killed postmaster hold its shared memory for a second or two; a port may be taken meanwhile.
    for _ in poll(5, every=0.3):
        port = free_port()
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        process = spawn(
            [*_prefix("--pdeathsig=INT"), folder / "postgres", "-D", data, "-p", str(port), *options],
            log=log,
            death_signal=signal.SIGINT,
        )
        try:
            for _ in poll(START_SECONDS):
                if process.poll() is not None:
                    break
                if _ready(data / "postmaster.pid", process.pid):
                    return process, port
        except BaseException:
            _stop_postgres(process)
            raise
        _stop_postgres(process)
    raise LocalError(f"PostgreSQL did not start. {log} ends:\n{tail(log)}")


def _ready(pidfile: Path, pid: int) -> bool:
    with suppress(OSError):
        lines = pidfile.read_text().splitlines()
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"
    return False


def _stop_postgres(process: subprocess.Popen[bytes]) -> None:
    stop([process], (signal.SIGINT, 30), (signal.SIGQUIT, 10))


def _create_database(port: int, secret: str) -> None:
    server = f"postgresql://{USER}:{secret}@127.0.0.1:{port}/postgres"
    with psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")


@contextmanager
def postgres(state: Path, *, fast: bool) -> Iterator[str]:
    """Run PostgreSQL on `state`/pg for the block; yields its DATABASE_URL.

    `fast` gives up durability: for throwaway clusters only, which are made anew when they do not start.
    """
    folder = postgres_bin()
    major = postgres_major(folder)
    secret = password(state)
    data, log = state / "pg", state / "log" / "postgres.log"
    log.parent.mkdir(exist_ok=True)
    made_by = (data / "PG_VERSION").read_text().strip() if (data / "PG_VERSION").exists() else None
    if fast and made_by not in (None, str(major)):
        shutil.rmtree(data)
        made_by = None
    if made_by not in (None, str(major)):
        raise LocalError(
            f"{data} was made by PostgreSQL {made_by} and the one here is {major}: dump it with the old one "
            "(PRM_PG_BIN), or `make reset` to start over."
        )
    if made_by is None:
        _initdb(folder, major, data, secret)
    try:
        process, port = _start_postgres(folder, data, log, fast=fast)
    except LocalError:
        if not fast:
            raise
        shutil.rmtree(data)
        _initdb(folder, major, data, secret)
        process, port = _start_postgres(folder, data, log, fast=fast)
    try:
        _create_database(port, secret)
        yield f"postgres://{USER}:{secret}@127.0.0.1:{port}/{DATABASE}"
    finally:
        _stop_postgres(process)


def _start_redis(state: Path, *, fast: bool) -> tuple[subprocess.Popen[bytes], int]:
    binary, secret = redis_server(), password(state)
    log = state / "log" / "redis.log"
    for _ in poll(5, every=0.3):
        port = free_port()
        settings = {
            "bind": "127.0.0.1",
            "port": port,
            "requirepass": secret,
            "dir": f'"{state / "redis"}"',
            "appendonly": "no" if fast else "yes",
            "save": '""',
        }
        # Settings go in by a pipe: the command line, where the password would show, is open to every user.
        process = spawn([binary, "-"], log=log, stdin=subprocess.PIPE)
        try:
            assert process.stdin
            with suppress(BrokenPipeError), process.stdin as pipe:
                pipe.write("".join(f"{name} {value}\n" for name, value in settings.items()).encode())
            for _ in poll(START_SECONDS):
                if process.poll() is not None:
                    break
                if _answers(port, secret):
                    return process, port
        except BaseException:
            _stop_redis(process)
            raise
        _stop_redis(process)
    raise LocalError(f"Redis did not start. {log} ends:\n{tail(log)}")


def _answers(port: int, secret: str) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(f"AUTH {secret}\r\nPING\r\n".encode())
        with connection.makefile("rb") as replies:
            return replies.readline() == b"+OK\r\n" and replies.readline() == b"+PONG\r\n"
    return False


def _stop_redis(process: subprocess.Popen[bytes]) -> None:
    stop([process], (signal.SIGTERM, 15))


@contextmanager
def redis(state: Path, *, fast: bool) -> Iterator[str]:
    """Run Redis on `state`/redis for the block; yields its REDIS_URL. `fast` keeps nothing on disk."""
    (state / "redis").mkdir(exist_ok=True)
    (state / "log").mkdir(exist_ok=True)
    process, port = _start_redis(state, fast=fast)
    try:
        yield f"redis://:{password(state)}@127.0.0.1:{port}/0"
    finally:
        _stop_redis(process)
