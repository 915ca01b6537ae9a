"""The API over QBRs: drafts, builds and their files, commitments."""

from ninja import Router

router = Router()
