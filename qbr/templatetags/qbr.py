"""What pages of reviews call quarters."""

from __future__ import annotations

from django import template

from qbr.models import Batch, Qbr
from qbr.naming import label_of, quarter_words

register = template.Library()


@register.filter
def quarter_label(row: Qbr | Batch) -> str:
    """ "FY26 Q4"."""
    return quarter_words(row) if isinstance(row, Qbr) else label_of(row.quarter)
