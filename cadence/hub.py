"""What the partner page shows of the cadence: the conversation due next, and in its history what was skipped and handed over."""

from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from cadence import queries, tools
from partners import history, hub
from partners.models import Partner

history.VERBS.update(
    {
        "due.skipped": gettext_lazy("Skipped: %(name)s"),
        "due.reopened": gettext_lazy("Due again: %(name)s"),
        "action.handed_over": gettext_lazy("Action handed over: %(name)s"),
        "assessment.handed_over": gettext_lazy("Draft of a scorecard handed over"),
    }
)


@hub.due
def next_conversation(partner: Partner, user: User) -> hub.Due | None:
    item = queries.next_item(user, partner) if user.can(Permission.SEE_WORK) else None
    return hub.Due(item.label, item.due_on, tools.address(item.task, item.partner_id)) if item else None
