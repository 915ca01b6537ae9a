"""The API over MDF: funds and their ledger, requests, claims, delegations."""

from ninja import Router

from mdf.api.approvals import router as approvals
from mdf.api.claims import router as claims
from mdf.api.funds import router as funds
from mdf.api.overview import router as overview
from mdf.api.requests import router as requests

router = Router()
for part in (funds, requests, claims, approvals, overview):
    router.add_router("", part)
