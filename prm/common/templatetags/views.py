"""{% load views %}: `{% saved_views "app:page" query %}` is the line of a page's saved views, with the form that saves this one."""

from typing import Any

from django import template

from prm.common import saved_views as kept

register = template.Library()


@register.inclusion_tag("ui/saved_views.html", takes_context=True)
def saved_views(context: template.Context, page: str, query: str = "") -> dict[str, Any]:
    """`page` is the name of its address, `query` the filter as it stands now (with or without "?")."""
    user = context["request"].user
    views = kept.of_page(user, page)
    shown = kept.current(views, query)
    return {
        "views": [
            {"name": view.name, "url": kept.address(view), "shared": view.shared, "current": view is shown}
            for view in views
        ],
        "page": page,
        "query": kept.plain(query),
        "is_saved": shown is not None,
        "may_share": user.can(kept.SHARES),
        "csrf_token": context.get("csrf_token", ""),
    }
