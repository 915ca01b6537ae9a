"""Leads come in, and what is known of them changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from accounts.models import User
from leads.models import Lead, LeadSource
from pipeline.models import ProductLine


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
    Raises ValidationError by field.
    """
    raise NotImplementedError


def update_lead(
    *, by: User, lead: Lead, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
) -> Lead:
    """Sets the fields in `changes` (`product_lines` as a list); a new score gives a new grade, clocks that run stay as they are.

    Where one holds something else than `seen` by now: partners.actions.Conflict. Raises ValidationError by field.
    """
    raise NotImplementedError
