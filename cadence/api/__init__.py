"""The API over the cadence: due items, the policy, handovers."""

from ninja import Router

from cadence.api.due import router as due
from cadence.api.handovers import router as handovers
from cadence.api.policy import router as policy

router = Router()
for part in (due, policy, handovers):
    router.add_router("", part)
