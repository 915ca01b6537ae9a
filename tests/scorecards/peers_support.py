"""Partners with submitted scorecards, written as they end up, for tests of what is computed over many."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from partners.models import LifeStage, Partner, PartnerType
from scorecards.models import Assessment, AssessmentScore


def peer(
    world, version, score, *, kind="reseller", topics=(), mode="cam", status="submitted", days=10, partner=None, **more
):
    """One partner (a new one unless given) with an assessment of this shared overall, finished so many days ago."""
    if partner is None:
        number = Partner.everything.count()
        partner = Partner.objects.create(
            name=f"Peer {number} {world.mark}", partner_type=PartnerType.objects.get(key=kind),
            stage=LifeStage.objects.get(key="accelerate"), **more,
        )  # fmt: skip
    at = timezone.now() - dt.timedelta(days=days)
    assessment = Assessment.objects.create(
        partner=partner, questionnaire=version.questionnaire, version=version, mode=mode, status=status,
        stage_key="accelerate", type_key=kind, started_at=at, finished_at=at, finished_on=timezone.localdate(at),
        period="2026Q4", overall=Decimal(score), overall_shared=Decimal(score), result={}, result_shared={},
    )  # fmt: skip
    AssessmentScore.objects.bulk_create(
        AssessmentScore(
            assessment=assessment, level="topic", key=key, category_key="A", name=key, score=Decimal(value), weight=1,
            internal=key == "t1",
        )
        for key, value in dict(topics).items()
    )  # fmt: skip
    return assessment
