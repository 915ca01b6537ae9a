"""Where objectives are found: a tab of the partner page."""

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from partners import hub

hub.tab(hub.Tab("objectives", _("Objectives"), "partners:objectives", Permission.SEE_WORK, 60))
