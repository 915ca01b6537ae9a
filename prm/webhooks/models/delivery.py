from django.db import models
from django.utils.translation import gettext_lazy as _

from prm.webhooks.models.endpoint import Endpoint


class Delivery(models.Model):
    """The outbox: a message for one endpoint, written with the change it tells of, sent after it, kept for a month."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=40)  # the same for every endpoint and every attempt
    kind = models.CharField(max_length=60)
    body = models.TextField()  # to the letter as it is signed
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)  # of the present round: a replay begins anew
    next_attempt_at = models.DateTimeField(null=True, blank=True)  # null once it is delivered or given up
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True, default="")
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "message_id"], name="webhook_once_per_endpoint"),
            models.CheckConstraint(
                condition=models.Q(state="waiting", next_attempt_at__isnull=False)
                | (~models.Q(state="waiting") & models.Q(next_attempt_at__isnull=True)),
                name="webhook_waiting_has_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_attempt_at"], condition=models.Q(state="waiting"), name="webhook_waiting"
            ),
            models.Index(fields=["endpoint", "-id"], name="webhook_log"),
            models.Index(fields=["created_at"], name="webhook_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"


class Attempt(models.Model):
    """One try to deliver: what the other side answered, or why it could not be asked."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True, default="")  # how the answer begins
    error = models.CharField(max_length=300, blank=True, default="")
    took_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["delivery", "-at", "-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}: {self.status or self.error}"
