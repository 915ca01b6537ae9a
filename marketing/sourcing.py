"""Reads of where a lead or deal came from, and of the activities that one may say it came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.db.models import Q, QuerySet

from accounts.models import User
from leads.models import Lead
from marketing.models import Activity, Attribution, Influence
from marketing.queries import sources
from partners.models import Partner
from pipeline.models import Deal
from prm.common.vendor import today

DAYS_BACK = 2 * 365  # how long ago an activity may have ended to be offered
WHY = "the caller sees the lead or deal; whose activity it is, is looked at here"


@dataclass(frozen=True)
class Touched:
    """An activity that touched a lead or deal; None where it is of a plan that the reader doesn't see."""

    activity: Activity | None
    how: str
    words: str
    at: dt.datetime
    by: str


@dataclass(frozen=True)
class Origin:
    """Where a lead or deal came from, and what else had a part in it."""

    source: Touched | None = None
    influences: list[Touched] = field(default_factory=list)


def origin(user: User, *, lead: Lead | None = None, deal: Deal | None = None) -> Origin:
    """As this user may know it."""
    key = {"lead": lead} if lead is not None else {"deal": deal}
    sourced = Attribution.objects.unscoped(WHY).filter(activity__isnull=False, **key)
    source = list(sourced.select_related("by"))
    others = list(Influence.objects.unscoped(WHY).filter(**key).select_related("by").order_by("at", "pk"))
    pks = {row.activity_id for row in (*source, *others)}
    rows = Activity.objects.visible_to(user).filter(pk__in=pks).select_related("plan__partner", "tactic")
    seen = {row.pk: row for row in rows}

    def touched(row: Any) -> Touched:
        who = row.by.display_name if row.by and row.activity_id in seen else ""
        return Touched(seen.get(row.activity_id), str(row.how), row.get_how_display(), row.at, who)

    return Origin(touched(source[0]) if source else None, [touched(row) for row in others])


def offered(
    user: User, partners: Iterable[Partner | int] | None = None, current: Activity | None = None
) -> QuerySet[Activity]:
    """The approved activities the user sees, of these partners (None: of all), that have begun and didn't end long ago; the newest
    first. `current`, which it comes from by now, is always one of them."""
    day = today()
    rows = sources(Activity.objects.visible_to(user)).filter(
        starts_on__lte=day, ends_on__gte=day - dt.timedelta(days=DAYS_BACK)
    )
    if partners is not None:
        rows = rows.filter(plan__partner__in=list(partners))
    if current is not None:
        either = Q(pk__in=rows.order_by().values("pk")) | Q(pk=current.pk)
        rows = Activity.objects.visible_to(user).filter(either)
    found: QuerySet[Activity] = rows.select_related("plan__partner").order_by("-starts_on", "-pk")
    return found


def landing(code: str) -> tuple[Activity, str] | None:
    """The approved activity with this code, and its own https address with the code as UTM; None where there is none."""
    rows = Activity.objects.unscoped("whoever has the link may follow it").filter(code=code.lower())
    activity = sources(rows).select_related("tactic").first()
    if activity is None:
        return None
    urls = (str(each.get("url", "")) for each in activity.assets)
    found = next((url for url in urls if urlsplit(url).scheme == "https"), None)
    return None if found is None else (activity, with_utm(found, activity))


def with_utm(url: str, activity: Activity) -> str:
    """What stands in the address stays; the code comes to it, so that a form there can send it along."""
    parts = urlsplit(url)
    given = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in given if name != "utm_campaign"]
    medium = [] if any(name == "utm_medium" for name, _value in kept) else [("utm_medium", activity.tactic.kind)]
    return urlunsplit(parts._replace(query=urlencode([*kept, *medium, ("utm_campaign", activity.code)])))
