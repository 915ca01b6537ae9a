"""The API over business plans: the plans, their forecasts, what they start from."""

from ninja import Router

from planning.api.benchmarks import router as benchmarks
from planning.api.forecasts import router as forecasts
from planning.api.plans import router as plans
from planning.api.rollups import router as rollups
from planning.api.signing import router as signing
from planning.api.tracking import router as tracking

router = Router()
for part in (plans, signing, forecasts, benchmarks, tracking, rollups):
    router.add_router("", part)
