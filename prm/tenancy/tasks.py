"""Background work stays inside one vendor's schema.

The stock integration runs the body in `public` when the vendor is gone. Here the schema travels in the message's headers
and a task whose vendor is missing, suspended or another one is refused.
"""

import logging
import random
from typing import Any

from celery import Task, shared_task
from django.db import close_old_connections, connection
from django_tenants.utils import get_public_schema_name, schema_context

from prm.tenancy.models import TEMPLATE_SCHEMA, Vendor

log = logging.getLogger(__name__)

HEADER = "cadence_schema"


class WrongVendor(Exception):
    """The task was sent for a vendor that is not there, not ready, or it carries none."""


class TenantTask(Task):
    """Captures the schema when sent, enters it when run. `public_only` tasks run in the public schema and nowhere else."""

    public_only = False

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        headers = dict(options.pop("headers", None) or {})
        headers.setdefault(HEADER, connection.schema_name)
        return super().apply_async(args, kwargs, headers=headers, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        public = get_public_schema_name()
        if self.public_only:
            schema = public
        else:
            schema = (self.request.headers or {}).get(HEADER) or getattr(self.request, HEADER, None)
            if not schema or schema == public:
                raise WrongVendor(f"{self.name} was sent without a vendor; not run")
            if connection.schema_name not in (schema, public):
                raise WrongVendor(f"{self.name} of {schema!r} was started in {connection.schema_name!r}; not run")
        # An eager task runs in its caller's transaction, whose connection isn't to be closed.
        tidy = (lambda: None) if self.request.is_eager else close_old_connections
        tidy()
        with schema_context(public):
            if schema != public and not Vendor.objects.filter(schema_name=schema, state=Vendor.State.READY).exists():
                raise WrongVendor(f"{self.name}: vendor {schema!r} is not ready; not run")
        try:
            with schema_context(schema):
                return super().__call__(*args, **kwargs)
        finally:
            tidy()


def ready_schemas() -> list[str]:
    """Schema names of vendors whose work may run now."""
    with schema_context(get_public_schema_name()):
        return list(
            Vendor.objects.filter(state=Vendor.State.READY)
            .exclude(schema_name__in=[get_public_schema_name(), TEMPLATE_SCHEMA])
            .order_by("schema_name")
            .values_list("schema_name", flat=True)
        )


@shared_task(base=TenantTask, public_only=True)
def dispatch(which: str) -> None:
    """Beat's entry: sends the `nightly` or `sweep` round to every ready vendor, spread out so they don't all start at once."""
    from prm.common.schedule import run_round

    spread = 600 if which == "nightly" else 10
    for schema in ready_schemas():
        with schema_context(schema):
            run_round.apply_async((which,), countdown=random.uniform(0, spread))


@shared_task(base=TenantTask, public_only=True)
def provision(vendor_id: int, admin_email: str) -> None:
    from prm.tenancy.provisioning import provision_vendor

    provision_vendor(Vendor.objects.get(pk=vendor_id), admin_email=admin_email)
