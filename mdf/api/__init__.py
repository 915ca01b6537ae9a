"""The API over MDF: funds and their ledger, requests, claims, delegations."""

from ninja import Router

from mdf.api.funds import router as funds

router = Router()
for part in (funds,):
    router.add_router("", part)
