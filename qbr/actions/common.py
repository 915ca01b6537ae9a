"""What all writes of QBRs share."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from partners import history
from partners.models import Partner
from prm.common import audit
from prm.webhooks import news
from qbr.models import Qbr
from qbr.refusals import NotAllowed

VERBS = {
    "qbr.started": gettext_lazy("QBR started: %(name)s"),
    "qbr.built": gettext_lazy("QBR built: %(name)s"),
    "qbr.held": gettext_lazy("QBR held: %(name)s"),
    "qbr.shared": gettext_lazy("QBR shared: %(name)s"),
    "qbr.unshared": gettext_lazy("QBR no longer shared: %(name)s"),
}
history.VERBS.update(VERBS)
audit.VERBS.update(
    {
        "qbr.started": gettext_lazy("QBR started"),
        "qbr.changed": gettext_lazy("Draft of a QBR changed"),
        "qbr.built": gettext_lazy("QBR built"),
        "qbr.held": gettext_lazy("QBR held"),
        "qbr.shared": gettext_lazy("QBR shared"),
        "qbr.unshared": gettext_lazy("QBR no longer shared"),
        "qbr.commitment_added": gettext_lazy("Commitment of a QBR added"),
        "qbr.commitment_changed": gettext_lazy("Commitment of a QBR changed"),
        "qbr.commitment_removed": gettext_lazy("Commitment of a QBR removed"),
        "qbr_batch.started": gettext_lazy("QBRs for all partners begun"),
        "qbr_template.added": gettext_lazy("Template of QBRs added"),
        "qbr_template.used": gettext_lazy("Template of QBRs put to use"),
        "qbr_template.removed": gettext_lazy("Template of QBRs removed"),
        "qbr_slides.set": gettext_lazy("Usual slides of QBRs set"),
        "partner_logo.set": gettext_lazy("Logo of a partner set"),
        "partner_logo.removed": gettext_lazy("Logo of a partner removed"),
    }
)

_QBR = {"id": 3, "partner": 7, "quarter": "2026Q4", "state": "built"}
BUILT = news.kind("qbr.built", gettext_lazy("A version of a QBR was built"), example=_QBR | {"version": 1, "kind": "partner"})  # fmt: skip
HELD = news.kind("qbr.held", gettext_lazy("A QBR was held"), example=_QBR | {"state": "held", "held_on": "2027-01-20"})
SHARED = news.kind("qbr.shared", gettext_lazy("A QBR was shared with the partner"), example=_QBR | {"state": "shared", "version": 1})  # fmt: skip


def must_edit(by: User) -> None:
    if not by.can(Permission.EDIT_QBR):
        raise NotAllowed(_("You may not work on QBRs."))


def must_reach(by: User, partner: Partner) -> None:
    must_edit(by)
    if not Partner.objects.visible_to(by).filter(pk=partner.pk).exists():
        raise NotAllowed(_("You may not work on this partner's QBRs."))


def locked(qbr: Qbr, by: User) -> Qbr:
    """The review as it is now, locked for this transaction: all writes of it and what belongs to it wait here. NotAllowed out of reach."""
    must_edit(by)
    seen = Qbr.objects.visible_to(by).filter(pk=qbr.pk).order_by().values("pk")
    found = Qbr.objects.unscoped("narrowed above").filter(pk__in=seen).select_related("partner")
    fresh: Qbr | None = found.select_for_update(of=("self",)).first()
    if fresh is None:
        raise NotAllowed(_("You may not work on this QBR."))
    return fresh


def as_news(qbr: Qbr, **more: Any) -> dict[str, Any]:
    """What other systems are told of it."""
    return {"id": qbr.pk, "partner": qbr.partner_id, "quarter": qbr.quarter, "state": str(qbr.state), **more}
