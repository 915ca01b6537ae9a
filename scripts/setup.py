"""Set up what Cadence needs, with nothing but Python's standard library; doing it again costs nothing.

`setup.py` makes .venv from requirements/dev.txt and sees to pango (PDF). `setup.py test` also sees to Chromium and
LibreOffice. Where a system package cannot be had, it says what to do and goes on: only what needs it will be missing.
"""

import ctypes
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements" / "dev.txt"
SYSTEM = VENV / "system"

PANGO_LIBRARIES = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libpangoft2-1.0.so.0",
    "libharfbuzz-subset.so.0",
    "libfontconfig.so.1",
)
PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
CHROMIUM = ("chromium",)
OFFICE = ("libreoffice-calc-nogui", "libreoffice-impress-nogui")


def run(argv: Sequence[str | Path], cwd: str | Path | None = None) -> bool:
    """Run a command, quietly; its output is shown when it fails."""
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        list(argv), check=False, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    return done.returncode == 0


def apt_install(packages: Sequence[str]) -> bool:
    """Install Debian packages, as root only."""
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing {', '.join(packages)} …", flush=True)
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]
    return run(["apt-get", "update", "-qq"]) and run(install)


def environment() -> None:
    """Make .venv and install the pinned requirements, when they changed since the last time."""
    stamp = VENV / "installed"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        print("Making .venv …", flush=True)
        make = [sys.executable, "-m", "venv", str(VENV)]
        here = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not (run(make) or (apt_install([here]) and run(make))):
            shutil.rmtree(VENV, ignore_errors=True)
            sys.exit(f"Could not make a virtual environment: on Debian and Ubuntu, install {here}.")
    print("Installing the Python packages …", flush=True)
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    if not run([*install, "-r", str(REQUIREMENTS)]):
        sys.exit("Could not install requirements/dev.txt; see above.")
    stamp.write_text(wanted)


def has_pango() -> bool:
    """Whether WeasyPrint will find its libraries, the unpacked ones included."""
    if sys.platform != "linux":
        return run([PYTHON, "-c", "import weasyprint"])
    if (SYSTEM / "fonts.conf").exists():
        return True
    try:
        for library in PANGO_LIBRARIES:
            ctypes.CDLL(library)
    except OSError:
        return False
    return True


def unpack_pango() -> bool:
    """Put Debian's pango packages into .venv/system; the launcher points the loader there. Needs no root."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        return False
    plan = ["apt-get", "install", "--simulate", "--no-install-recommends", *PANGO]
    simulated = subprocess.run(plan, check=False, capture_output=True, text=True)
    names = re.findall(r"^Inst (\S+)", simulated.stdout, re.MULTILINE)
    if simulated.returncode or not names:
        return False
    print("Unpacking pango into .venv/system …", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        if not run(["apt-get", "download", "-qq", *names], cwd=folder):
            return False
        if not all(run(["dpkg", "-x", package, SYSTEM]) for package in Path(folder).glob("*.deb")):
            return False
    fonts = "".join(f"<dir>{found}</dir>" for found in (SYSTEM / "usr/share/fonts", "/usr/share/fonts"))
    config = f'<?xml version="1.0"?><fontconfig>{fonts}<cachedir>{SYSTEM}/cache</cachedir></fontconfig>'
    (SYSTEM / "fonts.conf").write_text(config)
    return True


def see_to(what: str, there: Callable[[], bool], ways: Sequence[Callable[[], bool]], advice: str) -> None:
    """Make sure something is there, trying one way after another; print the advice when none worked."""
    if there() or any(way() and there() for way in ways):
        return
    print(f"{what}: {advice}", file=sys.stderr, flush=True)


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit(f"Cadence needs Python 3.11 or newer; this is {platform.python_version()}.")
    environment()
    mac = sys.platform == "darwin"
    see_to(
        "PDF export will not work without pango",
        has_pango,
        [lambda: apt_install(PANGO), unpack_pango],
        "brew install pango" if mac else f"apt-get install {' '.join(PANGO)}",
    )
    if "test" in sys.argv[1:]:
        see_to(
            "Browser tests will be skipped without Chromium",
            lambda: bool(shutil.which("chromium") or shutil.which("google-chrome")),
            [lambda: apt_install(CHROMIUM)],
            "brew install --cask chromium" if mac else f"apt-get install {' '.join(CHROMIUM)}",
        )
        see_to(
            "Tests of office files will be skipped without LibreOffice",
            lambda: bool(shutil.which("soffice")),
            [lambda: apt_install(OFFICE)],
            "brew install --cask libreoffice" if mac else f"apt-get install {' '.join(OFFICE)}",
        )


if __name__ == "__main__":
    main()
