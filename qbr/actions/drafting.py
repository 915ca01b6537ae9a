"""A review begun, and what people choose for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Partner
from prm.common import audit
from prm.common.fiscal import FiscalQuarter
from prm.common.vendor import fiscal_calendar, today
from qbr import choices
from qbr.actions.common import locked, must_reach
from qbr.models import Qbr
from qbr.refusals import Changed

BACK = 8  # quarters before the current one that can be reviewed


@transaction.atomic
def start(*, partner: Partner, by: User, quarter: str | None = None) -> Qbr:
    """The partner's review of a quarter (key as "2026Q4"; None: `usual_quarter`), begun where there is none. NotAllowed, ValidationError."""
    must_reach(by, partner)
    found = quarter_given(quarter)
    qbr, made = Qbr.objects.unscoped("of one partner in reach").get_or_create(
        partner=partner,
        quarter=found.key,
        defaults={"starts_on": found.start, "ends_on": found.end, "created_by": by, "updated_by": by},
    )
    if made:
        audit.record(by=by, verb="qbr.started", target=qbr, in_history=False)
    return qbr


def usual_quarter() -> FiscalQuarter:
    """What is reviewed when nobody says: the last quarter that is over."""
    return fiscal_calendar().quarter_of(today()).previous


def quarters() -> list[FiscalQuarter]:
    """Those that can be reviewed, the current one first."""
    now = fiscal_calendar().quarter_of(today())
    return [now.shift(-back) for back in range(BACK + 1)]


def quarter_given(key: str | None) -> FiscalQuarter:
    """ValidationError for a quarter that can't be reviewed."""
    if key is None:
        return usual_quarter()
    every = quarters()
    found = next((quarter for quarter in every if quarter.key == key), None)
    if found is None:
        span = {"first": every[-1].key, "last": every[0].key}
        raise ValidationError({"quarter": _("Choose a quarter from %(first)s to %(last)s.") % span})
    return found


@transaction.atomic
def change(
    *,
    qbr: Qbr,
    by: User,
    order: Iterable[str] | None = None,
    switched: Mapping[str, bool | None] | None = None,
    commentary: Mapping[str, Iterable[str] | None] | None = None,
    chosen: Mapping[str, Iterable[Any] | None] | None = None,
    revision: int | None = None,
) -> Qbr:
    """Changes what is given; what isn't stays. None as a value goes back to what is proposed, an empty `order` to the usual one.

    `revision`: that of the draft the writer started from; Changed where it isn't that any more. NotAllowed, ValidationError by field.
    """
    fresh = locked(qbr, by)
    before = values(fresh)
    if revision is not None and revision != fresh.revision:
        raise Changed(_("Somebody changed this QBR meanwhile. Nothing of yours is saved yet."), {**before, "revision": fresh.revision})  # fmt: skip
    if order is not None:
        given = [choices.known_key(key) for key in order]
        fresh.order = list(choices.whole_order(given)) if given else []
    for key, on in (switched or {}).items():
        _put(fresh.switched, choices.known_key(key), on)
    for key, said in (commentary or {}).items():
        _put(fresh.commentary, choices.known_key(key), None if said is None else choices.lines(said))
    for kind, picked in (chosen or {}).items():
        _put(fresh.chosen, kind, None if picked is None else choices.chosen(kind, picked))
    changes = audit.changes_between(before, values(fresh))
    if changes:
        fresh.revision += 1
        fresh.updated_by = by
        fresh.save()
        audit.record(by=by, verb="qbr.changed", target=fresh, changes=changes, in_history=False)
    return fresh


def values(qbr: Qbr) -> dict[str, Any]:
    """The choices as they are kept, copied."""
    return {
        "order": list(qbr.order),
        "switched": dict(qbr.switched),
        "commentary": dict(qbr.commentary),
        "chosen": dict(qbr.chosen),
    }


def _put(kept: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        kept.pop(key, None)
    else:
        kept[key] = value
