import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prm.local.state import PROJECT

Launch = Callable[..., subprocess.Popen[str]]
SERVERS = ("DATABASE_URL", "REDIS_URL", "PRM_STATE")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """This process's environment without its own servers, and a state folder with nothing in it."""
    return {key: value for key, value in os.environ.items() if key not in SERVERS} | {
        "PRM_STATE": str(tmp_path / "state")
    }


@pytest.fixture
def launch(environment: dict[str, str]) -> Iterator[Launch]:
    """launch("up", "--", …) starts the launcher as a process of its own; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **extra: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "prm.local", *arguments],
            cwd=PROJECT,
            env=environment | extra,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
