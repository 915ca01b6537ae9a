"""The API of leads."""

from ninja import Router

router = Router()
