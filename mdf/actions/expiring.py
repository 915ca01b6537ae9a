"""What expires by night."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import F, Q

from mdf.actions.writing import expire_what_is_due, lock_accounts
from mdf.models import Entry, Lot
from prm.common.schedule import nightly
from prm.common.vendor import today

log = logging.getLogger(__name__)


@nightly
def expire_due() -> None:
    """Expires what lies past its last day, each account for itself: one that fails stops no other."""
    for account in due_accounts():
        try:
            expire(account)
        except Exception:
            log.exception("money of account %s could not be expired", account)


@transaction.atomic
def expire(account_id: int) -> Entry | None:
    """Expires what one account holds past its last day; None where that is nothing. Once more it does nothing."""
    (account,) = lock_accounts(account_id)
    return expire_what_is_due(account)


def due_accounts() -> list[int]:
    """The accounts that hold something past its last day."""
    day = today()
    rows = Lot.objects.unscoped("of all accounts").filter(available__gt=0)
    rows = rows.filter(Q(expires_on__lt=day) | Q(account__expires_on__lt=day) | Q(account__fund__expires_on__lt=day))
    return list(rows.order_by("account_id").values_list(F("account"), flat=True).distinct())
