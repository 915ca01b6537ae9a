"""Who of several test processes runs what: one browser at a time, since two would starve each other, and before all others where
the processor is short, since a person would not wait for it as long either."""

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

LONG = {f"tests/guards/test_{name}.py" for name in ("bad_input", "canary", "matrix", "pages", "queries")}


class OneBrowser(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        if module.startswith("tests/e2e/"):
            return "browser"
        # The guards of a module share a furnished house; the long ones are better spread.
        return module if module.startswith("tests/guards/") and module not in LONG else nodeid


def pytest_configure(config: pytest.Config) -> None:
    # The largest group of tests, the browser's, goes to the first process.
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0":
        os.nice(5)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneBrowser:
    return OneBrowser(config, log)
