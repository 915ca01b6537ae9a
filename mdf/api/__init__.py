"""The API over MDF: funds and their ledger, requests, claims, delegations."""

from ninja import Router

router = Router()
