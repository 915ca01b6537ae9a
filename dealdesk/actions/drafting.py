"""What is typed into a registration before it is submitted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accountplans.models import AccountTarget
from accounts.models import User
from dealdesk import matching, queries
from dealdesk.actions.checking import freed
from dealdesk.actions.common import hold_places, locked, must_be, must_register, next_place
from dealdesk.models import Registration
from dealdesk.refusals import Changed, NotAllowed
from leads.models import Lead
from partners.models import Partner
from partners.queries import lock
from pipeline.models import ProductLine
from prm.common import audit
from prm.common.countries import COUNTRIES
from prm.common.currencies import MINOR_UNITS

PLAIN = (
    "customer_name", "domain", "country", "amount", "currency", "expected_close", "need", "is_rfp", "contact_name",
    "contact_email",
)  # fmt: skip
FIELDS = (*PLAIN, "product_lines")
LONGEST_NEED = 2000


@transaction.atomic
def save_draft(
    *,
    by: User,
    partner: Partner,
    registration: Registration | None = None,
    values: Mapping[str, Any],
    revision: int | None = None,
    channel: str = Registration.Channel.PAGE,
    lead: Lead | None = None,
    target: AccountTarget | None = None,
    once_in: dt.timedelta | None = None,
) -> Registration:
    """A new draft, or what is typed into one; what isn't in `values` stays. Also into a returned registration, which loses its place
    where it is for another customer then, or for more products.

    `values`: of FIELDS; `product_lines` a list of ProductLine. Nothing has to be complete, only possible: ValidationError by
    field. `revision`: that of the registration when the person began; Changed where it is another by now. `lead`, `target`: what a
    new one is made of, the partner's own. `once_in`: a draft with the same values that `by` began no longer ago is given back
    instead: a button was pressed twice. NotAllowed, Closed.
    """
    if unknown := set(values) - set(FIELDS):
        raise ValueError(f"No such fields: {sorted(unknown)}")
    if registration is None:
        if not queries.may_register(by, partner):
            raise NotAllowed(_("You may not register deals for this partner."))
        _refuse_strange(partner, lead, target)
        fresh = Registration(
            partner=partner, created_by=by, by_vendor=not by.is_partner_side, channel=channel, lead=lead, target=target
        )
    else:
        if registration.state != Registration.State.DRAFT:
            hold_places()  # a returned one may lose its own
        fresh = locked(registration, by)
        must_register(by, fresh)
        must_be(fresh, *Registration.EDITABLE)
        refuse_stale(fresh, revision)
    before = held(fresh)
    for name in PLAIN:
        if name in values:
            setattr(fresh, name, _tidied(name, values[name]))
    _check(fresh)
    lines = list(values["product_lines"]) if "product_lines" in values else None
    if registration is None and once_in is not None and (twin := _twin(fresh, lines or [], once_in)):
        return twin
    after = held(fresh) | ({"product_lines": sorted(line.pk for line in lines)} if lines is not None else {})
    if registration is not None and after == before:
        return fresh
    fresh.revision += 1
    if fresh.state == Registration.State.RETURNED and _is_another(before, after):
        fresh.submitted_at, fresh.place_until = next_place(), None
        freed(fresh)
    fresh.save()
    if lines is not None:
        fresh.product_lines.set(lines)
    if registration is None:
        audit.record(by=by, verb="registration.started", target=fresh, in_history=False)
    elif fresh.state == Registration.State.RETURNED:
        # It was submitted once: what becomes of that can be traced. A draft is its partner's alone.
        audit.record(by=by, verb="registration.changed", target=fresh, changes=_said(before, after), in_history=False)
    return fresh


def _is_another(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether it is for another customer now, or for more products: a place was taken for what was submitted."""
    old, new = (matching.company(each["customer_name"], each["domain"], each["country"]) for each in (before, after))
    same = old == new or ((found := matching.match(old, new)) is not None and found.degree is matching.Degree.FLAGGED)
    return not same or not set(after["product_lines"]) <= set(before["product_lines"])


def _said(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What changed, with product lines by name."""
    names = {line.pk: line.name for line in ProductLine.objects.all()}

    def told(values: Mapping[str, Any]) -> dict[str, Any]:
        return {**values, "product_lines": ", ".join(names.get(pk, "") for pk in values["product_lines"])}

    return audit.changes_between(told(before), told(after))


@transaction.atomic
def discard(*, by: User, registration: Registration) -> None:
    """Throws a draft away. NotAllowed, Closed."""
    fresh = locked(registration, by)
    must_register(by, fresh)
    must_be(fresh, Registration.State.DRAFT)
    audit.record(by=by, verb="registration.discarded", target=fresh, in_history=False)
    fresh.delete()


def held(registration: Registration) -> dict[str, Any]:
    """What is typed into it, by field; product lines by their ids."""
    lines = registration.product_lines.order_by("pk").values_list("pk", flat=True) if registration.pk else []
    return {name: getattr(registration, name) for name in PLAIN} | {"product_lines": list(lines)}


def refuse_stale(registration: Registration, revision: int | None) -> None:
    """Changed where somebody typed into it since it was at `revision`."""
    if revision is not None and revision != registration.revision:
        message = _("Somebody changed this registration while you were typing. Nothing of yours is saved yet.")
        raise Changed(message, held(registration))


def _tidied(name: str, value: Any) -> Any:
    if name == "domain":
        return matching.host(value) or value.strip()
    if name in ("country", "currency"):
        return value.strip().upper()
    if name in ("customer_name", "contact_name", "contact_email"):
        return " ".join(value.split())
    return value.strip() if isinstance(value, str) else value


def _check(registration: Registration) -> None:
    """Raises ValidationError by field."""
    wrong: dict[str, Any] = {}
    try:
        registration.full_clean(exclude={"created_by", "partner", "lead", "target", "deal", "decided_by"})
    except ValidationError as error:
        wrong = error.message_dict
    for name in ("customer_name", "contact_name"):
        if not getattr(registration, name).isprintable():
            wrong.setdefault(name, _("This holds characters that can’t be shown."))
    if len(registration.need) > LONGEST_NEED:
        wrong.setdefault("need", _("This is too long: at most %(n)s characters.") % {"n": LONGEST_NEED})
    if registration.domain and not matching.host(registration.domain):
        wrong.setdefault("domain", _("Write it like example.com."))
    if registration.country and registration.country not in COUNTRIES:
        wrong.setdefault("country", _("Choose a country."))
    if registration.currency and registration.currency not in MINOR_UNITS:
        wrong.setdefault("currency", _("This is not the code of a currency (ISO 4217)."))
    if wrong:
        raise ValidationError(wrong)


def _refuse_strange(partner: Partner, lead: Lead | None, target: AccountTarget | None) -> None:
    if lead is not None and lead.partner_id != partner.pk:
        raise NotAllowed(_("This lead isn’t this partner’s."))
    if target is not None and target.customer.partner_id != partner.pk:
        raise NotAllowed(_("This target isn’t this partner’s."))


def _twin(draft: Registration, lines: list[ProductLine], ago: dt.timedelta) -> Registration | None:
    """The same draft by the same person, begun within `ago`. A second click waits for the first."""
    lock(f"registrations {draft.partner_id}")
    rows = Registration.objects.unscoped("of the one who begins it").filter(
        partner=draft.partner, created_by=draft.created_by, created_at__gt=timezone.now() - ago,
        lead=draft.lead, target=draft.target, **{name: getattr(draft, name) for name in PLAIN},
    )  # fmt: skip
    wanted = sorted(line.pk for line in lines)
    return next((row for row in rows.order_by("-pk") if held(row)["product_lines"] == wanted), None)
