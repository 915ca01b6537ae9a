"""The API over account plans: customers and what they own, the cells of the whitespace, targets, sharing."""

from ninja import Router

from accountplans.api.customers import router as customers
from accountplans.api.plans import router as plans
from accountplans.api.targets import router as targets

router = Router()
for part in (customers, targets, plans):
    router.add_router("", part)
