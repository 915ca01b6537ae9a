"""What the partner page shows of reviews: a tab."""

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from partners import hub

hub.tab(hub.Tab("qbr", _("QBR"), "qbr:partner", Permission.SEE_QBR, 27))
