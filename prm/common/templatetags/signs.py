"""Small signs that stand in running text, table cells and heads: icons, status, scores, people, times, waiting."""

from datetime import datetime
from decimal import Decimal
from functools import cache

from django import template
from django.template.defaultfilters import capfirst
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, localize
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prm.common.rag import Rag

register = template.Library()

NO_DATA = gettext_lazy("No data")
LEVELS = ("info", "success", "warning", "error")

Number = int | float | Decimal


@cache
def _icons() -> str:
    return static("img/icons.svg")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A sign of static/img/icons.svg; hidden from screen readers unless it has a `label` of its own."""
    address = f"{_icons()}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, address)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', address)


def status_of(value: object) -> Rag | None:
    """The status `value` names ("green", "amber", "red" or a Rag); None for anything else."""
    try:
        return Rag(str(value or "").lower())
    except ValueError:
        return None


def _unknown(classes: str, reason: str) -> SafeString:
    return format_html(
        '<span class="{}" title="{}"><span aria-hidden="true">–</span><span class="visually-hidden">{}</span></span>',
        classes,
        reason or NO_DATA,
        reason or NO_DATA,
    )


@register.simple_tag
def rag(value: object, word: str = "", compact: bool = False, reason: str = "") -> SafeString:
    """Red, amber or green as shape, word and colour. `compact` shows the shape only; the word stays for screen readers.

    Any other value means "can't be said": it is shown as a dash with the `reason`.
    """
    status = status_of(value)
    if status is None:
        return _unknown("rag rag-none", reason)
    said = word or capfirst(str(status.word))
    return format_html(
        '<span class="rag rag-{}{}"{}><span class="rag-shape" aria-hidden="true">{}</span>{}</span>',
        status,
        " compact" if compact else "",
        format_html(' title="{}"', reason or said) if compact or reason else "",
        status.icon,
        format_html('<span class="visually-hidden">{}</span>', said) if compact else said,
    )


@register.simple_tag
def score(value: Number | None, status: object = "", big: bool = False, reason: str = "") -> SafeString:
    """A displayed score (1–100) on the ground of its status. None is shown as a dash with the `reason`."""
    size = " big" if big else ""
    found = status_of(status)
    if value is None:
        return _unknown(f"score rag-none{size}", reason)
    if found is None:
        return format_html('<span class="score rag-none{}">{}</span>', size, localize(value))
    return format_html(
        '<span class="score rag-{}{}" title="{}">{} <span class="rag-shape" aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></span>',
        found,
        size,
        reason or capfirst(str(found.word)),
        localize(value),
        found.icon,
        found.word,
    )


@register.simple_tag
def avatar(name: object, big: bool = False) -> SafeString:
    """The initials of a person or partner; decoration beside the name."""
    words = str(name or "?").replace("@", " ").split()
    initials = (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()
    return format_html('<span class="avatar{}" aria-hidden="true">{}</span>', " big" if big else "", initials)


@register.simple_tag
def ago(moment: datetime | None) -> SafeString:
    """How long ago (or in how long), with the exact time in the title."""
    if moment is None:
        return mark_safe('<span class="muted">–</span>')
    now = timezone.now()
    if abs((now - moment).total_seconds()) < 60:
        text = _("just now")
    elif moment < now:
        text = _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}
    else:
        text = _("in %(time)s") % {"time": timeuntil(moment, now, depth=1)}
    local = timezone.localtime(moment)
    exact = date_format(local, "DATETIME_FORMAT")
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), exact, text)


@register.simple_tag
def progress(done: Number, total: Number, label: str, text: str = "") -> SafeString:
    """A bar of `done` out of `total`; `label` names it, `text` stands beside it (for example "12 of 24")."""
    return format_html(
        '<span class="progress"><progress value="{}" max="{}" aria-label="{}"></progress>{}</span>',
        str(done),
        str(total or 1),
        label,
        format_html('<span class="nowrap">{}</span>', text) if text else "",
    )


@register.simple_tag
def saved_at(moment: datetime | None = None, state: str = "saved", id: str = "saved") -> SafeString:
    """When the last answer was kept: state is saved, saving or failed. An htmx answer replaces it by its `id`."""
    if state == "failed":
        body = format_html("{}{}", icon("warning"), _("Not saved – trying again"))
    elif state == "saving":
        body = format_html('<span class="spinner"></span>{}', _("Saving"))
    elif moment is None:
        body = format_html('<span class="muted">{}</span>', _("Every answer is saved as you give it"))
    else:
        clock = timezone.localtime(moment).strftime("%H:%M:%S")
        body = format_html("{}{}", icon("check"), _("Saved %(time)s") % {"time": clock})
    failed = " failed" if state == "failed" else ""
    return format_html('<span id="{}" class="saved{}" role="status">{}</span>', id, failed, body)


@register.simple_tag
def busy(label: str = "") -> SafeString:
    """A turning ring shown while htmx is asking the server (put its id in hx-indicator, or stand it inside the element)."""
    return format_html(
        '<span class="htmx-indicator"><span class="spinner" aria-hidden="true"></span>'
        '<span class="visually-hidden">{}</span></span>',
        label or _("Working"),
    )


@register.simple_tag
def skeleton(lines: int = 3) -> SafeString:
    """Grey lines where a fragment is about to arrive."""
    return format_html(
        '<div class="skeleton" role="status"><span class="visually-hidden">{}</span>{}</div>',
        _("Loading"),
        mark_safe("<i></i>" * lines),
    )


@register.simple_tag
def banner(text: object, level: str = "info", dismiss: bool = False) -> SafeString:
    """A message in the page: info, success, warning or error. Errors are announced at once."""
    level = level if level in LEVELS else "info"
    return render_to_string("ui/banner.html", {"text": text, "level": level, "dismiss": dismiss})
