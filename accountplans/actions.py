"""What people do with account plans. Whether they may see the partner and the customer is the view's business; whether they may
change the plan is checked here.

A partner's plan is the partner's: the audit log, which the vendor reads, says that it was changed, by whom and when, and names customers
by number only; for which product line, and how many, it says where the partner shares that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import DomainNameValidator
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accountplans import basis, queries
from accountplans.events import AccountPlanReviewed, AccountSharingChanged, AccountTargetChanged
from accountplans.importing import Line
from accountplans.models import (
    COUNTED,
    TARGETS_SEEN,
    Account,
    AccountTarget,
    Ideal,
    OwnedProduct,
    PlanReview,
    Sharing,
    Size,
    Vertical,
)
from accountplans.opportunity import Thing
from accounts.models import User
from partners import history
from partners.actions import Conflict
from partners.models import Partner
from pipeline.actions import customer_named
from pipeline.models import Customer, ProductLine
from prm.common import audit, events
from prm.common.countries import COUNTRIES
from prm.common.currencies import MINOR_UNITS
from prm.common.names import normalised
from prm.common.vendor import today

State = AccountTarget.State
OF_CUSTOMER = ("name", "domain", "country")
OF_ACCOUNT = ("vertical", "size", "relationship", "who_knows_whom", "note")
OF_TARGET = ("state", "reason", "play", "next_step", "due_on", "owner", "amount", "currency")

WORDS = {
    "account.added": gettext_lazy("Customer added to the account plan"),
    "account.changed": gettext_lazy("Customer of the account plan changed"),
    "account.imported": gettext_lazy("Customers of the account plan imported"),
    "account.removed": gettext_lazy("Customer taken out of the account plan"),
    "account.target": gettext_lazy("Target of the account plan set"),
    "account.target_cleared": gettext_lazy("Target of the account plan taken away"),
    "account.target_confirmed": gettext_lazy("Target of the account plan confirmed"),
    "account.shared": gettext_lazy("Sharing of the account plan changed"),
    "account.reviewed": gettext_lazy("Account plan gone through"),
    "account.ideal": gettext_lazy("Ideal customers of a product line changed"),
}
audit.VERBS.update(WORDS)
history.VERBS |= {verb: WORDS[verb] for verb in ("account.shared", "account.reviewed")}


def _record(by: User, verb: str, customer: Customer, **more: Any) -> None:
    """Of the partner, with the customer's number: its name is the partner's own. `more` where the vendor sees targets."""
    told = more if more and queries.level(customer.partner) in TARGETS_SEEN else {}
    changes = {"customer": [None, f"#{customer.pk}"], **{name: [None, value] for name, value in told.items()}}
    audit.record(by=by, verb=verb, target=customer.partner, changes=changes, in_history=False)


def _may_plan(by: User, partner: Partner) -> None:
    if not queries.may_plan(by, partner):
        raise PermissionDenied


def _may_target(by: User, partner: Partner) -> None:
    if not queries.may_target(by, partner):
        raise PermissionDenied


# ── Customers ────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_account(*, by: User, partner: Partner, name: str, **fields: Any) -> Customer:
    """A customer of the partner, with what is known of it (fields as in `update_account`); one that is there is filled in.

    The vendor sees it as far as the partner shares its plan. Raises ValidationError by field.
    """
    _may_plan(by, partner)
    if not name.strip():
        raise ValidationError({"name": _("Give it a name.")})
    try:
        customer = customer_named(by=by, partner=partner, name=name, known_to_vendor=not by.is_partner_side)
    except ValidationError as error:
        raise ValidationError({"name": error.message_dict["customer"]}) from error
    said = {field: value for field, value in fields.items() if value not in (None, "")}
    _write(by, customer, said, None)
    _record(by, "account.added", customer)
    return customer


@transaction.atomic
def update_account(
    *, by: User, customer: Customer, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
) -> Customer:
    """Sets name, domain, country, vertical, size, relationship, who_knows_whom, note as in `changes`.

    Where one holds something else than `seen` by now: partners.actions.Conflict. Raises ValidationError by field.
    """
    _may_plan(by, customer.partner)
    if changed := _write(by, customer, changes, seen):
        _record(by, "account.changed", customer, fields=", ".join(sorted(changed)))
    return customer


def _write(by: User, customer: Customer, changes: Mapping[str, Any], seen: Mapping[str, Any] | None) -> set[str]:
    locked = Customer.objects.unscoped("the caller may see it").select_for_update().get(pk=customer.pk)
    account = Account.objects.unscoped("of a customer the caller may see").filter(customer=locked).first()
    account = account or Account(customer=locked)
    changed: dict[str, list[Any]] = {}
    for name, value in changes.items():
        row: Any = locked if name in OF_CUSTOMER else account
        if (old := getattr(row, name)) != value:
            changed[name] = [old, value]
    if clash := {name: pair[0] for name, pair in changed.items() if seen is not None and seen[name] != pair[0]}:
        raise Conflict(clash)
    for name, (_old, value) in changed.items():
        setattr(locked if name in OF_CUSTOMER else account, name, value)
    _check_customer(locked)
    if set(changed) & set(OF_CUSTOMER):
        locked.save()
        for name in OF_CUSTOMER:
            setattr(customer, name, getattr(locked, name))
    if set(changed) & set(OF_ACCOUNT) or account.pk is None:
        account.updated_by = by
        account.full_clean(exclude={"customer", "updated_by"})
        account.save()
    return set(changed)


def _check_customer(customer: Customer) -> None:
    errors: dict[str, Any] = {}
    if not customer.name.strip():
        errors["name"] = _("Give it a name.")
    elif not customer.name.isprintable():
        errors["name"] = _("This holds characters that can’t be shown.")
    customer.domain = customer.domain.strip().lower()
    if customer.domain:
        try:
            DomainNameValidator(accept_idna=True)(customer.domain)
        except ValidationError:
            errors["domain"] = _("This is no web domain, as in example.com.")
    if customer.country and customer.country not in COUNTRIES:
        errors["country"] = _("There is no such country.")
    if errors:
        raise ValidationError(errors)
    customer.full_clean(exclude={"partner"})


@transaction.atomic
def set_owned(*, by: User, customer: Customer, owned: Mapping[Thing, date | None], gone: frozenset[Thing]) -> None:
    """What the customer owns: each of `owned` with the day its contract renews (None: not known), and none of `gone`."""
    _may_plan(by, customer.partner)
    rows = OwnedProduct.objects.unscoped("of a customer the caller may see").filter(customer=customer)
    there = {basis.thing_of(row): row for row in rows.select_for_update()}
    changed = False
    for thing, day in owned.items():
        row = there.get(thing)
        if row is None:
            OwnedProduct.objects.create(customer=customer, renews_on=day, **_columns(thing))
        elif row.renews_on != day:
            row.renews_on = day
            row.save(update_fields=["renews_on"])
        else:
            continue
        changed = True
    for thing in gone & set(there):
        there[thing].delete()
        changed = True
    if changed:
        _record(by, "account.changed", customer, fields="products")


def _columns(thing: Thing) -> dict[str, int]:
    return {"product_line_id" if thing.kind == "line" else "complementary_id": thing.pk}


@transaction.atomic
def remove_account(*, by: User, customer: Customer) -> None:
    """Takes a customer out of the plan. ValidationError for one the vendor has sold to or has a deal with: it stays."""
    _may_plan(by, customer.partner)
    if customer.known_to_vendor:
        raise ValidationError(_("There are sales, deals or registrations with this customer: it stays."))
    _record(by, "account.removed", customer)
    for model in (Account, OwnedProduct, AccountTarget):
        model.objects.unscoped("of a customer the caller may see").filter(customer=customer).delete()
    try:
        customer.delete()
    except ProtectedError:
        raise ValidationError(_("There are leads or registrations with this customer: it stays.")) from None


# ── Targets ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def set_target(
    *,
    by: User,
    customer: Customer,
    product_line: ProductLine,
    seen: datetime | None = None,
    first: bool = False,
    **fields: Any,
) -> AccountTarget:
    """Marks a customer and product line: a target (play, next_step, due_on, owner, amount, currency), or `state` ruled_out with a
    reason. What isn't in `fields` stays as it is.

    `seen`: when the target was changed last that the person was shown; `first`: the person was shown none. Where it is another by
    now, ValidationError; so is a field that can't be, by its name.
    """
    _may_target(by, customer.partner)
    rows = AccountTarget.objects.unscoped("of a customer the caller may see")
    row = rows.select_for_update().filter(customer=customer, product_line=product_line).first()
    if (first and row is not None) or (seen is not None and (row is None or row.updated_at != seen)):
        raise ValidationError(_("Somebody else changed this meanwhile. Look at it again before you save."))
    row = row or AccountTarget(customer=customer, product_line=product_line, created_by=by)
    for name, value in fields.items():
        if name not in OF_TARGET:
            raise TypeError(f"{name!r} is not of a target")
        setattr(row, name, value)
    _tidy(row)
    _check_target(row, customer.partner)
    row.updated_by, row.touched_at = by, timezone.now()
    row.full_clean(exclude={"customer", "product_line", "created_by", "updated_by"}, validate_unique=False)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ValidationError(_("Somebody else changed this meanwhile. Look at it again before you save.")) from None
    _record(by, "account.target", customer, product_line=product_line.name, state=row.state)
    events.send(AccountTargetChanged(customer.partner_id, customer.pk, product_line.pk))
    return row


def _tidy(row: AccountTarget) -> None:
    """What belongs to the other state goes with it."""
    if row.state == State.TARGET:
        row.reason = ""
    else:
        row.play, row.next_step, row.due_on, row.owner, row.amount = None, "", None, None, None
    if row.amount is None:
        row.currency = ""


def _check_target(row: AccountTarget, partner: Partner) -> None:
    errors: dict[str, Any] = {}
    if row.state == State.RULED_OUT and not row.reason.strip():
        errors["reason"] = _("Say why it is ruled out.")
    if row.amount is not None and row.currency not in MINOR_UNITS:
        errors["currency"] = _("Say which currency this is in.")
    if row.amount is not None and row.amount < Decimal(0):
        errors["amount"] = _("An amount is not negative.")
    if row.owner_id and not queries.owners(partner).filter(pk=row.owner_id).exists():
        errors["owner"] = _("This person neither sells for the partner nor looks after it.")
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def confirm_target(*, by: User, target: AccountTarget) -> None:
    """Says that it is right as it stands."""
    _may_target(by, target.customer.partner)
    AccountTarget.objects.unscoped("the caller may see it").filter(pk=target.pk).update(touched_at=timezone.now())
    _record(by, "account.target_confirmed", target.customer, product_line=target.product_line.name)


@transaction.atomic
def clear_target(*, by: User, target: AccountTarget) -> None:
    """The cell is empty again."""
    _may_target(by, target.customer.partner)
    _record(by, "account.target_cleared", target.customer, product_line=target.product_line.name)
    customer, line = target.customer, target.product_line_id
    target.delete()
    events.send(AccountTargetChanged(customer.partner_id, customer.pk, line))


@transaction.atomic
def review(*, by: User, partner: Partner, note: str = "") -> PlanReview:
    """The plan was gone through. ValidationError where no target was changed or confirmed since the time before."""
    _may_target(by, partner)
    touched = queries.touched_since(queries.last_review(partner), partner)
    if not touched:
        raise ValidationError(_("Change or confirm one target at least: then the plan has been gone through."))
    row = PlanReview(partner=partner, on=today(), targets=touched, note=note.strip(), by=by)
    row.full_clean(exclude={"by"})
    row.save()
    # The vendor reads the partner's history: how many there are is told where the partner shares that.
    words = ngettext("%(n)s target changed or confirmed", "%(n)s targets changed or confirmed", touched) % {
        "n": touched
    }
    note = words if queries.level(partner) in COUNTED else ""
    audit.record(by=by, verb="account.reviewed", target=partner, note=note)
    events.send(AccountPlanReviewed(partner.pk, row.on))
    return row


# ── Sharing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def share(*, by: User, partner: Partner, level: str) -> Sharing:
    """How far the vendor may look from now on; only the partner's own people say so. Less takes effect at once, also in scores."""
    if not by.is_partner_side or not queries.may_plan(by, partner):
        raise PermissionDenied
    Partner.objects.unscoped("the caller's own").select_for_update().get(pk=partner.pk)
    row = Sharing.objects.unscoped("the caller's own").filter(partner=partner).first()
    row = row or Sharing(partner=partner, level=Sharing.Level.HIDDEN)
    before, row.level = row.level, level
    row.full_clean(exclude={"changed_by", "partner"})
    if before == level and row.pk:
        return row
    if level not in TARGETS_SEEN:
        row.targets_since = None
    elif row.targets_since is None:
        row.targets_since = today()
    row.changed_by = by
    row.save()
    if (before in COUNTED) != (level in COUNTED):
        basis.forget()
    said = [str(Sharing.Level(before).label), str(row.get_level_display())]
    audit.record(by=by, verb="account.shared", target=partner, changes={"level": said})
    events.send(AccountSharingChanged(partner.pk, level))
    return row


# ── The vendor's settings ────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def set_ideal(*, by: User, product_line: ProductLine, verticals: list[Vertical], sizes: list[str]) -> None:
    """Which customers a product line is made for. ValueError for a size there is not."""
    wanted = [Size(size).value for size in Size if size in sizes]
    if len(wanted) != len(set(sizes)):
        raise ValueError(sizes)
    row, _made = Ideal.objects.get_or_create(product_line=product_line)
    before = {"verticals": ", ".join(map(str, row.verticals.all())), "sizes": ", ".join(row.sizes)}
    row.sizes = wanted
    row.save()
    row.verticals.set(verticals)
    after = {"verticals": ", ".join(map(str, row.verticals.all())), "sizes": ", ".join(wanted)}
    if changes := audit.changes_between(before, after):
        audit.record(by=by, verb="account.ideal", target=product_line, changes=changes)


# ── Many customers at once ───────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def take_in(*, by: User, partner: Partner, lines: Sequence[Line]) -> tuple[int, int]:
    """Customers out of a file: those of these names are filled in, the others added. What a line says nothing of stays; what it says
    the customer owns is added to what it owns. Of two lines with one name the later one holds. Returns (added, filled in)."""
    _may_plan(by, partner)
    wanted = {(normalised(line.values["name"]) or line.values["name"].casefold())[:200]: line for line in lines}
    rows = Customer.objects.unscoped("of one partner").filter(partner=partner, name_key__in=wanted)
    there = {row.name_key: row for row in rows.select_for_update()}
    known = not by.is_partner_side
    new = [
        Customer(partner=partner, name=line.values["name"], name_key=key, known_to_vendor=known)
        for key, line in wanted.items()
        if key not in there
    ]
    for row in new:
        _fill(row, wanted[row.name_key].values, OF_CUSTOMER[1:])
    for key, row in there.items():
        _fill(row, wanted[key].values, OF_CUSTOMER[1:])
    Customer.objects.bulk_create(new)
    Customer.objects.unscoped("of one partner").bulk_update(there.values(), OF_CUSTOMER[1:])
    everyone = {**there, **{row.name_key: row for row in new}}
    _accounts_of(by, wanted, everyone)
    OwnedProduct.objects.bulk_create(
        [
            OwnedProduct(customer=everyone[key], **_columns(thing))
            for key, line in wanted.items()
            for thing in sorted(line.owned)
        ],
        ignore_conflicts=True,
    )
    counts = {"added": [None, len(new)], "filled in": [None, len(there)]} if queries.level(partner) in COUNTED else {}
    audit.record(by=by, verb="account.imported", target=partner, changes=counts, in_history=False)
    return len(new), len(there)


def _fill(row: Any, values: Mapping[str, Any], names: Sequence[str]) -> None:
    for name in names:
        if name in values:
            setattr(row, name, values[name])


def _accounts_of(by: User, wanted: Mapping[str, Line], customers: Mapping[str, Customer]) -> None:
    verticals = {row.key: row for row in Vertical.objects.all()}
    rows = Account.objects.unscoped("of one partner").filter(customer__in=[row.pk for row in customers.values()])
    there = {row.customer_id: row for row in rows}
    new = []
    for key, line in wanted.items():
        values = dict(line.values)
        if "vertical" in values:
            values["vertical"] = verticals[values["vertical"]]
        row = there.get(customers[key].pk)
        if row is None:
            new.append(row := Account(customer=customers[key]))
        _fill(row, values, OF_ACCOUNT)
        row.updated_by, row.updated_at = by, timezone.now()
    Account.objects.bulk_create(new)
    Account.objects.unscoped("of one partner").bulk_update(there.values(), [*OF_ACCOUNT, "updated_by", "updated_at"])
