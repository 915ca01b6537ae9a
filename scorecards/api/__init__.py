"""The API over scorecards: questionnaires, assessments, the roll-up."""

from ninja import Router

from scorecards.api.agreement import router as agreement
from scorecards.api.answers import router as answers
from scorecards.api.assessments import router as assessments
from scorecards.api.invitations import router as invitations
from scorecards.api.objectives import router as objectives
from scorecards.api.performance import router as performance
from scorecards.api.performance_rollups import router as performance_rollups
from scorecards.api.questionnaires import router as questionnaires
from scorecards.api.results import router as results
from scorecards.api.rollup_counts import router as rollup_counts
from scorecards.api.rollups import router as rollups
from scorecards.api.satisfaction import router as satisfaction
from scorecards.api.tier_overrides import router as tier_overrides
from scorecards.api.tiers import router as tiers

router = Router()
for part in (
    questionnaires, assessments, answers, invitations, results, agreement, rollups, rollup_counts, satisfaction, performance,
    performance_rollups, objectives, tiers, tier_overrides,
):  # fmt: skip
    router.add_router("", part)
