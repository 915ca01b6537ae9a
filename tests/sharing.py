"""Who of several test processes runs what: one browser at a time, since two would starve each other, and before all others where
the processor is short, since a person would not wait for it as long either. Long tests begin first, so that nobody waits for one in the end."""

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class OneBrowser(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/e2e/") else nodeid


def pytest_configure(config: pytest.Config) -> None:
    # The largest group of tests, the browser's, goes to the first process.
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0":
        os.nice(5)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneBrowser:
    return OneBrowser(config, log)
