"""What the partner page shows of scorecards: a tab and the chip in its header."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from partners import hub
from partners.models import Partner
from scorecards import queries, scoring
from scorecards.performance_page import chip

hub.tab(hub.Tab("level", gettext_lazy("Program level"), "tiers:partner", Permission.SEE_PERFORMANCE, 30))
hub.tab(hub.Tab("scorecards", gettext_lazy("Capabilities"), "scorecards:partner", Permission.SEE_SCORECARDS, 20))

hub.tab(hub.Tab("performance", gettext_lazy("Performance"), "scorecards:performance", Permission.SEE_PERFORMANCE, 10))

hub.chip(10)(chip.chip)


@hub.chip(20)
def capability(partner: Partner, user: User) -> hub.Chip | None:
    if not user.can(Permission.SEE_SCORECARDS):
        return None
    rows = queries.of_partners(user).filter(
        partner=partner, questionnaire__kind="capability", questionnaire__versions__status="published"
    )
    latest = (
        queries.counted(rows).order_by("questionnaire_id", queries.AGREED_FIRST, "-finished_at").only("overall").first()
    )
    url = reverse("scorecards:partner", args=[partner.pk])
    if latest is None or latest.overall is None:
        return hub.Chip(_("Cap"), None, reason=_("No scorecard submitted yet"), url=url)
    shown = scoring.display(latest.overall)
    return hub.Chip(
        _("Cap"), str(shown), queries.thresholds().rag(shown) or "", url=reverse("scorecards:summary", args=[latest.pk])
    )
