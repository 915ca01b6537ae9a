"""The API of registrations."""

from ninja import Router

from dealdesk.api.inviting import router as inviting
from dealdesk.api.policy import router as policy
from dealdesk.api.registrations import router as registrations

router = Router()
for part in (registrations, policy, inviting):
    router.add_router("", part)
