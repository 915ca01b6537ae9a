"""The API over scorecards: questionnaires, assessments, the roll-up."""

from ninja import Router

from scorecards.api.answers import router as answers
from scorecards.api.assessments import router as assessments
from scorecards.api.questionnaires import router as questionnaires
from scorecards.api.results import router as results
from scorecards.api.rollup_counts import router as rollup_counts
from scorecards.api.rollups import router as rollups

router = Router()
for part in (questionnaires, assessments, answers, results, rollups, rollup_counts):
    router.add_router("", part)
