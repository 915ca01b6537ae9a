"""What production is started from: the compose file has the right shape, no secret of its own, and fits the image."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SECRETS = ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "SMTP_URL")


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())


def test_compose_file_fits_the_schema() -> None:
    check = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_services_lean_only_on_what_is_there(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"web", "worker", "beat", "migrate", "postgres", "redis"}
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, f"{name} depends on {other}"
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other], f"{name} waits for {other}, which has no health check"
        named = [volume.split(":")[0] for volume in service.get("volumes", [])]
        assert set(named) <= set(compose["volumes"])
        assert set(service.get("networks", [])) <= set(compose["networks"])


def test_everything_that_keeps_running_has_a_health_check(compose: dict[str, Any]) -> None:
    assert {name for name, service in compose["services"].items() if "healthcheck" not in service} == {"migrate"}


def test_secrets_have_no_default() -> None:
    text = COMPOSE.read_text()
    for secret in SECRETS:
        uses = re.findall(rf"\$\{{{secret}([^}}]*)\}}", text)
        assert uses, f"{secret} is not used"
        assert all(use.startswith(":?") for use in uses), f"{secret} may be left out: {uses}"


def test_database_and_redis_cannot_be_reached_from_outside(compose: dict[str, Any]) -> None:
    assert compose["networks"]["data"]["internal"] is True
    for name in ("postgres", "redis"):
        assert compose["services"][name]["networks"] == ["data"]
        assert "ports" not in compose["services"][name]


def test_image_runs_as_an_ordinary_user_with_pinned_packages() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["cadence"]
    assert any("--require-hashes -r /prod.txt" in line for line in lines)


def test_what_the_image_copies_is_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    needed = {"manage.py", "requirements", "static", "templates", "prm"}
    needed |= {folder.parent.name for folder in ROOT.glob("*/apps.py")}
    assert not needed & set(ignored)
    assert {".git", ".venv", ".env*", "var"} <= set(ignored)


def test_production_settings_pass_djangos_deployment_check(tmp_path: Path) -> None:
    values = {
        "DJANGO_SETTINGS_MODULE": "prm.settings.prod",
        "SECRET_KEY": "k3" * 30 + "-/%AQ9",
        "ALLOWED_HOSTS": ".cadence.example.com",
        "DATABASE_URL": "postgres://cadence:x@postgres:5432/cadence",
        "REDIS_URL": "redis://:x@redis:6379/0",
        "SMTP_URL": "smtp+tls://user:x@mail.example.com:587",
        "PRM_STATE": str(tmp_path),
    }
    check = [sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING"]
    inherited = {
        name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"
    }  # the browser tests'
    done = subprocess.run(check, cwd=ROOT, env=inherited | values, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_does_not_start_without_its_secrets(missing: str) -> None:
    values = {"DJANGO_SETTINGS_MODULE": "prm.settings.prod", "SECRET_KEY": "x", "ALLOWED_HOSTS": "x"}
    env = {key: value for key, value in (os.environ | values).items() if key != missing}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert missing in done.stderr
