"""The Celery application. Tasks inherit prm.tenancy.tasks.TenantTask, so none runs outside its vendor's schema."""

import os
from importlib import import_module

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings.dev")

app = Celery("cadence", task_cls="prm.tenancy.tasks:TenantTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=False,  # a job that killed its worker is shown as interrupted, not tried for ever
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "visibility_timeout": 3600,
        # Publishing must fail at once when Redis is away, so that the page can say so.
        "max_retries": 0,
    },
    task_publish_retry=False,
    beat_schedule={
        "nightly": {
            "task": "prm.tenancy.tasks.dispatch",
            "schedule": crontab(hour=2, minute=10),
            "args": ("nightly",),
        },
        "sweep": {
            "task": "prm.tenancy.tasks.dispatch",
            "schedule": 60.0,
            "args": ("sweep",),
        },
    },
)
app.autodiscover_tasks()


@worker_init.connect
def load_pages(**kwargs: object) -> None:
    """Lists register what they can export where their pages stand."""
    import_module(settings.ROOT_URLCONF)
