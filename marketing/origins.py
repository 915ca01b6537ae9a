"""Where a number of an activity came from, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketing import prefill
from prm.common.templatetags.numbers import format_number


def words(source: Mapping[str, Any] | None) -> str:
    """Of `Activity.sources[name]`; "" where nothing is known of it."""
    if not source:
        return ""
    told = _words(source)
    return _("%(source)s, copied from the last plan") % {"source": told} if told and source.get("copied") else told


def _words(source: Mapping[str, Any]) -> str:
    kind, count = source.get("from"), int(source.get("count", 0))
    if kind == prefill.HISTORY:
        said = ngettext(
            "%(out)s ÷ %(in)s of %(n)s verified activity", "%(out)s ÷ %(in)s of %(n)s verified activities", count
        )
        return said % {"out": _whole(source["out"]), "in": _whole(source["in"]), "n": format_number(count)}
    if kind == prefill.OWN:
        said = ngettext("median of %(n)s deal the partner won", "median of %(n)s deals the partner won", count)
        return said % {"n": format_number(count)}
    if kind == prefill.TYPE:
        said = ngettext("median of %(n)s deal such partners won", "median of %(n)s deals such partners won", count)
        return said % {"n": format_number(count)}
    return {
        prefill.TACTIC: _("the tactic’s usual one"),
        prefill.TYPED: _("typed in"),
        prefill.DEFAULT: _("the usual one where nothing is known"),
        prefill.PLAN: _("business plan in force"),
        prefill.BENCHMARK: _("plan benchmark"),
        prefill.COPIED: _("the last plan"),
    }.get(str(kind), "")


def _whole(text: Any) -> str:
    return format_number(int(text)) if str(text).isdecimal() else str(text)
