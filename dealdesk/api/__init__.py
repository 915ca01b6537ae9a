"""The API of dealdesk."""

from ninja import Router

router = Router()
