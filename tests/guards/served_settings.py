"""A real web server in tests: its connections to the database are kept, as everywhere but in tests."""

# ruff: noqa: F403, F405
from prm.settings.test import *

DATABASES["default"]["CONN_MAX_AGE"] = 60
