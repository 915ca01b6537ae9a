"""{% load lifts %}: what an item of an action plan was to lift, and lifted."""

from typing import Any

from django import template

from partners.lift import Lift, lift_of

register = template.Library()


@register.filter
def lift(action: Any) -> Lift:
    return lift_of(action)
