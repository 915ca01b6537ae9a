"""Versions of the policies on actuals and on the seasons of a year."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from pipeline import policies
from pipeline.policies import Actuals
from prm.common import audit, events
from prm.common.actions import SettingsChanged
from prm.common.models import Policy
from prm.common.vendor import today

audit.VERBS.update(
    {
        "actuals.set": gettext_lazy("Results basis set"),
        "actuals.removed": gettext_lazy("Results basis removed"),
        "seasonality.set": gettext_lazy("Seasons set"),
        "seasonality.removed": gettext_lazy("Seasons removed"),
    }
)


def set_actuals(*, by: User, starts_on: dt.date, actuals: Actuals) -> Policy:
    """What results are counted in and where actuals come from, from a day on, today or later."""
    return set_policy(policies.ACTUALS, policies.actuals_data(actuals), by, starts_on)


def set_seasonality(*, by: User, starts_on: dt.date, weights: Sequence[Decimal]) -> Policy:
    """The weights of the twelve fiscal months, from a day on, today or later. Targets that are set stay as they are."""
    data = policies.weights_data(weights)
    try:
        policies.parse_weights(data)
    except ValueError as error:
        raise ValidationError(_("Enter twelve weights, none below 0 or above 1,000,000.")) from error
    return set_policy(policies.SEASONALITY, data, by, starts_on)


@transaction.atomic
def set_policy(kind: str, data: dict[str, Any], by: User, starts_on: dt.date) -> Policy:
    """A version of a policy. One that starts the same day is replaced. Raises ValidationError for a day in the past."""
    if starts_on < today():
        raise ValidationError(
            {"starts_on": _("Choose today or a later day: what was computed before stays as it was.")}
        )
    policy, made = Policy.objects.select_for_update().get_or_create(
        kind=kind, starts_on=starts_on, defaults={"data": data, "created_by": by}
    )
    before = {} if made else policy.data
    if not made:
        policy.data, policy.created_by = data, by
        policy.save(update_fields=["data", "created_by"])
    audit.record(by=by, verb=f"{kind}.set", target=policy, changes=audit.changes_between(before, data))
    events.send(SettingsChanged(frozenset({kind})))
    return policy
