"""The API over partners: the vendor's lists, partners, contacts, touches, action plans, objectives."""

from ninja import Router

from partners.api.catalogue import router as catalogue
from partners.api.contacts import router as contacts
from partners.api.imports import router as imports
from partners.api.learning import router as learning
from partners.api.objectives import router as objectives
from partners.api.partners import router as partners
from partners.api.plans import router as plans
from partners.api.touches import router as touches

router = Router()
for part in (catalogue, partners, contacts, touches, plans, objectives, learning, imports):
    router.add_router("", part)
