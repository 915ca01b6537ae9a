"""The API over marketing plans: tactics, plays, plans and their activities, the worksheet, where leads and deals come from."""

from ninja import Router

from marketing.api.activities import router as activities
from marketing.api.attribution import router as attribution
from marketing.api.figures import router as figures
from marketing.api.plans import router as plans
from marketing.api.returns import router as returns
from marketing.api.rules import router as rules
from marketing.api.waterfall import router as waterfall
from marketing.api.worksheet import router as worksheet

router = Router()
for part in (plans, activities, figures, rules, waterfall, worksheet, attribution, returns):
    router.add_router("", part)
