"""Where certifications and tasks are found: a tab of the partner page, a list among the vendor's."""

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from partners import hub
from partners.catalogue import LISTS, VendorList
from partners.models import Certificate

hub.tab(hub.Tab("learning", _("Certifications"), "partners:learning", Permission.SEE_PARTNERS, 85))
LISTS["certificates"] = VendorList(
    Certificate,
    _("Certificates"),
    _("What people, or a partner itself, can be certified in, and for how many months it is valid."),
    fields=("months_valid",),
    keyed=True,
)
