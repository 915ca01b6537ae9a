"""Versions of the policy of registrations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from dealdesk import policy as policies
from dealdesk.policy import RegistrationPolicy
from dealdesk.refusals import NotAllowed
from partners.models import Tier
from pipeline.policy_actions import set_policy as put_policy
from prm.common import audit
from prm.common.models import Policy

audit.VERBS["registration.set"] = gettext_lazy("Policy of registrations set")
audit.VERBS["registration.removed"] = gettext_lazy("Policy of registrations removed")


def set_policy(*, by: User, starts_on: dt.date, policy: RegistrationPolicy | Mapping[str, Any]) -> Policy:
    """A version of the policy, from a day on, today or later; one that starts the same day is replaced.

    Registrations keep what they were approved with; clocks that run stay as they are. NotAllowed; ValidationError by field.
    """
    if not by.can(Permission.EDIT_SETTINGS):
        raise NotAllowed(_("You may not change the policy of registrations."))
    data = policies.data(policy) if isinstance(policy, RegistrationPolicy) else dict(policy)
    try:
        checked = policies.read(data)
    except ValueError as error:
        field, _what = error.args
        raise ValidationError({field: _("This is outside of what it can be.")}) from error
    tiers = set(Tier.objects.values_list("key", flat=True))
    if strange := set(checked.discounts) - tiers:
        raise ValidationError({"discounts": _("There is no such tier: %(key)s.") % {"key": sorted(strange)[0]}})
    return put_policy(policies.KIND, policies.data(checked), by, starts_on)
