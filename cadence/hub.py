"""What the partner page shows of the cadence: the conversation due next."""

from accounts.models import User
from accounts.permissions import Permission
from cadence import queries, tools
from partners import hub
from partners.models import Partner


@hub.due
def next_conversation(partner: Partner, user: User) -> hub.Due | None:
    item = queries.next_item(user, partner) if user.can(Permission.SEE_WORK) else None
    return hub.Due(item.label, item.due_on, tools.address(item.task, item.partner_id)) if item else None
