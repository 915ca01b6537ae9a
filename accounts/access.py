"""Who may open a page. Every view carries one of these; a guard test fails for one that doesn't.

A page out of reach answers 403; an object out of reach is the view's business and answers 404 (`visible_to`).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from accounts.links import link_in_session
from accounts.models import SignedLink
from accounts.permissions import Permission

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def vendor(permission: Permission, *, link: str | None = None, target: str = "pk") -> Callable[[View], View]:
    """For the vendor's people who hold `permission`; or for the holder of a signed link, as in `portal`."""
    return _guard(permission, partner_side=False, link=link, target=target)


def portal(permission: Permission, *, link: str | None = None, target: str = "pk") -> Callable[[View], View]:
    """For partner users who hold `permission`; or, without a password, for the holder of a signed link of the purpose
    `link` whose target is the URL's `target` argument."""
    return _guard(permission, partner_side=True, link=link, target=target)


def for_side(
    page: Callable[..., HttpResponseBase], side: Any, *, posts: bool = False
) -> Callable[..., HttpResponseBase]:
    """The view of a page that is there for several sides, for one of them: the page takes the request, the side, and what stands
    in the address. `posts`: it is what a form is sent to."""

    @wraps(page)
    def view(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        return page(request, side, **kwargs)

    return require_POST(view) if posts else view


def anyone_signed_in(view: View) -> View:
    """For every user, either side."""
    view.access = ("signed in", None)
    return view


def open_page(view: View) -> View:
    """For everybody. The list of these is held by a guard test."""
    view.access = ("open", None)
    view.login_required = False
    return view


def _guard(
    permission: Permission,
    *,
    partner_side: bool,
    link: str | None = None,
    target: str = "pk",
) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                signed = link_in_session(request, link) if link else None
                if signed is None:
                    return redirect_to_login(request.get_full_path())
                _enter_by_link(request, signed, str(kwargs.get(target, "")))
            if request.user.is_partner_side != partner_side or not request.user.can(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.access = ("portal" if partner_side else "vendor", permission)
        if link:
            guarded.login_required = False
            guarded.link = link
        return cast(View, guarded)

    return decorate


def _enter_by_link(request: HttpRequest, signed: SignedLink, target_id: str) -> None:
    """Lets the holder of a fitting link act as the link's user, for this request only."""
    if signed.target_id != target_id:
        raise Http404
    request.user = signed.user
    request.signed_link = signed
