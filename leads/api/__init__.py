"""The API of leads: what is known of them and who holds them, offers, how they are given out, and whether that is fair."""

from ninja import Router

from leads.api.fairness import router as fairness
from leads.api.history import router as history
from leads.api.leads import router as leads
from leads.api.offers import router as offers
from leads.api.rules import router as rules
from leads.api.work import router as work

router = Router()
for part in (fairness, leads, work, history, offers, rules):
    router.add_router("", part)
