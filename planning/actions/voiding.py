"""A signature under something that changed since is void, and who signed is told."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import links
from accounts.models import User
from partners import history
from planning import queries
from planning.models import BusinessPlan, PlanSignature, Side
from planning.signing import LINK_DAYS, LINKS
from prm.common import audit, mail
from prm.common.notify import notify
from prm.common.vendor import vendor_settings

VERBS = {"plan.signature_void": gettext_lazy("Signature under a business plan void")}
audit.VERBS.update(VERBS)
history.VERBS.update(VERBS)


def void_signatures(
    *, plan: BusinessPlan, by: User | None, reason: str, keep: str = "", only: str = ""
) -> list[PlanSignature]:
    """Makes the plan's signatures void that hold now, but one with the hash `keep`; `only`: of one side. Tells who signed, but
    not `by`.

    Within the transaction of the change that makes them void. Returns them.
    """
    rows = PlanSignature.objects.unscoped("of one plan in hand").filter(plan=plan, voided_at=None)
    rows = rows.filter(side=only) if only else rows
    void = list(rows.exclude(content_hash=keep).select_related("user"))
    for signature in void:
        signature.voided_at, signature.void_reason = timezone.now(), reason[:300]
        signature.save(update_fields=["voided_at", "void_reason"])
        audit.record(by=by, verb="plan.signature_void", target=plan, note=f"{signature.name}: {reason}"[:500])
        if signature.user is not None and signature.user != by:
            _tell(plan, signature.user, Side(signature.side), reason)
    return void


def _tell(plan: BusinessPlan, user: User, side: Side, reason: str) -> None:
    if not user.is_active:
        return
    request = queries.asked(plan, side)
    with translation.override(user.language):
        text = _("Your signature under the business plan of %(partner)s is void") % {"partner": plan.partner.name}
    notify(user, text, reverse(page_of(side), args=[plan.pk]))
    still_asked = request is not None and request.user_id == user.pk and plan.status == BusinessPlan.Status.DRAFT
    url = links.url(link_for(plan, user, side)) if still_asked else ""
    context = {
        "user": user,
        "partner": plan.partner,
        "vendor": vendor_settings().name,
        "version": plan.number,
        "reason": reason,
        "url": url,
    }
    mail.send(to=user.email, template="plan_void", context=context, language=user.language)


def page_of(side: Side) -> str:
    """The page on which a side signs."""
    return "planning:portal_sign" if side == Side.PARTNER else "planning:sign"


def link_for(plan: BusinessPlan, user: User, side: Side) -> links.SignedLink:
    return links.make(user=user, purpose=LINKS[side], target_id=plan.pk, days=LINK_DAYS)
