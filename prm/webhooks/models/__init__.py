"""Where news is sent, and each time it was."""

from prm.webhooks.models.delivery import Attempt, Delivery
from prm.webhooks.models.endpoint import Endpoint

__all__ = ["Attempt", "Delivery", "Endpoint"]
