"""Work of account plans that no request waits for."""

from __future__ import annotations

from celery import shared_task

from accountplans import basis
from accountplans.events import AccountSharingChanged
from prm.common import events, schedule


@schedule.nightly
def keep_basis() -> None:
    """What every score stands on, read afresh."""
    basis.keep()


@events.on(AccountSharingChanged)
def after_sharing(event: AccountSharingChanged) -> None:
    keep_basis_now.apply_async()


@shared_task
def keep_basis_now() -> None:
    basis.keep()
