from partners.models.catalogue import LifeStage, PartnerType, Region, RegionLimit, Tier
from partners.models.fact import Fact
from partners.models.learning import Certificate, Certification, Task, TaskDone
from partners.models.objective import Objective, ObjectiveProgress
from partners.models.partner import Contact, Membership, Partner, Placement
from partners.models.work import Action, Touch

__all__ = [
    "Action",
    "Certificate",
    "Certification",
    "Contact",
    "Fact",
    "LifeStage",
    "Membership",
    "Objective",
    "ObjectiveProgress",
    "Partner",
    "PartnerType",
    "Placement",
    "Region",
    "RegionLimit",
    "Task",
    "TaskDone",
    "Tier",
    "Touch",
]
