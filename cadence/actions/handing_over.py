"""Partners pass from one CAM to another, with the work that is under way."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.permissions import Permission
from cadence import handover
from cadence.models import Handover
from partners.actions import move_partners
from partners.events import ActionsChanged
from partners.models import Action, Partner
from partners.queries import cams
from prm.common import audit, events, mail
from prm.common.notify import notify
from prm.common.vendor import vendor_settings
from prm.tenancy.addresses import vendor_url
from scorecards.models import Assessment

IN_MAIL = 20  # partners named there

audit.VERBS.update(
    {
        "action.handed_over": gettext_lazy("Action handed over"),
        "assessment.handed_over": gettext_lazy("Draft of a scorecard handed over"),
    }
)


@transaction.atomic
def hand_over(*, by: User, partners: QuerySet[Partner], to: User, note: str = "") -> list[Handover]:
    """Makes `to` the CAM of these partners (a scoped queryset; those it looks after already are left out) and gives it the open
    actions and drafts of each one's CAM so far. Due items, invitations and what waits for agreement are the partner's and go
    along by themselves. Keeps a summary of each partner; tells the new CAM by mail and bell.

    PermissionDenied for who may not assign partners. ValidationError: `to` is no active CAM, no partner, over 200 of them.
    """
    if not by.can(Permission.ASSIGN_PARTNERS):
        raise PermissionDenied
    if not cams().filter(pk=to.pk).exists():
        raise ValidationError({"cam": _("Choose a CAM who can sign in.")})
    ids = list(partners.values_list("pk", flat=True)[: handover.MOST + 1])
    if len(ids) > handover.MOST:
        raise ValidationError(_("At most %(n)s partners at a time.") % {"n": handover.MOST})
    rows = (
        Partner.objects.unscoped("of the caller's partners").filter(pk__in=ids).exclude(cam=to).order_by("name", "pk")
    )
    locked = list(rows.select_for_update(of=("self",)).select_related("cam"))
    if not locked:
        raise ValidationError(_("These partners are looked after by that CAM already, or there are none."))
    goes = handover.goes_along(locked)
    made = Handover.objects.bulk_create(
        Handover(partner=each.partner, from_cam=each.partner.cam, to_cam=to, note=note.strip(), by=by, summary=handover.summary(each))
        for each in goes
    )  # fmt: skip
    _hand_actions([action for each in goes for action in each.own_actions], to, by)
    _hand_drafts(goes, to, by)
    moving = Partner.objects.unscoped("locked above").filter(pk__in=[partner.pk for partner in locked])
    move_partners(by=by, partners=moving, what="cam", value=to, reason=_("Handed over"))
    _tell(made, to, by)
    return made


def _hand_actions(actions: list[Action], to: User, by: User) -> None:
    """Those of the CAM so far; what others own stays theirs."""
    if not actions:
        return
    pks = [action.pk for action in actions]
    Action.objects.unscoped("of partners handed over").filter(pk__in=pks).update(owner=to)
    audit.record_many(by=by, verb="action.handed_over", changes=[(a, {"owner": [a.owner, to]}) for a in actions])
    events.send(ActionsChanged(tuple({action.partner_id for action in actions}), tuple(pks)))


def _hand_drafts(goes: Iterable[handover.Goes], to: User, by: User) -> None:
    """The drafts that the CAM so far began are the new one's."""
    drafts = [
        draft
        for each in goes
        for draft in each.drafts
        if draft.started_by_id is not None and draft.started_by_id == each.partner.cam_id
    ]
    Assessment.objects.unscoped("of partners handed over").filter(pk__in=[row.pk for row in drafts]).update(
        started_by=to
    )
    before: dict[int, Any] = {each.partner.pk: each.partner.cam for each in goes}
    audit.record_many(
        by=by,
        verb="assessment.handed_over",
        changes=[(row, {"started_by": [before[row.of_partner.pk], to]}) for row in drafts],
    )


def _tell(made: list[Handover], to: User, by: User) -> None:
    if to == by:
        return
    path = reverse("cadence:handovers") if len(made) > 1 else reverse("cadence:handover", args=[made[0].pk])
    with translation.override(to.language):
        words = ngettext("%(by)s handed %(n)s partner to you", "%(by)s handed %(n)s partners to you", len(made))
        text = words % {"by": by.display_name, "n": len(made)}
    notify(to, text, path)
    context = {
        "by": by,
        "user": to,
        "count": len(made),
        "names": [each.partner.name for each in made[:IN_MAIL]],
        "more": max(len(made) - IN_MAIL, 0),
        "note": made[0].note,
        "vendor": vendor_settings().name,
        "url": vendor_url(path),
    }
    mail.send(to=to.email, template="handover", context=context, language=to.language)
