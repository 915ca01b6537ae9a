"""Vendors and their host names: the only tables in the public schema."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

# Occurs in no data, so that a dump of it can be replayed under another name.
TEMPLATE_SCHEMA = "zz_template_7f3a"

slug = RegexValidator(
    r"^[a-z][a-z0-9_]{1,40}$",
    _("Use 2 to 41 lower-case letters, digits or underscores, a letter first."),
)


class Vendor(TenantMixin):
    class State(models.TextChoices):
        PROVISIONING = "provisioning", _("being prepared")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")
        SUSPENDED = "suspended", _("suspended")
        DELETING = "deleting", _("being deleted")

    schema_name = models.CharField(max_length=63, unique=True, validators=[slug])
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=20, choices=State, default=State.PROVISIONING)
    state_note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    auto_create_schema = False
    auto_drop_schema = False

    def __str__(self) -> str:
        return self.name


class Domain(DomainMixin):
    pass
