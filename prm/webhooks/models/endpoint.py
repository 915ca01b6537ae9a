from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def kept(self) -> "EndpointQuerySet":
        """Those that nobody has removed."""
        return self.filter(removed_at=None)


class Endpoint(models.Model):
    """An address in another system that is told of what happens here, of the kinds it chose."""

    class Off(models.TextChoices):
        """Why it is switched off; "" while it is on."""

        HAND = "hand", _("Switched off by hand")
        GONE = "gone", _("Switched off: it answered 410, “gone”")
        FAILING = "failing", _("Switched off: nothing arrived for five days")

    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=500)
    kinds = ArrayField(models.CharField(max_length=60), verbose_name=_("news"))
    contact = models.EmailField(_("tell"))  # who is told when it is switched off
    off = models.CharField(max_length=10, choices=Off, blank=True, default="")
    off_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)  # the first failure since something last arrived
    # Base64 with the prefix "whsec_". Kept readable, since every message is signed with it.
    secret = models.CharField(max_length=100)
    old_secret = models.CharField(max_length=100, blank=True, default="")
    old_secret_until = models.DateTimeField(null=True, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True)  # a worker has it in hand: one at a time, so in order
    removed_at = models.DateTimeField(null=True, blank=True)  # the night takes the row: news may be on its way in
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_on(self) -> bool:
        return not self.off and self.removed_at is None
