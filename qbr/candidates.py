"""What can be chosen on a slide: sentences of the executive summary, deals, actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from partners.models import Action
from partners.visibility import partner_side
from pipeline.models import Deal
from prm.common.templatetags.numbers import format_money
from prm.documents.slides import Points
from qbr.choices import IDS, TEXTS
from qbr.content import Choices
from qbr.models import Qbr
from qbr.naming import quarter_of
from qbr.reading import Draft, Line

SLIDES = {"wins": "summary", "concerns": "summary", "deals": "deals", "actions": "capability_goals"}
