"""How leads are given out is set: the policy, sources, what holds for single partners, trials."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from accounts.models import User
from leads.models import LeadCapacity, LeadTrial
from leads.policies import LeadPolicy
from partners.models import Partner
from prm.common.models import Policy


def set_policy(*, by: User, starts_on: dt.date, policy: LeadPolicy | Mapping[str, Any]) -> Policy:
    """A version of how leads are given out, from a day on, today or later; one that starts the same day is replaced.

    Offers that are open and clocks that run stay as they are. Raises ValidationError; its `params` name the rule where one is wrong.
    """
    raise NotImplementedError


def set_capacity(*, by: User, partner: Partner, capacity: int | None, turns: int = 1) -> LeadCapacity:
    """How many leads the partner can have open at once (None: the policy's default; 0: it gets none), and its turns in a round."""
    raise NotImplementedError


def start_trial(*, by: User, policy: LeadPolicy | Mapping[str, Any], since: dt.date, until: dt.date) -> LeadTrial:
    """Starts the job that runs other rules on the leads that came in from a day to a day (both included): who would have got which.
    Nothing is changed by it. Raises ValidationError for wrong rules, and for more than 20,000 leads."""
    raise NotImplementedError
