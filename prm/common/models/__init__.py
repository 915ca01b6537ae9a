from prm.common.models.audit import AuditEntry
from prm.common.models.job import Job
from prm.common.models.mail import Notification, OutgoingMail
from prm.common.models.settings import CurrencyRate, Holiday, Policy, VendorSettings
from prm.common.models.view import SavedView

__all__ = [
    "AuditEntry",
    "CurrencyRate",
    "Holiday",
    "Job",
    "Notification",
    "OutgoingMail",
    "Policy",
    "SavedView",
    "VendorSettings",
]
