"""GET /healthz: is the process up. GET /readyz: can it serve (database, Redis, migrations). On any host, without a vendor."""

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django_tenants.utils import get_public_schema_name
from redis import Redis

from prm.tenancy.migrating import lagging


class HealthMiddleware:
    """Stands before everything else: a probe knows no vendor's host name."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"status": "up"})
        if request.path == "/readyz":
            checks = {
                "database": _database(),
                "redis": _redis(),
                "migrations": _migrations(),
            }
            ready = all(word == "ok" for word in checks.values())
            return JsonResponse(
                {"status": "ready" if ready else "not ready", **checks},
                status=200 if ready else 503,
            )
        return self.get_response(request)


def _database() -> str:
    try:
        connection.set_schema_to_public()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        connection.close()
        return "away"
    return "ok"


def _redis() -> str:
    try:
        Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1).ping()
    except Exception:
        return "away"
    return "ok"


def _migrations() -> str:
    try:
        behind = lagging()
    except Exception:
        return "unknown"
    return (
        "ok" if not behind else f"{len(behind)} schemas behind" if get_public_schema_name() not in behind else "behind"
    )
