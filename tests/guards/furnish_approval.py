"""Rules of approval that are still to start, and somebody who decides in another's place."""

import datetime as dt

from accounts.permissions import Role
from mdf import actions
from mdf.steps import Rules
from prm.common.vendor import today
from tests.world import World


def furnish_approval(world: World) -> None:
    admin = world.users[Role.ADMIN]
    actions.set_rules(by=admin, starts_on=today() + dt.timedelta(days=90), rules=Rules(sla_days=5))
    actions.delegate(by=admin, person=admin, delegate=world.users[Role.OPERATIONS])
