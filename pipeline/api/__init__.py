"""The API over what partners sell: deals."""

from ninja import Router

from pipeline.api.deals import router as deals

router = Router()
for part in (deals,):
    router.add_router("", part)
