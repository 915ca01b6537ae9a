import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings.dev")
application = get_wsgi_application()
# All views are loaded before the first request; what they are made of stays, and the collector needn't walk it again and again. A
# page makes tens of thousands of objects that are gone with it.
get_resolver().url_patterns  # noqa: B018
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
