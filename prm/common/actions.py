"""Changes of what is true for the whole vendor, each with its line in the audit log."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from prm.common import audit, events, once
from prm.common.currencies import MINOR_UNITS
from prm.common.models import CurrencyRate, Holiday, Policy, VendorSettings
from prm.common.rag import Thresholds
from prm.common.vendor import RATES, today, vendor_settings

THRESHOLDS = "thresholds"

audit.VERBS.update(
    {
        "settings.changed": _l("Settings changed"),
        "settings.logo_changed": _l("Logo changed"),
        "holiday.added": _l("Holiday added"),
        "holiday.removed": _l("Holiday removed"),
        "rate.added": _l("Currency rate added"),
        "rate.removed": _l("Currency rate removed"),
        "thresholds.set": _l("Thresholds set"),
        "thresholds.removed": _l("Thresholds removed"),
    }
)


@dataclass(frozen=True)
class SettingsChanged(events.Event):
    """The vendor's settings were changed: `fields` names them. Quarters and converted amounts may look different now."""

    fields: frozenset[str]


@transaction.atomic
def update_settings(*, by: Any, **fields: Any) -> None:
    """Changes fields of the vendor's settings. Raises ValidationError: the reporting currency while there are rates."""
    settings = _locked_settings()
    changes = audit.changes_between({name: getattr(settings, name) for name in fields}, fields)
    if "reporting_currency" in changes and CurrencyRate.objects.exists():
        raise ValidationError(
            {
                "reporting_currency": _(
                    "The currency rates are rates to %(currency)s. Remove them first, then change the currency and enter new ones."
                )
                % {"currency": settings.reporting_currency}
            }
        )
    if not changes:
        return
    for name in changes:
        setattr(settings, name, fields[name])
    settings.full_clean()
    settings.save(update_fields=list(changes))
    audit.record(by=by, verb="settings.changed", target=settings, changes=changes)
    events.send(SettingsChanged(frozenset(changes)))


@transaction.atomic
def set_logo(*, by: Any, content: bytes | None, extension: str = "") -> None:
    """Puts a logo, already checked, in the place of the one before; None removes it."""
    settings = _locked_settings()
    before = settings.logo.name or ""
    if content is None:
        settings.logo = ""
    else:
        settings.logo.save(f"logo.{extension}", ContentFile(content), save=False)
    settings.save(update_fields=["logo"])
    if before:
        storage = settings.logo.storage
        transaction.on_commit(lambda: storage.delete(before))
    audit.record(by=by, verb="settings.logo_changed", target=settings)


@transaction.atomic
def add_holiday(*, by: Any, on: dt.date, name: str) -> Holiday:
    """Raises ValidationError when the day is one already."""
    holiday = Holiday(on=on, name=name)
    holiday.full_clean()
    holiday.save()
    audit.record(by=by, verb="holiday.added", target=holiday)
    return holiday


@transaction.atomic
def remove_holiday(*, by: Any, holiday: Holiday) -> None:
    audit.record(by=by, verb="holiday.removed", target=holiday)
    holiday.delete()


@transaction.atomic
def add_rate(*, by: Any, currency: str, on: dt.date, rate: Decimal) -> CurrencyRate:
    """1 `currency` is worth `rate` of the reporting currency from `on`. Raises ValidationError: unknown currency, the
    reporting currency itself, a rate of 0 or less, a second one for the day."""
    settings = _locked_settings()
    row = CurrencyRate(currency=currency.upper(), on=on, rate=rate)
    if row.currency not in MINOR_UNITS:
        raise ValidationError({"currency": _("There is no currency “%(code)s”.") % {"code": currency}})
    if row.currency == settings.reporting_currency:
        raise ValidationError({"currency": _("This is the reporting currency: its rate is always 1.")})
    row.full_clean()
    row.save()
    audit.record(by=by, verb="rate.added", target=row)
    once.forget(RATES)
    events.send(SettingsChanged(frozenset({"rates"})))
    return row


@transaction.atomic
def remove_rate(*, by: Any, rate: CurrencyRate) -> None:
    audit.record(by=by, verb="rate.removed", target=rate)
    rate.delete()
    once.forget(RATES)
    events.send(SettingsChanged(frozenset({"rates"})))


@transaction.atomic
def set_thresholds(*, by: Any, starts_on: dt.date, families: dict[str, Thresholds]) -> Policy:
    """A version of the red/amber/green thresholds from a day on, today or later: what was judged before stays as it was.

    A version that starts the same day is replaced. Raises ValidationError for a day in the past.
    """
    if starts_on < today():
        raise ValidationError({"starts_on": _("Choose today or a later day: what was judged before stays as it was.")})
    data = {family: {"green": pair.green, "amber": pair.amber} for family, pair in families.items()}
    policy, made = Policy.objects.get_or_create(
        kind=THRESHOLDS, starts_on=starts_on, defaults={"data": data, "created_by": by}
    )
    before = {} if made else _flat(policy.data)
    if not made:
        policy.data, policy.created_by = data, by
        policy.save(update_fields=["data", "created_by"])
    audit.record(by=by, verb="thresholds.set", target=policy, changes=audit.changes_between(before, _flat(data)))
    events.send(SettingsChanged(frozenset({THRESHOLDS})))
    return policy


@transaction.atomic
def remove_policy(*, by: Any, policy: Policy) -> None:
    """Removes a version that hasn't started. Raises ValidationError for one that has."""
    if policy.starts_on <= today():
        raise ValidationError(_("This version is or was in force and stays: set a new one instead."))
    audit.record(by=by, verb=f"{policy.kind}.removed", target=policy)
    policy.delete()


def _locked_settings() -> VendorSettings:
    VendorSettings.objects.get_or_create(pk=1, defaults={"name": vendor_settings().name})
    return VendorSettings.objects.select_for_update().get(pk=1)


def _flat(data: dict[str, Any]) -> dict[str, int]:
    return {f"{family} {colour}": value for family, pair in data.items() for colour, value in pair.items()}
