"""Where a partner's leads and deals came from, clicks, and the program worksheet of the year."""

from decimal import Decimal

from django.utils import timezone

from accounts.permissions import Role
from marketing.actions import attributing
from marketing.actions.worksheet import save_worksheet
from marketing.models import Activity, How, Worksheet
from marketing.program.document import Case, Sheet, Way
from marketing.queries import sources
from partners.models import Partner
from prm.common.vendor import fiscal_calendar, today
from tests.world import World


def keep_worksheet(world: World) -> None:
    """With a factor, and a number of its own in the bleak column."""
    year = fiscal_calendar().year_of(today()).key
    base = {"response": "0.02", "mql": "0.4", "sal": "0.6", "sql": "0.5", "win": "0.25", "deal": "18000"}
    sheet = Sheet(
        revenue=Decimal(900_000), base={name: Decimal(value) for name, value in base.items()},
        factors=(("Taking part", Decimal("0.85")),), own={Case.BLEAK: {"win": Decimal("0.1")}}, way=Way.TIER,
        weights={"gold": 3, "silver": 1},
    )  # fmt: skip
    if not Worksheet.objects.filter(period=year).exists():
        save_worksheet(by=world.users[Role.MARKETING], period=year, sheet=sheet)


def source(partner: Partner) -> None:
    """Its leads and deals came from one running activity, and another touched them."""
    rows = sources(Activity.everything.filter(plan__partner=partner)).order_by("pk")
    first, second = rows.first(), rows.last()
    assert first is not None
    assert second is not None
    for name, things in (("lead", partner.leads), ("deal", partner.deals)):
        for thing in things.order_by("pk"):
            for activity in (first, second):
                attributing.touch(activity=activity, how=How.CODE, **{name: thing})
    attributing.count_click(first, timezone.now().date())
