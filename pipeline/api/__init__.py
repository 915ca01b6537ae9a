"""The API over what partners sell and are to sell: deals, results, end customers, targets, metric values, and the lists behind them."""

from ninja import Router

from pipeline.api.catalogue import router as catalogue
from pipeline.api.deals import router as deals
from pipeline.api.results import router as results
from pipeline.api.targets import router as targets
from pipeline.api.values import router as values

router = Router()
for part in (catalogue, results, targets, values, deals):
    router.add_router("", part)
