"""The parts pages are made of, as template tags: `{% load ui %}`. /components shows each, docs/ui.md lists them.

Tags rather than includes, so that what is left out has a default and no template meets an undefined variable.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from prm.common.templatetags import signs
from prm.common.templatetags.signs import Number, icon, status_of

register = template.Library()
register.tags.update(signs.register.tags)


def _stripped(content: str) -> SafeString:
    """A rendered block without the white space round it, so that an empty one is falsy."""
    return mark_safe(content.strip())


# ── Page ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@register.simple_block_tag(end_name="endpage_header")
def page_header(content: str, title: str, lead: str = "", crumbs: Iterable[tuple[str, str]] = ()) -> SafeString:
    """The page's one h1, with `crumbs` ((label, address) pairs) above and the page's actions as the block."""
    values = {"title": title, "lead": lead, "crumbs": list(crumbs), "actions": _stripped(content)}
    return render_to_string("ui/page_header.html", values)


@register.inclusion_tag("ui/tabs.html")
def tabs(items: Iterable[Mapping[str, Any]], label: str) -> dict[str, Any]:
    """Links to the pages of one thing. Each item: label, url, current; optionally count."""
    shown = [
        {"label": i["label"], "url": i["url"], "current": i.get("current"), "count": i.get("count")} for i in items
    ]
    return {"items": shown, "label": label}


@register.simple_block_tag(end_name="endpanel")
def panel(
    content: str, title: str = "", level: int = 2, flush: bool = False, actions: str = "", id: str = ""
) -> SafeString:
    """A box with a head. `flush` for a table or list that goes to the edges."""
    values = {"content": content, "title": title, "level": level, "flush": flush, "actions": actions, "id": id}
    return render_to_string("ui/panel.html", values)


@register.inclusion_tag("ui/stat.html")
def stat(
    label: str, value: object, note: object = "", url: str = "", status: object = "", change: Number | None = None
) -> dict[str, Any]:
    """A figure in a tile; None is shown as a dash, and `note` then says why. `url` leads to the records or the explanation."""
    shown = "–" if value is None else localize(value)
    found = status_of(status)
    return {"label": label, "value": shown, "note": note, "url": url, "status": found, "change": change}


@register.simple_block_tag(end_name="endempty")
def empty(content: str, title: str, text: str = "", icon: str = "empty", level: int = 2) -> SafeString:
    """Nothing here yet: says what will be here; the block holds the one button that fills it."""
    values = {"title": title, "text": text, "icon": icon, "level": level, "action": _stripped(content), "kind": ""}
    return render_to_string("ui/state.html", values)


@register.simple_block_tag(end_name="enderror")
def error(content: str, title: str, text: str = "", level: int = 2) -> SafeString:
    """What happened (title), what is safe (text), what to do (the block)."""
    values = {
        "title": title,
        "text": text,
        "icon": "error",
        "level": level,
        "action": _stripped(content),
        "kind": "error",
    }
    return render_to_string("ui/state.html", values)


@register.inclusion_tag("ui/stepper.html")
def stepper(steps: Iterable[Mapping[str, Any]], label: str, vertical: bool = False) -> dict[str, Any]:
    """Where in a tool one is. Each step: label, state (done, current or ahead); optionally url and note."""
    shown = [{"label": s["label"], "state": s["state"], "url": s.get("url"), "note": s.get("note")} for s in steps]
    return {"steps": shown, "label": label, "vertical": vertical}


@register.simple_block_tag(end_name="endresult")
def result(content: str, title: str, figure: str = "", id: str = "result") -> SafeString:
    """The panel that follows every answer. Announced politely when it is swapped."""
    return render_to_string("ui/result.html", {"content": content, "title": title, "figure": figure, "id": id})


@register.inclusion_tag("ui/facts.html")
def facts(items: Iterable[tuple[str, object]]) -> dict[str, Any]:
    """A definition list of (term, value) pairs; an empty value is shown as a dash."""
    return {"items": [(term, "–" if value is None or value == "" else value) for term, value in items]}


@register.inclusion_tag("ui/timeline.html")
def timeline(entries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """What happened, newest first. Each entry: text, when; optionally who, icon, url, detail."""
    usual = {"who": "", "icon": "clock", "url": "", "detail": ""}
    return {"entries": [usual | entry for entry in entries]}


@register.simple_block_tag(end_name="endconfirm", takes_context=True)
def confirm(
    context: template.Context,
    content: str,
    id: str,
    title: str,
    action: str,
    button: str,
    trigger: str = "",
    danger: bool = False,
) -> SafeString:
    """A button (`trigger`) that opens a question, and the POST form that carries it out (`button` says what it does).

    The block is the text and any fields. Works without script: dialog and button are joined by popover.
    """
    values = {
        "content": content,
        "id": id,
        "title": title,
        "action": action,
        "button": button,
        "trigger": trigger or button,
        "danger": danger,
        "csrf": str(context.get("csrf_token", "")),
    }
    return render_to_string("ui/confirm.html", values)


# ── Forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, search: bool = False) -> dict[str, Any]:
    """Label, control, help and error of one form field, joined for screen readers.

    Groups of radio buttons or checkboxes become a fieldset; one checkbox stands before its label.
    """
    kind = getattr(bound.field.widget, "input_type", "")
    single = kind == "checkbox" and not bound.use_fieldset
    return {
        "field": bound,
        "single": single,
        "search": search or kind == "search",
        "marked": bound.field.required and not single,
    }


@register.inclusion_tag("ui/fields.html")
def fields(form: BaseForm) -> dict[str, Any]:
    """All fields of a form, hidden ones included, after the summary of what is wrong."""
    return {"form": form}


@register.inclusion_tag("ui/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """What is wrong with the form, each a link to its field. Nothing when all is well."""
    wrong = [(bound, error) for bound in form if not bound.is_hidden for error in bound.errors]
    hidden = [f"{bound.label}: {error}" for bound in form.hidden_fields() for error in bound.errors]
    return {
        "general": [*form.non_field_errors(), *hidden],
        "wrong": wrong,
        "count": len(wrong) + len(hidden) + len(form.non_field_errors()),
    }


@register.inclusion_tag("ui/dropzone.html")
def dropzone(bound: BoundField) -> dict[str, Any]:
    """A file field that also takes a dropped file."""
    return {"field": bound}


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _query(context: template.Context, **changes: str | None) -> str:
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    for key, value in changes.items():
        if value is None:
            query.pop(key, None)
        else:
            query[key] = value
    return f"?{query.urlencode()}"


@register.simple_block_tag(end_name="endfilter_bar", takes_context=True)
def filter_bar(
    context: template.Context,
    content: str,
    form: BaseForm,
    chips: Iterable[Any] = (),
    clear: str = "",
    target: str = "",
    also: str = "",
) -> SafeString:
    """The form over a list: its fields, what is active (`chips`: label, value, url that removes it), and `clear` for all of it.

    The block holds further buttons (export). With `target` (a selector) a change refreshes only that part of the page, and
    the address with it; `also` (a selector) names another part that follows it, such as tabs that keep the filter.
    """
    request = context.get("request")
    sort = request.GET.get("sort", "") if request else ""
    values = {
        "form": form,
        "chips": list(chips),
        "clear": clear,
        "target": target,
        "also": also,
        "extra": _stripped(content),
        "sort": sort,
        "problems": getattr(form, "problems", []),
    }
    return render_to_string("ui/filter_bar.html", values)


@register.simple_block_tag(end_name="enddata_table")
def data_table(content: str, label: str, wide: bool = False, cards: bool = False, id: str = "") -> SafeString:
    """A table in its frame; the block is thead, tbody and tfoot. `label` names it for screen readers.

    `wide`: scrolls both ways in its own box. `cards`: each row becomes a card on a phone (give each td a data-label).
    """
    return render_to_string(
        "ui/data_table.html", {"content": content, "label": label, "wide": wide, "cards": cards, "id": id}
    )


@register.simple_tag(takes_context=True)
def sort_th(context: template.Context, label: str, key: str, default: str = "", num: bool = False) -> SafeString:
    """A column head that sorts by `key` and, pressed again, backwards ("-key"). `default` is the order without `?sort=`."""
    request = context.get("request")
    current = (request.GET.get("sort") if request else "") or default
    up, down = current == key, current == f"-{key}"
    sign = "sort-up" if up else "sort-down" if down else "sort"
    return format_html(
        '<th scope="col"{}{}><a class="sort-link" href="{}">{}{}</a></th>',
        mark_safe(' class="num"') if num else "",
        mark_safe(f' aria-sort="{"ascending" if up else "descending"}"') if up or down else "",
        _query(context, sort=f"-{key}" if up else key, page=None),
        label,
        icon(sign),
    )


@register.simple_tag
def check_all(form: str = "bulk") -> SafeString:
    """The head of the checkbox column: ticks every row of the page."""
    return format_html(
        '<th scope="col" class="check-cell"><label class="needs-script"><input type="checkbox" data-check-all="{}" aria-label="{}"></label></th>',
        form,
        _("Select all on this page"),
    )


@register.simple_tag
def check_row(value: object, label: object, form: str = "bulk", name: str = "selected") -> SafeString:
    """The checkbox of a row, sent with the bulk bar's form; `label` names the row."""
    return format_html(
        '<td class="check-cell"><label><input type="checkbox" name="{}" value="{}" form="{}" aria-label="{}"></label></td>',
        name,
        str(value),
        form,
        _("Select %(name)s") % {"name": label},
    )


@register.simple_block_tag(end_name="endbulk_bar", takes_context=True)
def bulk_bar(context: template.Context, content: str, action: str, id: str = "bulk", total: int = 0) -> SafeString:
    """What can be done with the ticked rows: a POST form, the block holds its fields and buttons.

    With `total` it also offers to take all rows the filter finds, sent as all_matching=1 with the filter in `query`.
    """
    request = context.get("request")
    values = {
        "content": content,
        "action": action,
        "id": id,
        "total": total,
        "csrf": str(context.get("csrf_token", "")),
        "query": request.GET.urlencode() if request else "",
    }
    return render_to_string("ui/bulk_bar.html", values)


@register.simple_tag(takes_context=True)
def pager(context: template.Context, page: Page[Any], name: str = "page", label: str = "") -> SafeString:
    """Which rows of how many, and the way to the other pages. The rest of the address stays."""
    numbers = [
        {
            "label": str(number),
            "url": _query(context, **{name: str(number)}) if isinstance(number, int) else "",
            "current": number == page.number,
        }
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    values = {
        "page": page,
        "label": label or _("Pages"),
        "numbers": numbers if page.paginator.num_pages > 1 else [],
        "previous": _query(context, **{name: str(page.previous_page_number())}) if page.has_previous() else "",
        "next": _query(context, **{name: str(page.next_page_number())}) if page.has_next() else "",
    }
    return render_to_string("ui/pager.html", values)
