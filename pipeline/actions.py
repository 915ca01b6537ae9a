"""What people do with sales results, end customers and metric values. Whether they may see the partner is the view's business."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners.actions import keep, put
from partners.models import Partner
from pipeline.events import MetricValuesChanged, ResultsChanged
from pipeline.models import Customer, Metric, MetricValue, SalesResult
from pipeline.models.result import MANUAL
from prm.common import audit, events
from prm.common.currencies import MINOR_UNITS
from prm.common.names import normalised
from prm.common.vendor import today

EARLIEST = dt.date(1980, 1, 1)  # before that a date is a slip of the hand

audit.VERBS.update(
    {
        "result.added": gettext_lazy("Sales result added"),
        "result.changed": gettext_lazy("Sales result changed"),
        "result.removed": gettext_lazy("Sales result removed"),
        "customer.added": gettext_lazy("End customer added"),
        "customer.removed": gettext_lazy("End customer removed"),
        "metric_value.added": gettext_lazy("Metric value added"),
        "metric_value.changed": gettext_lazy("Metric value changed"),
        "metric_value.removed": gettext_lazy("Metric value removed"),
    }
)


# ── Results ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_result(*, by: User, partner: Partner, customer: Customer | str | None = None, **fields: Any) -> SalesResult:
    """One line of what the partner sold, or gave back (negative). `customer` by its name: found among the partner's, or added.

    Raises ValidationError by field.
    """
    result = SalesResult(partner=partner, created_by=by, **fields)
    result.customer = _customer(by, partner, customer)
    _check(result)
    result.full_clean()
    result.save()
    audit.record(by=by, verb="result.added", target=result)
    events.send(ResultsChanged((partner.pk,)))
    return result


@transaction.atomic
def update_result(
    *, by: User, result: SalesResult, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
) -> SalesResult:
    """Sets the fields in `changes`; where one holds something else than `seen` by now: partners.actions.Conflict.

    Raises ValidationError by field, and for a result that came from elsewhere: it is changed where it came from.
    """
    locked = SalesResult.objects.unscoped("the caller may see it").select_for_update().get(pk=result.pk)
    if locked.source != MANUAL:
        raise ValidationError(
            _("This came from “%(source)s”: change it there and import it again.") % {"source": locked.source}
        )
    changes = dict(changes)
    if "customer" in changes:
        changes["customer"] = _customer(by, locked.partner, changes["customer"])
    if changed := put(locked, changes, seen):
        _check(locked)
        keep(locked, changed)
        audit.record(by=by, verb="result.changed", target=locked, changes=changed)
        events.send(ResultsChanged((locked.partner_id,)))
    return locked


@transaction.atomic
def remove_result(*, by: User, result: SalesResult) -> None:
    held = {"source": [result.source, None], "external_id": [result.external_id, None]}
    audit.record(by=by, verb="result.removed", target=result, changes=held)
    result.delete()
    events.send(ResultsChanged((result.partner_id,)))


def _check(result: SalesResult) -> None:
    errors = {}
    if result.on and not EARLIEST <= result.on <= today():
        errors["on"] = _("A result is something that has happened: choose today or a day before, not before 1980.")
    if result.currency not in MINOR_UNITS:
        errors["currency"] = _("There is no such currency.")
    if result.distributor_id and result.distributor_id == result.partner_id:
        errors["distributor"] = _("A partner does not buy from itself.")
    if result.customer is not None and result.customer.partner_id != result.partner_id:
        errors["customer"] = _("This is another partner’s customer.")
    if errors:
        raise ValidationError(errors)


# ── End customers ────────────────────────────────────────────────────────────────────────────────────────────────────


def _customer(by: User, partner: Partner, customer: Customer | str | None) -> Customer | None:
    if isinstance(customer, str):
        return customer_named(by=by, partner=partner, name=customer) if customer.strip() else None
    return _made_known(customer) if customer is not None else None


def customer_named(*, by: User, partner: Partner, name: str, known_to_vendor: bool = True) -> Customer:
    """The partner's end customer of this name, spelled this way or nearly; a new one where there is none. What a sale, a deal, a
    lead or a registration is with is known to the vendor from then on; what a partner only plans with isn't.

    Raises ValidationError for a name that is too long or can't be shown.
    """
    row = Customer(partner=partner, name=name.strip(), known_to_vendor=known_to_vendor)
    if not row.name.isprintable():
        raise ValidationError({"customer": _("This holds characters that can’t be shown.")})
    if len(row.name) > 200:
        raise ValidationError({"customer": _("This is too long: at most 200 characters.")})
    known = Customer.objects.unscoped("of one partner").filter(
        partner=partner, name_key=(normalised(row.name) or row.name.casefold())[:200]
    )
    if found := known.first():
        return _made_known(found) if known_to_vendor else found
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # somebody else was quicker
        found = known.get()
        return _made_known(found) if known_to_vendor else found
    if known_to_vendor:
        audit.record(by=by, verb="customer.added", target=row)
    return row


def _made_known(customer: Customer) -> Customer:
    if not customer.known_to_vendor:
        customer.known_to_vendor = True
        customer.save(update_fields=["known_to_vendor"])
    return customer


@transaction.atomic
def remove_customer(*, by: User, customer: Customer) -> None:
    """Raises ValidationError while results, deals or the partner's plans are with this customer."""
    audit.record(by=by, verb="customer.removed", target=customer)
    try:
        customer.delete()
    except ProtectedError:
        raise ValidationError(
            _("“%(name)s” stays: there are results, deals or plans with this customer.") % {"name": customer.name}
        ) from None


# ── Metric values ────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_metric_value(*, by: User, partner: Partner, **fields: Any) -> MetricValue:
    """A figure kept elsewhere, on a day. Raises ValidationError by field."""
    row = MetricValue(partner=partner, created_by=by, **fields)
    _check_value(row)
    row.full_clean()
    row.save()
    audit.record(by=by, verb="metric_value.added", target=row)
    events.send(MetricValuesChanged((partner.pk,)))
    return row


@transaction.atomic
def update_metric_value(
    *, by: User, row: MetricValue, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
) -> MetricValue:
    """Sets the fields in `changes`; as with results: Conflict, ValidationError, and what came from elsewhere stays."""
    locked = MetricValue.objects.unscoped("the caller may see it").select_for_update().get(pk=row.pk)
    if locked.source != MANUAL:
        raise ValidationError(
            _("This came from “%(source)s”: change it there and import it again.") % {"source": locked.source}
        )
    if changed := put(locked, changes, seen):
        _check_value(locked)
        keep(locked, changed)
        audit.record(by=by, verb="metric_value.changed", target=locked, changes=changed)
        events.send(MetricValuesChanged((locked.partner_id,)))
    return locked


@transaction.atomic
def remove_metric_value(*, by: User, row: MetricValue) -> None:
    audit.record(by=by, verb="metric_value.removed", target=row)
    row.delete()
    events.send(MetricValuesChanged((row.partner_id,)))


def _check_value(row: MetricValue) -> None:
    errors = {}
    if row.on and not EARLIEST <= row.on <= today():
        errors["on"] = _("A value is something that was measured: choose today or a day before, not before 1980.")
    money = row.metric_id is not None and row.metric.unit == Metric.Unit.MONEY
    if money and row.currency not in MINOR_UNITS:
        errors["currency"] = _("Say which currency this is in.")
    elif not money and row.currency:
        errors["currency"] = _("This metric is not money: leave the currency empty.")
    if errors:
        raise ValidationError(errors)
