"""What a new vendor starts with: the default questionnaires, published."""

from pathlib import Path
from typing import Any

from django.dispatch import receiver

from partners.models import LifeStage, PartnerType
from prm.tenancy.signals import vendor_provisioned
from scorecards import actions, questionnaire_files
from scorecards.models import Questionnaire

DEFAULTS = Path(__file__).with_name("defaults")
KEYS = (
    "capability",
    "recruit",
    "satisfaction",
    "program",
    "cam",
)  # the capability one first: it is the one offered first


@receiver(vendor_provisioned)
def start_questionnaires(vendor: Any, **kwargs: Any) -> None:
    """May run again: a questionnaire that is there stays as it is."""
    publish_missing()


def publish_missing() -> None:
    """Publishes the default questionnaires this vendor hasn't had yet: those that came with a later Cadence."""
    known = set(Questionnaire.objects.values_list("key", flat=True))
    stages = set(LifeStage.objects.values_list("key", flat=True))
    types = set(PartnerType.objects.values_list("key", flat=True))
    for key in KEYS:
        file = DEFAULTS / f"{key}.yaml"
        if key not in known and file.exists():
            content = questionnaire_files.read(file.read_bytes(), life_stages=stages, partner_types=types)
            actions.publish(by=None, key=key, content=content)
