"""Saved views: a page with its filter under a name, for oneself or for everybody who may open the page.

A view is an address and nothing more: what it shows is what its reader may see.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prm.common import audit
from prm.common.models import SavedView

SHARES = "edit_settings"  # the permission to save views for everybody, and to tidy up those
# Where one was on the page isn't part of a view.
PLACES = ("page", "columns", "up", "down")
LONGEST = 2000

audit.VERBS.update(
    {
        "view.saved": gettext_lazy("View saved"),
        "view.changed": gettext_lazy("View changed"),
        "view.removed": gettext_lazy("View removed"),
    }
)

_pages: dict[str, Any] = {}


def savable(url_name: str, label: Any) -> None:
    """Registers a page whose views can be saved: the name of its address, which takes no parameters, and its title."""
    _pages[url_name] = label


def is_savable(url_name: str) -> bool:
    return url_name in _pages


def page_label(view: SavedView) -> str:
    return str(_pages.get(view.page, view.page))


def address(view: SavedView) -> str:
    return reverse(view.page) + (f"?{view.query}" if view.query else "")


def plain(query: str) -> str:
    """The part of an address that a view keeps, in a form that the same filter always has."""
    given = QueryDict(query.removeprefix("?"), mutable=True)
    for name in PLACES:
        given.pop(name, None)
    kept = QueryDict(mutable=True)
    for name, values in sorted(given.lists()):
        if found := [value for value in values if value.strip()]:
            kept.setlist(name, found)
    return str(kept.urlencode())


def of_page(user: Any, url_name: str) -> list[SavedView]:
    """The user's own views of a page, then those for everybody, by name."""
    found = SavedView.objects.filter(Q(owner=user) | Q(shared=True), page=url_name).select_related("owner")
    return sorted(found, key=lambda view: view.owner_id != user.pk)


def changeable(user: Any) -> QuerySet[SavedView]:
    """The views a user may rename and remove: their own, and with SHARES those for everybody."""
    mine = Q(owner=user)
    return SavedView.objects.filter(mine | Q(shared=True) if user.can(SHARES) else mine).select_related("owner")


@transaction.atomic
def save_view(*, by: Any, page: str, name: str, query: str, shared: bool = False) -> SavedView:
    """Keeps a page with its filter. ValidationError: the name is taken or missing, the page has no views, sharing isn't
    theirs to do."""
    if not is_savable(page):
        raise ValidationError(_("Views of this page can’t be saved."))
    view = SavedView(owner=by, page=page, name=name.strip(), query=plain(query), shared=_may_share(by, shared))
    _keep(view)
    audit.record(by=by, verb="view.saved", target=view)
    return view


@transaction.atomic
def change_view(*, by: Any, view: SavedView, name: str, shared: bool) -> None:
    """Renames a view, and shares it or no longer. ValidationError as `save_view`."""
    before = {"name": view.name, "shared": view.shared}
    view.name, view.shared = name.strip(), _may_share(by, shared)
    _keep(view)
    if changes := audit.changes_between(before, {"name": view.name, "shared": view.shared}):
        audit.record(by=by, verb="view.changed", target=view, changes=changes)


@transaction.atomic
def remove_view(*, by: Any, view: SavedView) -> None:
    audit.record(by=by, verb="view.removed", target=view)
    view.delete()


def _may_share(by: Any, shared: bool) -> bool:
    if shared and not by.can(SHARES):
        raise ValidationError({"shared": _("Only who may change settings saves views for everybody.")})
    return shared


def _keep(view: SavedView) -> None:
    if len(view.query) > LONGEST:
        raise ValidationError(_("This filter is too long to be saved: take away a part of it."))
    view.full_clean()
    view.save()


def current(views: Sequence[SavedView], query: str) -> SavedView | None:
    """Which of the views one looks at."""
    return next((view for view in views if view.query == plain(query)), None)
