"""The API of accountplans."""

from ninja import Router

router = Router()
