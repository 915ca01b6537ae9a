"""{% load funds %}: how the money of an account or fund stands, as a bar."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prm.common.money import Money
from prm.common.templatetags.numbers import format_money

register = template.Library()

PARTS = ("spent", "reserved", "available", "expired")


@register.simple_tag
def money_bar(of: Any, currency: str) -> SafeString:
    """A bar of what is spent, reserved, available and expired: `of` has the four as attributes. Nothing where all are 0."""
    amounts = [Decimal(getattr(of, name)) for name in PARTS]
    whole = sum(amounts, Decimal(0))
    if not whole:
        return format_html('<span class="muted">{}</span>', "–")
    words = dict(zip(PARTS, (_("spent"), _("reserved"), _("available"), _("expired")), strict=True))
    said = ", ".join(f"{words[name]} {format_money(Money(amount, currency))}" for name, amount in zip(PARTS, amounts, strict=True) if amount)  # fmt: skip
    places, at = [], Decimal(0)
    for name, amount in zip(PARTS, amounts, strict=True):
        if amount:
            width = amount * 200 / whole
            places.append((name, f"{at:.2f}", f"{width:.2f}"))
            at += width
    parts = format_html_join("", '<rect class="{}" x="{}" y="0" width="{}" height="8"/>', places)
    return format_html(
        '<svg class="money-bar" viewBox="0 0 200 8" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>', said, parts
    )  # fmt: skip


@register.simple_tag
def amount_in(amount: Decimal, currency: str, usual: str = "") -> str:
    """An amount at its currency's minor unit, with the currency unless it is the `usual` one."""
    return format_money(Money(amount, currency), usual)
