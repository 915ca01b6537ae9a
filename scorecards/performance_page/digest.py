"""The scorecard in short: the lines of a mail, the figures a review keeps, and how those are told later."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Partner
from prm.common.rag import Rag
from prm.common.templatetags.numbers import format_percent
from scorecards.models import PerformanceReview
from scorecards.performance.card import Performance

MAIN = ("performance_to_plan", "pipeline_to_target", "program_level", "composite")
"""The four of the dials."""


@dataclass(frozen=True)
class Line:
    """A figure in a mail. `note` says more, or why there is none."""

    name: str
    text: str
    rag: Rag | None
    note: str
