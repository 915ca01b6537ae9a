"""For a worker in a process of its own that reads the files a test has uploaded."""

import os

from prm.settings.test import *  # noqa: F403

MEDIA_ROOT = os.environ["TEST_MEDIA_ROOT"]
