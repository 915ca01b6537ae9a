"""What people do with deals. Whether the person may see the deal is the view's business; whether they may write it, is checked here."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from partners import history
from partners.actions import Conflict
from partners.models import Partner
from partners.queries import lock
from pipeline.actions import customer_named
from pipeline.deals import queries, rules
from pipeline.deals.telling import tell
from pipeline.events import DealsChanged
from pipeline.models import Customer, Deal, DealShare, DealStage, StageChange
from prm.common import audit, events
from prm.common.currencies import MINOR_UNITS
from prm.common.vendor import today

OPEN, LOST = DealStage.Outcome.OPEN, DealStage.Outcome.LOST

audit.VERBS |= {
    "deal.added": gettext_lazy("Deal added"),
    "deal.changed": gettext_lazy("Deal changed"),
    "deal.moved": gettext_lazy("Deal moved"),
    "deal.removed": gettext_lazy("Deal removed"),
}
history.VERBS |= {
    "deal.added": gettext_lazy("Deal added: %(name)s"),
    "deal.changed": gettext_lazy("Deal changed: %(name)s"),
    "deal.moved": gettext_lazy("Deal moved: %(name)s"),
    "deal.removed": gettext_lazy("Deal removed: %(name)s"),
}

Shares = Mapping[int, Decimal]


@transaction.atomic
def add_deal(
    *,
    by: User,
    partner: Partner,
    name: str,
    amount: Decimal,
    currency: str,
    stage: DealStage | None = None,
    shares: Shares | None = None,
    customer_name: str = "",
    created_on: dt.date | None = None,
    closed_on: dt.date | None = None,
    once_in: dt.timedelta | None = None,
    needs: Permission = Permission.EDIT_DEALS,
    **more: Any,
) -> Deal:
    """A deal that `partner` leads, today's and in the first open stage where nothing else is said.

    `shares`: partner's id → percent, all of it the leader's where left out. `customer_name`: the end customer's, added to the
    partner's customers where it is new. `once_in`: a deal that `by` added so, no longer ago, is given back instead: a button
    was pressed twice. `needs`: what it takes, where the deal follows from another decision than one about deals; then `shares` may
    also be those of partners that `by` doesn't see. Raises ValidationError by field, PermissionDenied.
    """
    _refuse_stranger(by, partner.pk, needs)
    stage = stage or first_stage()
    created_on = created_on or today()
    if stage.outcome != OPEN:
        closed_on = closed_on or today()
    deal = Deal(
        partner=partner,
        name=name.strip(),
        amount=amount,
        currency=currency,
        stage=stage,
        created_on=created_on,
        closed_on=closed_on,
        stage_since=closed_on or created_on,
        created_by=by,
        **more,
    )
    if stage.outcome != OPEN:
        deal.probability = None
    _check(deal)
    if once_in is not None and (twin := _twin(deal, once_in)):
        return twin
    deal.customer = _customer(by, partner, customer_name)
    deal.save()
    wanted = {partner.pk: rules.WHOLE} if shares is None else dict(shares)
    _write_shares(by if needs == Permission.EDIT_DEALS else None, deal, wanted, {})
    StageChange(deal=deal, to_stage=stage, on=deal.stage_since, by=by).save()
    audit.record(by=by, verb="deal.added", target=deal)
    events.send(DealsChanged(tuple(wanted), (deal.pk,)))
    tell("deal.added", deal)
    return deal


@transaction.atomic
def update_deal(
    *,
    by: User,
    deal: Deal,
    changes: Mapping[str, Any],
    seen: Mapping[str, Any] | None = None,
    shares: Shares | None = None,
    seen_shares: Shares | None = None,
) -> Deal:
    """Sets the fields in `changes` (`customer_name` for the end customer), and who it counts for where `shares` are given.

    The stage is `move_deal`'s. `shares` are those of partners `by` sees; what others have stays. `seen` and `seen_shares`: what
    there was when the person began; where it is something else by now, Conflict. Raises ValidationError by field, PermissionDenied.
    """
    locked = _locked(deal)
    _refuse_stranger(by, locked.partner_id)
    if {"stage", "partner", "stage_since"} & set(changes):
        raise ValueError("A deal is moved by move_deal, and stays with the partner that leads it.")
    held = {name: _held(locked, name) for name in changes}
    changed = {name: [held[name], value] for name, value in changes.items() if held[name] != value}
    if clash := {name: pair[0] for name, pair in changed.items() if seen is not None and seen[name] != pair[0]}:
        raise Conflict(clash)
    for name, (_old, value) in changed.items():
        if name == "customer_name":
            locked.customer = _customer(by, locked.partner, value)
        else:
            setattr(locked, name, value)
    _check(locked)
    if "lost_reason" in changed and locked.stage.outcome == LOST and not locked.lost_reason.strip():
        raise ValidationError({"lost_reason": _("Say why it was lost.")})
    if {"created_on", "closed_on"} & set(changed):
        _redate(locked, changed)
    before = queries.share_map(locked)
    after = dict(before)
    if shares is not None:
        known = {pk: percent for pk, percent in before.items() if pk in _seen(by, before)}
        if seen_shares is not None and known != dict(seen_shares):
            raise Conflict({"shares": _said(before)})
        _write_shares(by, locked, dict(shares), before)
        after = queries.share_map(locked)
        if before != after:
            changed["shares"] = [_said(before), _said(after)]
    if not changed:
        return locked
    locked.save()
    audit.record(by=by, verb="deal.changed", target=locked, changes=changed)
    events.send(DealsChanged(tuple({**before, **after}), (locked.pk,)))
    tell("deal.changed", locked, changed=sorted(changed))
    return locked


@transaction.atomic
def move_deal(
    *,
    by: User,
    deal: Deal,
    to: DealStage,
    on: dt.date | None = None,
    lost_reason: str = "",
    seen: int | None = None,
) -> Deal:
    """Takes a deal to another stage, today or on an earlier day that is not before its last change; won and lost close it.

    `seen`: the id of the stage the person saw it in; where somebody has moved it elsewhere meanwhile, Conflict. Moved there
    already: nothing happens. Raises ValidationError by field (a lost deal needs its reason), PermissionDenied.
    """
    locked = _locked(deal)
    _refuse_stranger(by, locked.partner_id)
    if locked.stage_id == to.pk:
        return locked
    if seen is not None and seen != locked.stage_id:
        raise Conflict({"stage": locked.stage})
    day = on or today()
    if day > today():
        raise ValidationError({"on": _("A change can't be dated in the future.")})
    if day < locked.stage_since:
        raise ValidationError(
            {
                "on": _("It has been in “%(stage)s” since %(day)s: choose that day or a later one.")
                % {"stage": locked.stage, "day": locked.stage_since}
            }
        )
    reason = lost_reason.strip()
    if to.outcome == LOST and not reason:
        raise ValidationError({"lost_reason": _("Say why it was lost.")})
    before = locked.stage
    changed = {"stage": [before, to]}
    step = StageChange(deal=locked, from_stage=before, to_stage=to, on=day, by=by)
    locked.stage, locked.stage_since = to, day
    locked.closed_on = None if to.outcome == OPEN else day
    locked.lost_reason = reason if to.outcome == LOST else ""
    if to.outcome != OPEN:
        locked.probability = None
    _check(locked)
    locked.save()
    step.save()
    audit.record(by=by, verb="deal.moved", target=locked, changes=changed, note=locked.lost_reason)
    events.send(DealsChanged(tuple(queries.share_map(locked)), (locked.pk,)))
    tell("deal.moved", locked, from_stage=before.key)
    return locked


@transaction.atomic
def remove_deal(*, by: User, deal: Deal) -> None:
    """Takes a deal out, with its history. Gone already: nothing happens. Raises PermissionDenied."""
    rows = Deal.objects.unscoped("the caller may see it").select_for_update().filter(pk=deal.pk)
    if (locked := rows.first()) is None:
        return
    _refuse_stranger(by, locked.partner_id)
    partners = tuple(queries.share_map(locked))
    audit.record(
        by=by, verb="deal.removed", target=locked, changes={"amount": [f"{locked.amount} {locked.currency}", None]}
    )
    tell("deal.removed", locked)
    locked.delete()
    events.send(DealsChanged(partners, (deal.pk,)))


@transaction.atomic
def mark_registered(*, by: User, deal: Deal, on: dt.date) -> Deal:
    """A registration was approved for it: the day is kept, the first one where there are several. Whether `by` may decide about the
    registration is the caller's business."""
    locked = _locked(deal)
    if locked.registered_on is not None:
        return locked
    locked.registered_on = on
    locked.save(update_fields=["registered_on", "updated_at"])
    audit.record(by=by, verb="deal.changed", target=locked, changes={"registered_on": [None, on]})
    events.send(DealsChanged(tuple(queries.share_map(locked)), (locked.pk,)))
    tell("deal.changed", locked, changed=["registered_on"])
    return locked


def first_stage() -> DealStage:
    """The stage in which a deal begins. ValidationError where every stage is won or lost."""
    found: DealStage | None = DealStage.objects.filter(outcome=OPEN).first()
    if found is None:
        raise ValidationError({"stage": _("There is no open stage a deal could begin in.")})
    return found


# ── What both hold to ────────────────────────────────────────────────────────────────────────────────────────────────


def _locked(deal: Deal) -> Deal:
    rows = Deal.objects.unscoped("the caller may see it").select_related("stage", "customer", "partner")
    locked: Deal | None = rows.select_for_update(of=("self",)).filter(pk=deal.pk).first()
    if locked is None:
        raise ValidationError(_("Somebody has removed this deal meanwhile."))
    return locked


def _refuse_stranger(by: User, leader: int, needs: Permission = Permission.EDIT_DEALS) -> None:
    if not by.can(needs) or not Partner.objects.visible_to(by).filter(pk=leader).exists():
        raise PermissionDenied


def _held(deal: Deal, name: str) -> Any:
    if name == "customer_name":
        return deal.customer.name if deal.customer else ""
    return getattr(deal, name)


def _twin(deal: Deal, ago: dt.timedelta) -> Deal | None:
    """The same deal by the same person, added within `ago`. A second click waits for the first."""
    lock(f"deals {deal.partner_id}")
    rows = Deal.objects.unscoped("of the one who adds it").filter(
        partner=deal.partner, name=deal.name, amount=deal.amount, currency=deal.currency,
        created_by=deal.created_by, created_at__gt=timezone.now() - ago,
    )  # fmt: skip
    found: Deal | None = rows.order_by("-pk").first()
    return found


def _customer(by: User, partner: Partner, name: str) -> Customer | None:
    """The partner's customer of this name, added where it is new."""
    if not name.strip():
        return None
    try:
        return customer_named(by=by, partner=partner, name=name)
    except ValidationError as error:
        raise ValidationError({"customer_name": error.message_dict["customer"]}) from error


def _check(deal: Deal) -> None:
    """Raises ValidationError by field."""
    deal.full_clean(exclude={"created_by", "customer", "stage_since"})
    wrong: dict[str, Any] = {}
    if deal.currency not in MINOR_UNITS:
        wrong["currency"] = _("This is not the code of a currency (ISO 4217).")
    words = {
        "future": _("This day is still to come."),
        "after_close": _("This can't be after the day the deal was closed."),
    }
    refused = rules.dates_refused(
        day=today(), created_on=deal.created_on, registered_on=deal.registered_on, closed_on=deal.closed_on
    )
    wrong |= {name: words[what] for name, what in refused.items()}
    if deal.stage.outcome == OPEN and deal.closed_on is not None:
        wrong["closed_on"] = _("Only a deal that was won or lost has been closed.")
    if deal.stage.outcome != OPEN and deal.closed_on is None:
        wrong["closed_on"] = _("Say when it was closed.")
    if deal.stage.outcome == LOST and not deal.lost_reason.strip() and deal.pk is None:
        wrong["lost_reason"] = _("Say why it was lost.")
    if deal.stage.outcome != LOST and deal.lost_reason:
        wrong["lost_reason"] = _("Only a lost deal has a reason for it.")
    if wrong:
        raise ValidationError(wrong)


def _redate(deal: Deal, changed: Mapping[str, Any]) -> None:
    """A new day of creation or closing takes along the change of stage that happened on it, and passes no other."""
    rows = StageChange.objects.unscoped("of a deal the caller may write").filter(deal=deal).select_related("to_stage")
    steps = list(rows.order_by("on", "pk"))
    if "created_on" in changed and steps:
        first, limit = steps[0], steps[0].on
        if first.on == changed["created_on"][0] and first.to_stage.outcome == OPEN:
            limit = steps[1].on if len(steps) > 1 else today()
            first.on = deal.created_on
        if deal.created_on > limit:
            raise ValidationError(
                {"created_on": _("There is a change of stage before that, of %(day)s.") % {"day": limit}}
            )
    if "closed_on" in changed and deal.closed_on is not None:
        if len(steps) > 1 and deal.closed_on < steps[-2].on:
            raise ValidationError(
                {"closed_on": _("There is a change of stage after that, of %(day)s.") % {"day": steps[-2].on}}
            )
        deal.stage_since = deal.closed_on
        if steps:
            steps[-1].on = deal.closed_on
    if steps:
        deal.stage_since = steps[-1].on
        StageChange.objects.unscoped("the same").bulk_update(steps, ["on"])


def _write_shares(by: User | None, deal: Deal, wanted: dict[int, Decimal], before: dict[int, Decimal]) -> None:
    """Makes the shares of partners `by` sees what is `wanted`; those of others stay and count. Raises ValidationError."""
    seen = _seen(by, {**before, **wanted})
    if strangers := [partner for partner in wanted if partner not in seen]:
        raise ValidationError(
            {"shares": _("There is no such partner: %(ids)s.") % {"ids": ", ".join(map(str, strangers))}}
        )
    if deal.partner_id not in wanted:
        raise ValidationError({"shares": _("The partner that leads the deal needs a share in it.")})
    everything = {**{partner: percent for partner, percent in before.items() if partner not in seen}, **wanted}
    if not rules.add_up(everything.values()):
        total = sum(everything.values(), Decimal(0))
        message = (
            _("Each share must be above 0 %.")
            if total == rules.WHOLE
            else _("The shares come to %(total)s %%: they have to come to exactly 100 %%.")
            % {"total": f"{total.normalize():f}"}
        )
        raise ValidationError({"shares": message})
    if any(percent != round(percent, 2) for percent in everything.values()):
        raise ValidationError({"shares": _("A share has two decimals at most.")})
    if everything == before:
        return
    rows = DealShare.objects.unscoped("of a deal the caller may write").filter(deal=deal)
    rows.exclude(partner__in=everything).delete()
    DealShare.objects.bulk_create(
        [DealShare(deal=deal, partner_id=partner, percent=percent) for partner, percent in everything.items()],
        update_conflicts=True,
        unique_fields=["deal", "partner"],
        update_fields=["percent"],
    )


def _seen(by: User | None, shares: Shares) -> set[int]:
    """Of the partners that have a share, those this person sees; all of them for None."""
    if by is None:
        return set(
            Partner.objects.unscoped("by a decision on all sides")
            .filter(pk__in=list(shares))
            .values_list("pk", flat=True)
        )
    return set(Partner.objects.visible_to(by).filter(pk__in=list(shares)).values_list("pk", flat=True))


def _said(shares: Shares) -> str:
    """For the audit log: by the partners' numbers, as whoever reads it may not see all of them."""
    return ", ".join(f"#{partner}: {percent.normalize():f} %" for partner, percent in sorted(shares.items()))
