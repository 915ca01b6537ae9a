"""The program worksheet is changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from marketing.models import Worksheet
from marketing.program.document import MOST_FACTORS, NUMBERS, Sheet, write
from marketing.worksheet import DEAL
from partners.queries import lock
from prm.common import audit
from prm.common.vendor import vendor_settings

audit.VERBS["worksheet.changed"] = gettext_lazy("Program worksheet changed")
audit.VERBS["worksheet.removed"] = gettext_lazy("Program worksheet removed")
LARGEST = Decimal("99999999999999.99")
MOST_WEIGHT = 1000


class Outdated(Exception):
    """Somebody else changed the worksheet since it was looked at."""


@transaction.atomic
def save_worksheet(*, by: User, period: str, sheet: Sheet, revision: int | None = None) -> Worksheet:
    """Keeps the worksheet of a fiscal year or quarter (its key). `revision`: that of what was looked at, 0 where there was none;
    Outdated where it is another by now. PermissionDenied, ValidationError by the path in the document."""
    if not by.can(Permission.EDIT_MARKETING_RULES):
        raise PermissionDenied
    check(sheet)
    lock(f"worksheet {period}")
    row = Worksheet.objects.select_for_update().filter(period=period).first()
    if revision is not None and revision != (row.revision if row else 0):
        raise Outdated
    content = write(sheet)
    if row is not None and row.content == content:
        return row
    before: dict[str, Any] = row.content if row else {}
    row = row or Worksheet(period=period, currency=vendor_settings().reporting_currency)
    row.content, row.updated_by = content, by
    row.revision += 1
    row.save()
    audit.record(by=by, verb="worksheet.changed", target=row, changes=audit.changes_between(before, content))
    return row


@transaction.atomic
def remove_worksheet(*, by: User, period: str) -> None:
    """Forgets what is kept of a period, where anything is: it begins again with what is known. PermissionDenied."""
    if not by.can(Permission.EDIT_MARKETING_RULES):
        raise PermissionDenied
    lock(f"worksheet {period}")
    row = Worksheet.objects.filter(period=period).first()
    if row is not None:
        audit.record(by=by, verb="worksheet.removed", target=row, changes=audit.changes_between(row.content, {}))
        row.delete()


def check(sheet: Sheet) -> None:
    """Raises ValidationError by the path in the document ("base.win", "own.bleak.deal", "factors.0", "weights.gold")."""
    errors: dict[str, Any] = {}
    _amount(errors, "revenue", sheet.revenue)
    columns = {"base": sheet.base, **{f"own.{case}": numbers for case, numbers in sheet.own.items()}}
    for where, numbers in columns.items():
        for name in NUMBERS:
            value = numbers.get(name)
            if name == DEAL:
                _amount(errors, f"{where}.{name}", value)
            else:
                _rate(errors, f"{where}.{name}", value)
    if len(sheet.factors) > MOST_FACTORS:
        errors["factors"] = _("At most %(n)s factors.") % {"n": MOST_FACTORS}
    for place, (name, share) in enumerate(sheet.factors):
        if not name.strip() or len(name) > 80:
            errors[f"factors.{place}"] = _("Give the factor a name of at most 80 characters.")
        _rate(errors, f"factors.{place}", share)
    for key, weight in sheet.weights.items():
        if not 0 <= weight <= MOST_WEIGHT:
            errors[f"weights.{key}"] = _("A weight is from 0 to %(n)s.") % {"n": MOST_WEIGHT}
    if errors:
        raise ValidationError(errors)


def _amount(errors: dict[str, Any], path: str, value: Decimal | None) -> None:
    if value is not None and not 0 <= value <= LARGEST:
        errors[path] = _("Enter an amount of 0 or more.")


def _rate(errors: dict[str, Any], path: str, value: Decimal | None) -> None:
    if value is not None and not 0 <= value <= 1:
        errors[path] = _("A rate is from 0 to 100 %.")
