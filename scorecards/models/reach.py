"""Who reaches which assessment, and who fills it in. `path` leads to the assessment ("" for itself, else "assessment__").

- capability, recruit: those who see the partner; blind until both sides are in. Recruit never reaches the partner's side.
- satisfaction: the partner's side its own. Of the vendor's, who may see satisfaction, in the regions a chief is limited to,
  once it is submitted, and never the CAM it is about: a CAM gets averages only (scorecards.satisfaction).
- program: who runs the program.
- cam: the CAM it is about and who reviews CAMs; blind until both of a quarter are in. A chief limited to regions reviews
  the CAMs who look after partners there.
"""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from accounts.permissions import Permission, Role
from partners.models import Partner

SELF, CAM, JOINT = "self", "cam", "joint"
SEEN_BY_PARTNERS = ("capability", "satisfaction")
NOBODYS = ("program", "cam")  # kinds that are about no partner


def open_to(user: User, path: str) -> Q:
    """Which assessments of partners are open to the user's side: its own, joint ones, and those both sides are in."""
    if not user.can(Permission.ANSWER_SCORECARDS if user.is_partner_side else Permission.SEE_SCORECARDS):
        return Q(pk__in=[])
    own = SELF if user.is_partner_side else CAM
    rows = Q(**{f"{path}mode__in": [own, JOINT]}) | Q(**{f"{path}revealed": True})
    if user.is_partner_side:
        return rows & Q(**{f"{path}questionnaire__kind__in": SEEN_BY_PARTNERS})
    return rows & Q(**{f"{path}partner__isnull": False})


def reach(user: User, path: str, partners: Q) -> Q:
    """Every assessment the user may see; `partners` is the rule of which partners' rows those are."""
    rows = partners & open_to(user, path)
    if user.is_partner_side or not user.is_active or not user.can(Permission.SEE_SCORECARDS):
        return rows
    if user.can(Permission.SEE_SATISFACTION):
        rows |= _satisfaction(user, path)
    if user.can(Permission.RUN_PROGRAM):
        rows |= Q(**{f"{path}questionnaire__kind": "program"})
    if user.can(Permission.SCORE_OURSELVES):
        rows |= _reviews(path, SELF) & Q(**{f"{path}about": user.pk})
    if user.can(Permission.REVIEW_CAMS):
        rows |= _reviews(path, CAM) & reviewed_by(user, f"{path}about") & ~Q(**{f"{path}about": user.pk})
    return rows


def _satisfaction(user: User, path: str) -> Q:
    rows = Q(**{f"{path}questionnaire__kind": "satisfaction"}) & ~Q(**{f"{path}status": "draft"})
    rows &= ~Q(**{f"{path}about": user.pk})
    regions = limits(user)
    return rows if regions is None else rows & Q(**{f"{path}partner__region__in": regions})


def _reviews(path: str, own: str) -> Q:
    return Q(**{f"{path}questionnaire__kind": "cam"}) & (Q(**{f"{path}mode": own}) | Q(**{f"{path}revealed": True}))


def limits(user: User) -> list[int] | None:
    """The ids of the regions a chief is limited to; None for who is not."""
    if user.roles & {Role.ADMIN, Role.OPERATIONS}:
        return None
    return list(user.region_limits.values_list("region_id", flat=True)) or None


def reviewed_by(user: User, path: str) -> Q:
    """Which people (at `path`) the user reviews as CAMs: all, or those with partners in the regions the user is limited to."""
    regions = limits(user)
    if regions is None:
        return Q(**{f"{path}__isnull": False}) if path else Q()
    there = Partner.objects.unscoped("whom a chief's regions belong to").filter(region__in=regions)
    at = f"{path}__" if path else ""
    owners, covers = (there.filter(**{f"{name}__isnull": False}).order_by().values(name) for name in ("cam", "cover"))
    return Q(**{f"{at}pk__in": owners}) | Q(**{f"{at}pk__in": covers})


def filled_in_by(user: User, path: str = "") -> Q:
    """Of the assessments the user reaches, those the user's side fills in. Of a CAM's, that is the CAM its own, and whoever
    reviews the CAM the manager's."""
    if user.is_partner_side:
        return Q(**{f"{path}mode__in": [SELF, JOINT]})
    partners = Q(**{f"{path}partner__isnull": False, f"{path}mode__in": [CAM, JOINT]})
    nobodys = Q(**{f"{path}partner": None})
    own = nobodys & Q(**{f"{path}about": user.pk, f"{path}mode": SELF})
    others = nobodys & Q(**{f"{path}mode": CAM}) & ~Q(**{f"{path}about": user.pk})
    return partners | own | others
