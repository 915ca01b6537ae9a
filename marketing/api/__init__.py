"""The API over marketing plans: tactics, plays, plans and their activities, the worksheet, where leads and deals come from."""

from ninja import Router

router = Router()
