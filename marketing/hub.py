"""What the partner page shows of marketing: a tab."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from accounts.permissions import Permission
from partners import hub

hub.tab(hub.Tab("marketing", gettext_lazy("Marketing"), "marketing:partner", Permission.SEE_MARKETING, 26))
