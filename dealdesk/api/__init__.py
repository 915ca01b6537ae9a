"""The API of registrations."""

from ninja import Router

from dealdesk.api.policy import router as policy
from dealdesk.api.registrations import router as registrations

router = Router()
for part in (registrations, policy):
    router.add_router("", part)
