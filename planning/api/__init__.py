"""The API over business plans: the plans, their forecasts, what they start from."""

from ninja import Router

from planning.api.benchmarks import router as benchmarks
from planning.api.forecasts import router as forecasts
from planning.api.plans import router as plans
from planning.api.signing import router as signing

router = Router()
for part in (plans, signing, forecasts, benchmarks):
    router.add_router("", part)
