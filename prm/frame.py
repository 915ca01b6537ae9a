"""What the frame of every page shows: whose site, who is signed in, where one can go."""

from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission as P


@dataclass(frozen=True)
class Place:
    """An entry of the navigation: pressing g and then `key` goes there."""

    label: Any
    url_name: str
    icon: str
    key: str
    permission: P
    section: str  # entries are marked current by the section a view's URL namespace belongs to


VENDOR = (
    Place(_("Home"), "cadence:home", "home", "h", P.SEE_PARTNERS, "cadence"),
    Place(_("Partners"), "partners:list", "partners", "p", P.SEE_PARTNERS, "partners"),
    Place(_("Scorecards"), "scorecards:list", "scorecard", "c", P.SEE_SCORECARDS, "scorecards"),
    Place(_("Plans"), "planning:list", "plan", "b", P.SEE_SHARED_PLANS, "planning"),
    Place(_("Accounts"), "accountplans:targets", "people", "u", P.SEE_ACCOUNT_PLANS, "accountplans"),
    Place(_("Deals"), "pipeline:deals", "deals", "e", P.SEE_DEALS, "deals"),
    Place(_("Registrations"), "dealdesk:registrations", "lock", "n", P.SEE_REGISTRATIONS, "registrations"),
    Place(_("Leads"), "leads:list", "leads", "l", P.SEE_LEADS, "leads"),
    Place(_("Sales data"), "pipeline:results", "pipeline", "d", P.SEE_PERFORMANCE, "sales"),
    Place(_("Marketing"), "marketing:plans", "marketing", "m", P.SEE_MARKETING, "marketing"),
    Place(_("MDF"), "mdf:home", "money", "f", P.SEE_MDF, "mdf"),
    Place(_("QBRs"), "qbr:list", "qbr", "q", P.SEE_QBR, "qbr"),
    Place(_("Roll-ups"), "scorecards:rollup", "rollup", "r", P.SEE_ROLLUPS, "rollups"),
    Place(_("Actions"), "partners:action_list", "actions", "a", P.SEE_WORK, "actions"),
    Place(_("Import"), "imports:list", "upload", "i", P.IMPORT_DATA, "imports"),
    Place(_("Settings"), "settings:home", "settings", "s", P.SEE_AUDIT, "settings"),
)
# The portal's entries stand in one row: each may have several pages, as tabs under it, and leads to the first one may open.
PORTAL = (
    (Place(_("Home"), "cadence:portal_home", "home", "h", P.PORTAL, "cadence"),),
    (
        Place(_("Performance"), "scorecards:portal_performance_own", "rollup", "p", P.PORTAL, "performance"),
        Place(_("Program level"), "tiers:portal", "plan", "", P.PORTAL, "tiers"),
        Place(_("Certifications"), "partners:portal_learning", "check", "", P.PORTAL, "learning"),
    ),
    (Place(_("Scorecards"), "scorecards:portal_list", "scorecard", "c", P.ANSWER_SCORECARDS, "scorecards"),),
    (
        Place(_("Plan"), "planning:portal_home", "plan", "b", P.PORTAL, "planning"),
        Place(_("Objectives"), "partners:portal_objectives", "check", "", P.PORTAL, "objectives"),
        Place(_("QBRs"), "qbr:portal_list", "qbr", "", P.PORTAL, "qbr"),
    ),
    (
        Place(_("Deals"), "pipeline:portal_deals", "deals", "e", P.PORTAL, "deals"),
        Place(_("Registrations"), "dealdesk:portal_registrations", "lock", "", P.PORTAL, "registrations"),
        Place(_("Leads"), "leads:portal_list", "leads", "", P.PORTAL, "leads"),
        Place(_("Accounts"), "accountplans:portal_partner", "people", "", P.PORTAL, "accountplans"),
    ),
    (
        Place(_("Plans"), "marketing:portal_plans", "marketing", "m", P.PORTAL, "marketing"),
        Place(_("Funds & requests"), "mdf:portal_requests", "money", "", P.PORTAL, "mdf"),
        Place(_("Claims"), "mdf:portal_claims", "clip", "", P.PORTAL, "mdf_claims"),
    ),
    (Place(_("Actions"), "partners:portal_actions", "actions", "a", P.PORTAL, "partners"),),
    (Place(_("Team"), "people:team", "people", "t", P.MANAGE_TEAM, "team"),),
)
GROUPS = {
    "pipeline:portal_deals": _("Deals & leads"),
    "marketing:portal_plans": _("Marketing & MDF"),
}  # what an entry is called where that isn't its first page's name
# The tabs of the settings. A page of theirs sets request.section = "settings".
SETTINGS = (
    Place(_("General"), "settings:general", "settings", "", P.EDIT_SETTINGS, ""),
    Place(_("Users"), "people:users", "people", "", P.MANAGE_USERS, ""),
    Place(_("Questionnaires"), "questionnaires:list", "scorecard", "", P.EDIT_QUESTIONNAIRES, ""),
    Place(_("Tier rules"), "tiers:list", "plan", "", P.SEE_PERFORMANCE, ""),
    Place(_("Plan benchmarks"), "planning:benchmarks", "plan", "", P.EDIT_BENCHMARKS, ""),
    Place(_("Tactics"), "marketing:tactics", "marketing", "", P.EDIT_MARKETING_RULES, ""),
    Place(_("Template plays"), "marketing:plays", "marketing", "", P.EDIT_MARKETING_RULES, ""),
    Place(_("Lead rules"), "leads:rules", "leads", "", P.EDIT_LEAD_RULES, ""),
    Place(_("Lists"), "partners:lists", "settings", "", P.EDIT_SETTINGS, ""),
    Place(_("Ideal customers"), "accountplans:ideals", "people", "", P.EDIT_SETTINGS, ""),
    Place(_("Required tasks"), "partners:tasks", "settings", "", P.EDIT_SETTINGS, ""),
    Place(_("Sales data"), "pipeline:settings", "settings", "", P.EDIT_SETTINGS, ""),
    Place(_("Registrations"), "dealdesk:policy", "lock", "", P.EDIT_SETTINGS, ""),
    Place(_("MDF approval"), "mdf:rules", "marketing", "", P.EDIT_SETTINGS, ""),
    Place(_("QBR decks"), "qbr:look", "qbr", "", P.EDIT_QBR_TEMPLATE, ""),
    Place(_("Performance"), "scorecards:performance_settings", "settings", "", P.EDIT_SETTINGS, ""),
    Place(_("Holidays"), "settings:calendar", "calendar", "", P.EDIT_SETTINGS, ""),
    Place(_("Currencies"), "settings:currencies", "settings", "", P.EDIT_SETTINGS, ""),
    Place(_("Thresholds"), "settings:thresholds", "settings", "", P.EDIT_SETTINGS, ""),
    Place(_("Cadence"), "cadence:policy", "calendar", "", P.EDIT_SETTINGS, ""),
    Place(_("Webhooks"), "settings:webhooks", "link", "", P.EDIT_SETTINGS, ""),
    Place(_("Audit log"), "settings:audit", "clock", "", P.SEE_AUDIT, ""),
)


def settings_places(user: Any) -> list[Place]:
    """The pages of the settings that a user may open."""
    return [place for place in SETTINGS if user.can(place.permission)]


@dataclass
class Frame:
    side: str
    vendor_name: str = ""
    accent: str = ""
    logo_url: str = ""
    nav: list[dict[str, Any]] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)  # of the portal's entry one is in
    pages_of: Any = ""
    settings_tabs: list[dict[str, Any]] = field(default_factory=list)
    user_name: str = ""
    user_initials: str = ""
    unread: int = 0
    cam: Any = None
    partner_name: str = ""
    theme: str = "auto"


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Pages for people not signed in, and error pages before sign-in, get the bare frame."""
    settings = getattr(request, "vendor_settings", None)
    theme = request.COOKIES.get("theme", "auto")
    shown = Frame(side="bare", theme=theme if theme in ("light", "dark") else "auto")
    if settings is not None:
        shown.vendor_name, shown.accent = settings.name, settings.accent
        shown.logo_url = f"{reverse('common:logo')}?v={crc32(settings.logo.name.encode())}" if settings.logo else ""
    user = getattr(request, "user", None)
    if settings is None or user is None or not user.is_authenticated or hasattr(request, "signed_link"):
        return {"frame": shown}
    shown.side = "portal" if user.is_partner_side else "vendor"
    shown.user_name, shown.user_initials = user.display_name, user.initials
    shown.unread = user.notifications.filter(read_at=None).count()
    if user.is_partner_side:
        _portal(shown, request)
    else:
        shown.nav = [_entry(place, request) for place in VENDOR if user.can(place.permission)]
    if _section(request) == "settings":
        shown.settings_tabs = [_tab(place, request) for place in settings_places(user)]
    if user.is_partner_side and (membership := getattr(user, "membership", None)):
        shown.partner_name, shown.cam = membership.partner.name, membership.partner.cam
    return {"frame": shown}


def _portal(shown: Frame, request: HttpRequest) -> None:
    for group in PORTAL:
        if places := [place for place in group if request.user.can(place.permission)]:
            pages = [_entry(place, request) for place in places]
            current = any(page["current"] for page in pages)
            label = GROUPS.get(group[0].url_name, pages[0]["label"])
            shown.nav.append({**pages[0], "label": label, "current": current})
            if current and len(pages) > 1:
                shown.pages, shown.pages_of = pages, label


def _entry(place: Place, request: HttpRequest) -> dict[str, Any]:
    return {
        "url": reverse(place.url_name),
        "label": place.label,
        "icon": place.icon,
        "key": place.key,
        "current": _section(request) == place.section,
    }


def _tab(place: Place, request: HttpRequest) -> dict[str, Any]:
    url = reverse(place.url_name)
    return {"label": place.label, "url": url, "current": request.path.startswith(url)}


def _section(request: HttpRequest) -> str:
    match = getattr(request, "resolver_match", None)
    return getattr(request, "section", "") or (match.namespace if match else "")
