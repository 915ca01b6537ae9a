"""The rules of approval in force: dated policy of the vendor, and of single funds where these have their own."""

from __future__ import annotations

import datetime as dt

from mdf.models import Fund
from mdf.steps import Rules, read
from prm.common.vendor import policy

KIND = "mdf_approval"


def kind_of(fund: Fund | None) -> str:
    """Under which the versions are kept: the vendor's, or a fund's own."""
    return KIND if fund is None else f"{KIND}:{fund.pk}"


def rules_on(fund: Fund | None, day: dt.date) -> Rules:
    """What is in force on a day: the fund's own version, else the vendor's, else the default. Amounts are in the fund's currency."""
    own = policy(kind_of(fund), on=day, default={}) if fund is not None else {}
    return read(own or policy(KIND, on=day, default={}))
