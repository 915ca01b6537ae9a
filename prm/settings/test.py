"""Under pytest: real PostgreSQL and Redis, fast password hashing, files in a folder that is thrown away."""

import tempfile

from prm.settings.base import *

DEBUG = False
SECRET_KEY = "only-for-tests-0123456789abcdef0123456789abcdef"
ALLOWED_HOSTS = [".localhost", "127.0.0.1", "testserver"]
SITE_SCHEME = "http"
SITE_PORT = ""
MAIL_PAGE = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
_scratch = Path(tempfile.mkdtemp(prefix="cadence-test-"))
MEDIA_ROOT = _scratch / "media"
STATIC_ROOT = _scratch / "static"
STATIC_ROOT.mkdir()
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True  # nothing is collected, nothing scanned at each client's start
EMAIL_FILE_PATH = _scratch / "mail"
FIGURES_KEPT = 0  # tests read what they have just written
CACHES["default"]["TIMEOUT"] = 60  # type: ignore[assignment]
DATABASES["default"]["CONN_MAX_AGE"] = 0
LOGGING["root"]["level"] = "ERROR"  # type: ignore[index]
# Tests that run side by side empty their caches and take jobs from their queues: each process has a Redis database of its own.
_process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
REDIS_URL = CELERY_BROKER_URL = CACHES["default"]["LOCATION"] = f"{REDIS_URL.rpartition('/')[0]}/{_process}"
