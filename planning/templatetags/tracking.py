"""{% load tracking %}: the ways from a plan to what became of it."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from planning.models import BusinessPlan
from planning.tracking_pages.places import TABS, address, tabs
from prm.common.templatetags.ui import tabs as tabs_context

register = template.Library()


def _follows(context: Any) -> bool:
    """A distributor reads a plan that is shared with it, and no more."""
    user = context["request"].user
    return bool(user.can(Permission.SEE_PLANS) or user.can(Permission.PORTAL))


@register.simple_tag(takes_context=True)
def plan_pages(context: Any, plan: BusinessPlan, side: Any) -> SafeString | str:
    """The tabs of a plan's pages, the plan itself current; nothing where it has only that one."""
    found = tabs(plan, "plan", portal=bool(side.prefix)) if _follows(context) else []
    if len(found) < 2:
        return ""
    return render_to_string("ui/tabs.html", tabs_context(found, _("Pages of the plan")))


@register.simple_tag(takes_context=True)
def tracking_links(context: Any, plan: BusinessPlan, side: Any) -> SafeString | str:
    """Buttons to the plan against actual, and to its re-forecast."""
    if not _follows(context):
        return ""
    names = ("actuals", "reforecast")
    links = ((address(plan, name, portal=bool(side.prefix)), TABS[name]) for name in names)
    return format_html_join("", ' <a class="button" href="{}">{}</a>', links)
