"""A plan's objectives are signed with it: set elsewhere meanwhile, they make signatures void, too."""

from django.db import transaction
from django.utils.translation import gettext as _

from partners.events import ObjectivesChanged
from planning import signing
from planning.actions.voiding import void_signatures
from planning.models import BusinessPlan, PlanSignature
from prm.common import events


@events.on(ObjectivesChanged)
def void_what_has_changed(event: ObjectivesChanged) -> None:
    """Of these partners' drafts, the signatures that are not under the objectives of now. Whoever signed is told."""
    signed = PlanSignature.objects.unscoped("of the partners of an event").filter(
        plan__partner__in=event.partner_ids, plan__status=BusinessPlan.Status.DRAFT, voided_at=None
    )
    for pk in sorted(set(signed.values_list("plan", flat=True))):
        _void(pk)


@transaction.atomic
def _void(pk: int) -> None:
    rows = BusinessPlan.objects.unscoped("one plan in hand").filter(pk=pk, status=BusinessPlan.Status.DRAFT)
    plan = rows.select_related("partner").select_for_update(of=("self",)).first()
    if plan is not None:
        reason = _("The objectives of the plan were changed.")
        void_signatures(plan=plan, by=None, reason=reason, keep=signing.content_hash(plan))
