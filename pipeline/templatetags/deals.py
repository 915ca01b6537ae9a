"""How a deal's stage, its dates and its moves are shown, in lists, on the board and on its page: {% load deals %}. Written without a
template: a page has a hundred of them."""

from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.models import DealStage
from prm.common.templatetags.numbers import format_number
from prm.common.templatetags.signs import icon

register = template.Library()


@register.simple_tag
def deal_stage(deal: Any) -> SafeString:
    """Its stage, and where it stands still there. `deal` out of `queries.deals`."""
    stage = conditional_escape(str(deal.stage))
    if not deal.is_stale:
        return stage
    title = _("In this stage since %(day)s") % {"day": date_format(deal.stage_since, "SHORT_DATE_FORMAT")}
    return format_html('{} <span class="flag muted" title="{}">{}{}</span>', stage, title, icon("clock"), _("stale"))


@register.simple_tag
def deal_close(deal: Any) -> SafeString:
    """When it was closed and how, or is to close; overdue ones marked. `deal` out of `queries.deals`."""
    if deal.closed_on:
        word = _("won") if deal.stage.outcome == DealStage.Outcome.WON else _("lost")
        return format_html('<span class="muted">{}</span> {}', word, date_format(deal.closed_on, "SHORT_DATE_FORMAT"))
    if not deal.expected_close:
        return conditional_escape("–")
    day = date_format(deal.expected_close, "SHORT_DATE_FORMAT")
    if not deal.is_overdue:
        return conditional_escape(day)
    return format_html('{} <span class="flag late">{}{}</span>', day, icon("warning"), _("overdue"))


@register.simple_tag
def board_days(card: Any) -> SafeString:
    """How long a card of the board has been in its stage, the day in the title."""
    title = _("In this stage since %(day)s") % {"day": date_format(card.deal.stage_since, "SHORT_DATE_FORMAT")}
    days = ngettext("%(shown)s day", "%(shown)s days", card.days) % {"shown": format_number(card.days)}
    return format_html('<span class="small" title="{}">{}</span>', title, days)


@register.simple_tag
def board_step(card: Any, step: str) -> SafeString:
    """The button that moves a card to the stage beside its own: `step` is "back" or "on"; nothing where there is none."""
    stage = card.back if step == "back" else card.on
    if stage is None:
        return SafeString("")
    names = {"deal": card.deal.name, "stage": stage}
    if step == "back":
        title, label, sign = _("Back to %(stage)s"), _("Move %(deal)s back to %(stage)s"), icon("chevron-left")
    else:
        title, label, sign = _("On to %(stage)s"), _("Move %(deal)s on to %(stage)s"), icon("chevron-right")
    return format_html(
        '<button class="button quiet square" name="stage" value="{}" id="{}-{}" data-step="{}" title="{}" aria-label="{}">{}</button>',
        stage.pk, step, card.deal.pk, step, title % names, label % names, sign,
    )  # fmt: skip
