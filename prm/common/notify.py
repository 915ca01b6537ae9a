"""Lines under the bell."""

from typing import Any

from prm.common.models import Notification


def notify(user: Any, text: str, url: str = "") -> Notification:
    """Leaves a line for `user`, in words the user reads; `url` is a path of the site the line leads to."""
    return Notification.objects.create(user=user, text=text[:300], url=url)
