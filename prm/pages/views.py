"""Saved views: save the page one looks at, rename, share, remove."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from prm.common import saved_views
from prm.common.models import SavedView
from prm.common.saving import saved
from prm.pages.forms import ViewForm


@vendor(P.SEE_PARTNERS)
def views(request: HttpRequest) -> HttpResponse:
    """The views one may rename and remove."""
    return _page(request)


def _page(request: HttpRequest, *, form: ViewForm | None = None, of: SavedView | None = None) -> HttpResponse:
    """`form` with its errors is that of the view `of`, or of a new one."""
    rows: list[dict[str, Any]] = []
    for view in saved_views.changeable(request.user):
        own = (
            form
            if form and of and of.pk == view.pk
            else ViewForm(
                initial={"name": view.name, "shared": view.shared}, auto_id=f"view-{view.pk}-%s", user=request.user
            )
        )
        rows.append(
            {
                "view": view,
                "page": saved_views.page_label(view),
                "url": saved_views.address(view),
                "form": own,
                "mine": view.owner_id == request.user.pk,
            }
        )
    context = {
        "rows": rows,
        "new": form if form and of is None else None,
        "page": request.POST.get("page", ""),
        "query": request.POST.get("query", ""),
    }
    return render(request, "common/views.html", context, status=422 if form else 200)  # fmt: skip


@vendor(P.SEE_PARTNERS)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keeps the page and filter one came from, and goes back there."""
    page, query = request.POST.get("page", ""), request.POST.get("query", "")
    form = ViewForm(request.POST, user=request.user)
    if form.is_valid() and saved(
        form, saved_views.save_view, by=request.user, page=page, query=query, **form.cleaned_data
    ):
        messages.success(request, _("The view “%(name)s” is saved.") % {"name": form.cleaned_data["name"]})
        return redirect(saved_views.address(SavedView(page=page, query=saved_views.plain(query))))
    return _page(request, form=form)


@vendor(P.SEE_PARTNERS)
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Renames or removes one of the views listed."""
    text = request.POST.get("view", "")
    if not text:
        return redirect("common:views")
    view = saved_views.changeable(request.user).filter(pk=text if text.isdecimal() and len(text) < 19 else 0).first()
    if view is None:
        raise Http404
    if request.POST.get("do") == "remove":
        saved_views.remove_view(by=request.user, view=view)
        messages.success(request, _("The view “%(name)s” is removed.") % {"name": view.name})
        return redirect("common:views")
    form = ViewForm(request.POST, auto_id=f"view-{view.pk}-%s", user=request.user)
    if form.is_valid() and saved(form, saved_views.change_view, by=request.user, view=view, **form.cleaned_data):
        messages.success(request, _("Saved."))
        return redirect("common:views")
    return _page(request, form=form, of=view)
