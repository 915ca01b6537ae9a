"""On one's own machine: `make run`. Mail goes to files unless SMTP_URL is set."""

from prm.settings.base import *

DEBUG = False  # error pages look as they do for customers; tracebacks are in the log
SECRET_KEY = "only-for-development-never-in-production-0123456789abcdef"
ALLOWED_HOSTS = [".localhost", "127.0.0.1"]
SITE_SCHEME = "http"
SITE_PORT = os.environ.get("PORT", "8000")
MAIL_PAGE = EMAIL_BACKEND.endswith("filebased.EmailBackend")
# Hashed names as in production, without compressing each file, which takes longer than all the rest of the start.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
WEBHOOKS_HTTP = True
WEBHOOKS_OWN_NETWORK = os.environ.get("WEBHOOKS_OWN_NETWORK") == "1"  # to try a receiver on this machine
