"""{% load performance %}: signs of the performance scorecard."""

from django import template
from django.template.defaultfilters import capfirst
from django.utils.html import format_html
from django.utils.safestring import SafeString

from prm.common.rag import Rag
from prm.common.templatetags.numbers import format_percent
from prm.common.templatetags.signs import score

register = template.Library()


@register.simple_tag
def attainment(shown: int | None, rag: Rag | None, reason: str = "") -> SafeString:
    """A displayed percent on the ground of its status, with shape and word; None is a dash with the `reason`."""
    if shown is None:
        return score(None, reason=reason)
    if rag is None:
        return format_html('<span class="score rag-none">{}</span>', format_percent(shown))
    return format_html(
        '<span class="score rag-{}" title="{}">{} <span class="rag-shape" aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></span>',
        rag,
        capfirst(str(rag.word)),
        format_percent(shown),
        rag.icon,
        rag.word,
    )
