"""Leads come in, and what is known of them changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from leads import grading
from leads.actions.common import Kind, ground_at, locked, need, step
from leads.models import Lead, LeadSource
from leads.reading import Ground
from partners.actions import Conflict, keep, put
from pipeline.models import ProductLine
from prm.common.countries import country_code
from prm.imports.messages import BadValue
from prm.imports.values import domain as domain_of

# What is told of a lead; the rest is what becomes of it.
TOLD = (
    "company", "domain", "country", "city", "region", "vertical", "employees", "need", "activity", "source", "campaign",
    "external_id", "score", "person", "job_title", "email", "phone", "consent_from", "consent_on",
)  # fmt: skip
UNTOLD = [field.name for field in Lead._meta.concrete_fields if field.name not in TOLD]


@transaction.atomic
def add_lead(
    *,
    by: User | None,
    company: str,
    source: LeadSource,
    product_lines: Iterable[ProductLine] = (),
    score: Decimal | None = None,
    distribute: bool = True,
    at: dt.datetime | None = None,
    **fields: Any,
) -> Lead:
    """A lead that came in, graded by the policy of the day. `fields`: the other columns of Lead down to the consent.

    `score` None: the source's own. `distribute`: the rules give it out within a minute; else it waits for a person. With an
    e-mail or phone of a person, where the consent is from and when are needed. `at`: when it came in; now where left out.
    Raises ValidationError by field ("came_in_at" for an `at` to come).
    """
    need(by, Permission.EDIT_LEADS)
    now = ground_at(at)
    if unknown := set(fields) - set(TOLD):
        raise TypeError(f"add_lead takes no {', '.join(sorted(unknown))}")
    if now.at > timezone.now():
        raise ValidationError({"came_in_at": _("This moment is still to come.")})
    lead = Lead(
        company=company,
        source=source,
        score=source.default_score if score is None else score,
        created_at=now.at,
        created_by=by,
        distribute_at=now.at if distribute else None,
        **fields,
    )
    check(lead, now)
    lead.grade = grading.grade(lead.score, now.policy.grades)
    lead.save()
    lead.product_lines.set(product_lines)
    step(lead, Kind.ADDED, now, by=by)
    return lead


@transaction.atomic
def update_lead(*, by: User, lead: Lead, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None) -> Lead:
    """Sets the fields in `changes` (`product_lines` as a list); a new score gives a new grade, clocks that run stay as they are.

    Where one holds something else than `seen` by now: partners.actions.Conflict. Raises ValidationError by field.
    """
    need(by, Permission.EDIT_LEADS)
    row = locked(lead)
    now = ground_at(timezone.now())
    wanted = dict(changes)
    lines = wanted.pop("product_lines", None)
    if unknown := set(wanted) - set(TOLD):
        raise TypeError(f"update_lead takes no {', '.join(sorted(unknown))}")
    changed = put(row, wanted, None if seen is None else {**{name: getattr(row, name) for name in wanted}, **seen})
    before = sorted(row.product_lines.all(), key=lambda line: line.pk)
    if lines is not None:
        after = sorted(lines, key=lambda line: line.pk)
        if after != before:
            if seen is not None and sorted(seen.get("product_lines", before), key=lambda line: line.pk) != before:
                raise Conflict({"product_lines": before})
            changed["product_lines"] = [_names(before), _names(after)]
    if not changed:
        return row
    check(row, now)
    if "score" in changed:
        row.grade = grading.grade(row.score, now.policy.grades)
    keep(
        row, {name: pair for name, pair in changed.items() if name != "product_lines"}, "grade", "company_key", *DERIVED
    )
    if "product_lines" in changed:
        row.product_lines.set(lines or ())
    step(row, Kind.CHANGED, now, by=by, partner_id=row.partner_id, text=_said(changed), changes=changed)
    return row


DERIVED = ("domain", "country", "email", "company")  # what a check may spell anew


def _names(lines: Iterable[ProductLine]) -> str:
    return ", ".join(str(line) for line in lines)


def _said(changed: Mapping[str, Any]) -> str:
    labels = [capfirst(str(getattr(Lead._meta.get_field(name), "verbose_name", name))) for name in changed]
    return ", ".join(labels)


def check(lead: Lead, now: Ground) -> None:
    """Spells what is told of a lead the one way it is kept. Raises ValidationError by field."""
    errors: dict[str, Any] = {}
    lead.company = lead.company.strip()
    lead.email = lead.email.strip().lower()
    lead.external_id = (lead.external_id or "").strip() or None
    for name in ("person", "phone", "city", "vertical", "campaign", "consent_from"):
        setattr(lead, name, getattr(lead, name).strip())
    if lead.country and (code := country_code(lead.country)) is None:
        errors["country"] = _("There is no such country.")
    elif lead.country:
        lead.country = code or ""
    for name in ("company", "person"):
        if not getattr(lead, name).isprintable():
            errors[name] = _("This holds characters that can’t be shown.")
    try:
        lead.domain = domain_of(lead.domain) or ""
    except BadValue as error:
        errors["domain"] = str(error)
    if (lead.email or lead.phone) and not (lead.consent_from and lead.consent_on):
        missing = "consent_on" if lead.consent_from else "consent_from"
        errors[missing] = _("Say where the person agreed to be contacted, and when: there is an address or a number.")
    if lead.consent_on and lead.consent_on > now.day:
        errors["consent_on"] = _("This day is still to come.")
    try:
        lead.clean_fields(exclude=UNTOLD)
    except ValidationError as error:
        errors = {**error.error_dict, **errors}
    if errors:
        raise ValidationError(errors)
    lead.validate_constraints(exclude=UNTOLD)
