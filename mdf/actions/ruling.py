"""Versions of the approval rules, the vendor's and those of single funds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from mdf import steps
from mdf.approval_rules import kind_of
from mdf.models import Fund
from mdf.refusals import NotAllowed
from mdf.steps import Rules
from prm.common import audit, events
from prm.common.actions import SettingsChanged
from prm.common.models import Policy
from prm.common.vendor import today


@transaction.atomic
def set_rules(*, by: User, starts_on: dt.date, rules: Rules | Mapping[str, Any], fund: Fund | None = None) -> Policy:
    """A version of the rules from a day on, today or later, for one fund or (None) all that have none of their own. One that starts the
    same day is replaced. What was submitted before keeps its steps. NotAllowed, ValidationError by field."""
    if not by.can(Permission.EDIT_SETTINGS):
        raise NotAllowed(_("You may not change the rules of approval."))
    if starts_on < today():
        raise ValidationError(
            {"starts_on": _("Choose today or a later day: what was submitted before keeps its steps.")}
        )
    checked = rules if isinstance(rules, Rules) else checked_rules(rules)
    data, kind = steps.document(checked), kind_of(fund)
    row, made = Policy.objects.select_for_update().get_or_create(
        kind=kind, starts_on=starts_on, defaults={"data": data, "created_by": by}
    )
    before = {} if made else row.data
    if not made:
        row.data, row.created_by = data, by
        row.save(update_fields=["data", "created_by"])
    note = fund.name if fund else ""
    audit.record(by=by, verb="mdf_approval.set", target=row, changes=audit.changes_between(before, data), note=note)
    events.send(SettingsChanged(frozenset({kind})))
    return row


def checked_rules(document: Mapping[str, Any]) -> Rules:
    """The rules of a document. ValidationError by field."""
    try:
        return steps.read(document)
    except ValueError as error:
        field, what = error.args
        words = {
            ("steps", "missing"): _("The first step begins above 0: somebody must decide the smallest request."),
            ("steps", "order"): _(
                "Each step begins above a higher amount, and is decided further up, than the one before."
            ),
        }
        raise ValidationError({field: words.get((field, what), _("This is outside of what it can be."))}) from error
