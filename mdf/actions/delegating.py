"""Who decides in whose place while they are away."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from mdf.models import Delegation
from mdf.refusals import Closed, NotAllowed
from prm.common import audit
from prm.common.vendor import today


@transaction.atomic
def delegate(
    *, by: User, person: User, delegate: User, starts_on: dt.date | None = None, ends_on: dt.date | None = None
) -> Delegation:
    """From `starts_on` (today) to `ends_on` (None: until it is ended) `delegate` decides what waits for `person`, who still may, too. One
    names one's own delegate, an admin anybody's. NotAllowed, ValidationError by field."""
    if by.pk != person.pk and not by.can(Permission.EDIT_SETTINGS):
        raise NotAllowed(_("You may name a delegate for yourself only."))
    if not person.can(Permission.DECIDE_MDF):
        raise NotAllowed(_("%(name)s decides nothing about MDF.") % {"name": person.display_name})
    first = starts_on or today()
    if person.pk == delegate.pk:
        raise ValidationError({"delegate": _("Choose somebody else.")})
    if not delegate.is_active or not delegate.can(Permission.DECIDE_MDF):
        raise ValidationError({"delegate": _("%(name)s may not decide about MDF.") % {"name": delegate.display_name}})
    if first < today():
        raise ValidationError({"starts_on": _("Choose today or a later day.")})
    if ends_on is not None and ends_on < first:
        raise ValidationError({"ends_on": _("This is before the first day.")})
    row = Delegation.objects.create(person=person, delegate=delegate, starts_on=first, ends_on=ends_on, created_by=by)
    audit.record(by=by, verb="mdf_delegation.added", target=row)
    return row


@transaction.atomic
def end_delegation(*, by: User, delegation: Delegation) -> None:
    """Ends it now: one that has begun yesterday or before keeps its days until then, another is removed. NotAllowed, Closed where it is
    over."""
    row = Delegation.objects.select_for_update().filter(pk=delegation.pk).first()
    if row is None:
        raise Closed(_("This delegation was ended."))
    if by.pk != row.person_id and not by.can(Permission.EDIT_SETTINGS):
        raise NotAllowed(_("You may end your own delegations only."))
    day = today()
    if row.ends_on is not None and row.ends_on < day:
        raise Closed(_("This delegation is over."))
    audit.record(by=by, verb="mdf_delegation.ended", target=row)
    if row.starts_on < day:
        row.ends_on = day - dt.timedelta(days=1)
        row.save(update_fields=["ends_on"])
    else:
        row.delete()
