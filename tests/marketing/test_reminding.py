"""Mails that ask for results, and for somebody to verify them."""

import datetime as dt

import pytest
from django.core import mail

from accounts.permissions import Role
from marketing import actions, reminding
from marketing.models import Activity
from prm.common.models import Mail
from tests.marketing.making import approved, closed, fresh, marketer, parts
