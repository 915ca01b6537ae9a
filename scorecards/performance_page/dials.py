"""The four dials: performance to plan, pipeline to target, program level, composite; each with its change over a quarter."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from prm.charts import Dial, Missing
from prm.common.explain import Explanation
from prm.common.templatetags.numbers import format_number, format_percent
from scorecards.performance.figures import shown
from scorecards.performance_page.words import amount

if TYPE_CHECKING:
    from scorecards.performance_page.page import Page


@dataclass(frozen=True)
class DialPanel:
    """A dial, what is behind it in a line, and the page that explains it."""

    key: str
    chart: Dial
    line: str
    url: str
