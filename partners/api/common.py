"""What the resources of partners share."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field

from accounts.permissions import Permission
from accounts.tokens import Scope
from partners import queries
from partners.models import Partner
from prm.api.auth import Allowed, Request
from prm.api.paging import check_parameters
from prm.api.problems import field_error, from_validation, invalid
from prm.common.filters import FilterForm

P = Permission
READS = Allowed(Scope.PARTNERS_READ, vendor=P.SEE_PARTNERS)
READS_BOTH = Allowed(Scope.PARTNERS_READ, vendor=P.SEE_PARTNERS, portal=P.PORTAL)
SEES_WORK = Allowed(Scope.PARTNERS_READ, vendor=P.SEE_WORK)
SEES_WORK_BOTH = Allowed(Scope.PARTNERS_READ, vendor=P.SEE_WORK, portal=P.PORTAL)
WRITES = Allowed(Scope.PARTNERS_WRITE, vendor=P.EDIT_PARTNERS)
WRITES_BOTH = Allowed(Scope.PARTNERS_WRITE, vendor=P.EDIT_PARTNERS, portal=P.PORTAL)

M = TypeVar("M", bound=models.Model)


class PartnerQuery(BaseModel):
    """The parameters of the partner filter; what repeats means any of them."""

    q: str = Field("", description="Words of the name; or part of the domain or of a contact; or the external id.")
    region: list[str] = Field([], description="Keys; `none` for those without.")
    cam: list[str] = Field([], description="Ids of users; `none` for those without.")
    tier: list[str] = Field([], description="Keys; `none` for those without.")
    type: list[str] = Field([], description="Keys.")
    stage: list[str] = Field([], description="Keys.")
    country: str = Field("", description="ISO 3166-1, two letters.")
    branches_of: str = Field("", description="Id of the parent partner.")
    distributor: str = Field("", description="Id of the distributor.")


def check_filter(request: Request, chosen: FilterForm, *more: str) -> None:
    """422 for what a filter in the address does not know or understand; `more` are the operation's own parameters."""
    check_parameters(request, {*chosen.fields, *more})
    errors = [field_error(name, text, place="query") for name, texts in chosen.errors.items() for text in texts]
    if errors:
        raise invalid(errors)


def find(request: Request, partner_id: int) -> Partner:
    """The partner, where this user may see it; else 404."""
    partner: Partner = get_object_or_404(queries.partner_list(request.user), pk=partner_id)
    return partner


def one_of(rows: "models.QuerySet[M]", field: str, **by: Any) -> M:
    """The row that a field of the body names; 422 where there is none."""
    row = rows.filter(**by).first()
    if row is None:
        raise invalid([field_error(field, _("There is none such that you can use here."))])
    return row


@contextmanager
def refusing(names: Mapping[str, str] | None = None) -> Iterator[None]:
    """Tells of what an action refuses by the API's names of the fields."""
    try:
        yield
    except ValidationError as error:
        raise from_validation(error, names) from error


def date(value: dt.date | None) -> str | None:
    return value.isoformat() if value else None
