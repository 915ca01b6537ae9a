"""Plans that were asked to be signed and are not, 30 days after: who is waited for, and the one reminder each request gets."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners.models import Partner
from partners.queries import lock
from planning.actions.voiding import page_of
from planning.models import BusinessPlan, PlanSignature, Side, SignatureRequest
from prm.common import audit, schedule
from prm.common.notify import notify
from prm.common.vendor import today

DAYS = 30
audit.VERBS["plan.chased"] = gettext_lazy("Reminded of a signature")


@dataclass(frozen=True)
class Unsigned:
    """A draft whose newest requests are unanswered for more than DAYS; `asked_on` is the earliest of them."""

    plan: BusinessPlan
    requests: tuple[SignatureRequest, ...]
    day: dt.date

    @property
    def partner(self) -> Partner:
        return self.plan.partner

    @property
    def asked_on(self) -> dt.date:
        return min(request.asked_on for request in self.requests)

    @property
    def due_on(self) -> dt.date:
        """The last day on which it was in time."""
        return self.asked_on + dt.timedelta(days=DAYS)

    @property
    def days(self) -> int:
        """How long it has been unsigned."""
        return (self.day - self.asked_on).days

    @property
    def names(self) -> str:
        """Who hasn't signed."""
        return ", ".join(dict.fromkeys(request.user.display_name for request in self.requests))


def unsigned(user: User, day: dt.date) -> list[Unsigned]:
    """The plans to chase of those the user sees, the longest waiting first."""
    return _found(SignatureRequest.objects.visible_to(user), day)


def _found(rows: QuerySet[SignatureRequest], day: dt.date) -> list[Unsigned]:
    """Of each side the newest request counts; a side that has signed isn't waited for."""
    held = PlanSignature.objects.unscoped("of plans the caller may see").filter(
        plan=OuterRef("plan"), side=OuterRef("side"), voided_at=None
    )
    newest = rows.filter(plan__status=BusinessPlan.Status.DRAFT).order_by("plan_id", "side", "-asked_at", "-pk")
    ids = newest.distinct("plan_id", "side").values("pk")
    late = SignatureRequest.objects.unscoped("narrowed to the caller's inside").filter(
        ~Exists(held), pk__in=ids, asked_on__lt=day - dt.timedelta(days=DAYS)
    )
    late = (
        late.select_related("plan__partner__cam", "user", "asked_by")
        .defer("plan__content")
        .order_by("asked_on", "plan_id", "side")
    )
    by_plan: dict[int, list[SignatureRequest]] = defaultdict(list)
    for request in late:
        by_plan[request.plan_id].append(request)
    return [Unsigned(requests[0].plan, tuple(requests), day) for requests in by_plan.values()]


@schedule.nightly
def every_night() -> None:
    """Reminds those who were asked, and those who asked, once for each request."""
    remind(on=today())


def remind(*, on: dt.date) -> int:
    """One line under the bell of each signer who hasn't signed, and one of who asked; returns how many requests were new."""
    everything = SignatureRequest.objects.unscoped("every night")
    return sum(_remind(found) for found in _found(everything, on))


@transaction.atomic
def _remind(found: Unsigned) -> int:
    lock(f"chase {found.plan.pk}")
    new = list(
        SignatureRequest.objects.unscoped("every night")
        .filter(pk__in=[request.pk for request in found.requests], reminded_on=None)
        .select_related("user", "asked_by")
        .order_by("side")
    )
    for request in new:
        request.reminded_on = found.day
        request.save(update_fields=["reminded_on"])
        audit.record(by=None, verb="plan.chased", target=request, in_history=False)
    _tell_signers(found, new)
    _tell_askers(found, new)
    return len(new)


def _tell_signers(found: Unsigned, new: Iterable[SignatureRequest]) -> None:
    for request in new:
        if not request.user.is_active:
            continue
        with translation.override(request.user.language):
            text = _("The business plan of %(partner)s has waited for your signature for %(days)s days") % {
                "partner": found.partner.name, "days": (found.day - request.asked_on).days,
            }  # fmt: skip
        notify(request.user, text, reverse(page_of(Side(request.side)), args=[found.plan.pk]))


def _tell_askers(found: Unsigned, new: list[SignatureRequest]) -> None:
    """Who asked both sides is told once; who is to sign knows already."""
    signers = {request.user_id for request in new}
    askers = {request.asked_by_id: request.asked_by for request in new if request.asked_by_id not in signers}
    for asker in askers.values():
        if asker is None or not asker.is_active:
            continue
        with translation.override(asker.language):
            text = _("The business plan of %(partner)s is unsigned after %(days)s days: %(names)s") % {
                "partner": found.partner.name, "days": found.days, "names": found.names,
            }  # fmt: skip
        notify(asker, text, found.plan.get_absolute_url())
