"""The one search: each tool registers what it can find; everybody finds only what they may see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from partners.filters import matches
from partners.models import Contact, Partner
from prm import frame
from prm.common.names import fold

LIMIT = 8
ALIKE = 0.35  # how near a name must be to be offered when nothing fits (0–1)


@dataclass(frozen=True)
class Hit:
    title: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    """What one source found: at most LIMIT hits; `more` leads to all of them where there are more."""

    label: Any
    hits: list[Hit]
    more: str = ""
    note: str = ""


Source = Callable[[User, str], Group | None]
_sources: list[tuple[int, Source]] = []


def source(order: int) -> Callable[[Source], Source]:
    """Registers (user, text) → Group, or None where nothing is found."""

    def register(function: Source) -> Source:
        _sources.append((order, function))
        return function

    return register


def search(user: User, text: str) -> list[Group]:
    """What this user finds with `text`, by kind."""
    found = (function(user, text) for _order, function in sorted(_sources, key=lambda entry: entry[0]))
    return [group for group in found if group and group.hits]


def _group(label: Any, hits: Iterable[Hit], more: str = "", note: str = "") -> Group:
    first = list(hits)
    return Group(label, first[:LIMIT], more if len(first) > LIMIT else "", note)


@source(0)
def partners(user: User, text: str) -> Group:
    """By name, domain, id or contact; when none fits, those that sound alike."""
    seen = Partner.objects.visible_to(user).select_related("tier", "stage")
    found = list(seen.filter(matches(text)).order_by("name", "pk")[: LIMIT + 1])
    note = ""
    if not found and (plain := fold(text)):
        alike = seen.annotate(alike=TrigramWordSimilarity(plain, "name_key")).filter(alike__gte=ALIKE)
        found = list(alike.order_by("-alike", "name")[:LIMIT])
        note = _("Nothing is spelled like that. Did you mean:")
    hits = (
        Hit(p.name, p.get_absolute_url(), " · ".join(str(x) for x in (p.tier, p.stage, p.city) if x)) for p in found
    )
    return _group(_("Partners"), hits, f"{reverse('partners:list')}?{urlencode({'q': text})}", note)


@source(10)
def contacts(user: User, text: str) -> Group:
    rows = Contact.objects.visible_to(user).select_related("partner").order_by("name", "pk")
    rows = rows.filter(Q(name__icontains=text) | Q(email__icontains=text))[: LIMIT + 1]
    hits = (
        Hit(
            c.name, reverse("partners:people", args=[c.partner_id]), " · ".join(filter(None, [c.partner.name, c.title]))
        )
        for c in rows
    )
    return _group(_("Contacts"), hits)


@source(90)
def users(user: User, text: str) -> Group | None:
    if not user.can(Permission.MANAGE_USERS):
        return None
    rows = User.objects.filter(Q(name__icontains=text) | Q(email__icontains=text)).order_by("name", "pk")[: LIMIT + 1]
    return _group(_("Users"), (Hit(u.display_name, reverse("people:user", args=[u.pk]), u.email) for u in rows))


@source(99)
def pages(user: User, text: str) -> Group:
    words = fold(text)
    places = (
        place for place in frame.VENDOR if user.can(place.permission) and words and words in fold(str(place.label))
    )
    return _group(_("Pages"), (Hit(str(place.label), reverse(place.url_name)) for place in places))
