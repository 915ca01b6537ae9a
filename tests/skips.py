"""What a test may need from the machine, said by its marker; what is missing is counted, and fails in CI."""

import ctypes.util
import os
import shutil
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

E2E = Path(__file__).parent / "e2e"


def _pango() -> bool:
    try:
        ctypes.CDLL("libpangoft2-1.0.so.0")
    except OSError:
        return bool(ctypes.util.find_library("pangoft2-1.0"))
    return True


def _real_data() -> bool:
    return Path(os.environ.get("REAL_DATA_DIR") or "/nowhere").is_dir()


NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "e2e": (lambda: bool(shutil.which("chromium") or shutil.which("google-chrome")), "Chromium is missing"),
    "pdf": (_pango, "pango is missing"),
    "office": (lambda: bool(shutil.which("soffice")), "LibreOffice is missing"),
    "real_data": (_real_data, "REAL_DATA_DIR names no folder"),
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(E2E):
            item.add_marker("e2e")
    if not os.environ.get("PRM_TEST_FULL"):
        later = [item for item in items if item.get_closest_marker("full")]
        items[:] = [item for item in items if item not in later]
        config.hook.pytest_deselected(items=later)
    for marker, (there, reason) in NEEDS.items():
        needing = [item for item in items if item.get_closest_marker(marker)]
        if needing and not there():
            for item in needing:
                item.add_marker(pytest.mark.skip(reason=reason))
    items.sort(key=lambda item: bool(item.get_closest_marker("e2e")))


def _reasons(config: pytest.Config) -> Counter[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    return Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in reports)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if os.environ.get("CI") == "true" and _reasons(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    yield  # pytest's own summary first: this line stands right above the last
    if reasons := _reasons(config):
        why = "; ".join(f"{count} because {reason}" for reason, count in reasons.most_common())
        failing = " (which CI counts as failing)" if os.environ.get("CI") == "true" else ""
        terminalreporter.write_line(f"Skipped {reasons.total()}{failing}: {why}", yellow=True)
