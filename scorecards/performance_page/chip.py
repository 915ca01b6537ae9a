"""Performance to plan in the header of the partner page: kept for less than a minute, since every tab shows it."""

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from partners import hub
from partners.models import Partner
from prm.common.rag import Rag
from prm.common.vendor import today
from scorecards.performance.card import Performance
from scorecards.performance.figures import Figures, shown

KEPT = 50  # seconds
Said = tuple[int | None, Rag | None, str]  # the displayed percent, its colour, why there is none


def chip(partner: Partner, user: User) -> hub.Chip | None:
    """Of today, of the partner alone."""
    if not user.can(Permission.SEE_PERFORMANCE):
        return None
    said: Said | None = cache.get(_key(partner))
    if said is None:
        said = remember(partner, Performance(user, partner).figures_of)
    percent, rag, reason = said
    url = reverse("scorecards:performance", args=[partner.pk])
    return hub.Chip(_("Perf"), None if percent is None else str(percent), rag or "", reason, url)


def remember(partner: Partner, figures: Figures) -> Said:
    """Keeps what the chip says from figures of today, the vendor's and without branches."""
    told = figures.explain("performance_to_plan")
    assert told is not None  # it is always there
    said = (shown(told), figures.rag(told), str(told.why_missing or ""))
    cache.set(_key(partner), said, KEPT)
    return said


def _key(partner: Partner) -> str:
    return f"performance-chip:{partner.pk}:{today()}:{get_language()}"
