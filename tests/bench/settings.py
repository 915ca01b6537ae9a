"""As on one's own machine, with a database of its own."""

from prm.settings.dev import *

LOGGING["root"]["level"] = "ERROR"  # type: ignore[index]
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
if BENCH_DATABASE := os.environ.get("BENCH_DATABASE"):
    DATABASES["default"]["NAME"] = BENCH_DATABASE
