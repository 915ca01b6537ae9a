"""What is read of a partner's people: contacts, certifications, tasks, touches and other signs of life."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from django.db import connection
from django.db.models import Max

from accounts.models import User
from partners.models import Certificate, Certification, Partner, TaskDone, Touch
from partners.models import Task as TaskRow
from scorecards.performance.inputs import Holding, Required, Task

SCOPED = "the partners are among those the user may see"
ACTIVE_DAYS = 90  # up to and with the day asked for


class Contacts(NamedTuple):
    known: int = 0
    active: int = 0


class People:
    """Of these partners (the head of the family first) as of `day`, as `user` may see it."""

    def __init__(self, user: User, members: Sequence[Partner], day: dt.date) -> None:
        self.user, self.members, self.day = user, members, day
        self.ids = [member.pk for member in members]

    @cached_property
    def last_touch(self) -> dict[int, dt.date]:
        rows = Touch.objects.visible_to(self.user).filter(partner__in=self.ids, on__lte=self.day)
        found: dict[int, dt.date] = dict(rows.order_by().values_list("partner_id").annotate(last=Max("on")))
        return found

    @cached_property
    def last_activity(self) -> dict[int, dt.date]:
        """The last day on which a deal was moved, an action, task or scorecard was finished, a certificate was earned or
        somebody of the partner signed in."""
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT p.id, greatest(
                     (SELECT max(c.on) FROM pipeline_stagechange c JOIN pipeline_dealshare s ON s.deal_id = c.deal_id
                       WHERE s.partner_id = p.id AND c.on <= %(day)s),
                     (SELECT max(a.closed_at::date) FROM partners_action a
                       WHERE a.partner_id = p.id AND a.status = 'done' AND a.closed_at::date <= %(day)s),
                     (SELECT max(t.on) FROM partners_taskdone t WHERE t.partner_id = p.id AND t.on <= %(day)s),
                     (SELECT max(c.earned_on) FROM partners_certification c
                       WHERE c.partner_id = p.id AND c.earned_on <= %(day)s),
                     (SELECT max(a.finished_on) FROM scorecards_assessment a
                       WHERE a.partner_id = p.id AND a.finished_on <= %(day)s),
                     (SELECT max(u.last_login::date) FROM partners_membership m JOIN accounts_user u ON u.id = m.user_id
                       WHERE m.partner_id = p.id AND u.last_login::date <= %(day)s))
                   FROM partners_partner p WHERE p.id = ANY(%(ids)s)""",
                {"day": self.day, "ids": self.ids},
            )
            return {pk: last for pk, last in cursor.fetchall() if last is not None}

    @cached_property
    def contacts(self) -> dict[int, Contacts]:
        """How many are known, and how many of them were in a touch, earned a certificate or signed in lately."""
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT c.partner_id, count(*), count(*) FILTER (WHERE
                     EXISTS (SELECT FROM partners_touch t WHERE t.partner_id = c.partner_id
                              AND t.on BETWEEN %(first)s AND %(day)s AND strpos(upper(t.people), upper(c.name)) > 0)
                     OR EXISTS (SELECT FROM partners_certification e WHERE e.contact_id = c.id
                              AND e.earned_on BETWEEN %(first)s AND %(day)s)
                     OR EXISTS (SELECT FROM accounts_user u JOIN partners_membership m ON m.user_id = u.id
                              WHERE m.partner_id = c.partner_id AND c.email <> '' AND u.email = lower(c.email)
                              AND u.last_login::date BETWEEN %(first)s AND %(day)s))
                   FROM partners_contact c WHERE c.partner_id = ANY(%(ids)s) GROUP BY c.partner_id""",
                {"first": self.day - dt.timedelta(days=ACTIVE_DAYS - 1), "day": self.day, "ids": self.ids},
            )
            found = {pk: Contacts(known, active) for pk, known, active in cursor.fetchall()}
        return {pk: found.get(pk, Contacts()) for pk in self.ids}

    # ── Certifications and tasks ──

    @cached_property
    def holdings(self) -> dict[int, list[Holding]]:
        rows = Certification.objects.unscoped(SCOPED).filter(partner__in=self.ids, earned_on__lte=self.day)
        found: dict[int, list[Holding]] = defaultdict(list)
        for pk, contact, key, earned, expires in rows.order_by("pk").values_list(
            "partner_id", "contact_id", "certificate__key", "earned_on", "expires_on"
        ):
            holder = f"partner {pk}" if contact is None else f"contact {contact}"
            found[pk].append(Holding(key, holder, earned, expires))
        return found

    def required(self, wanted: Mapping[str, int]) -> tuple[Required, ...]:
        """How many are `wanted` of which certificates (keys), in the order of the vendor's list."""
        known = Certificate.objects.filter(key__in=wanted).values_list("key", "name")
        return tuple(Required(name, frozenset({key}), wanted[key]) for key, name in known)

    @cached_property
    def _tasks(self) -> list[TaskRow]:
        return list(TaskRow.objects.all())

    @cached_property
    def _done(self) -> dict[tuple[int, int], dt.date]:
        rows = TaskDone.objects.unscoped(SCOPED).filter(partner__in=self.ids)
        return {(pk, task): on for pk, task, on in rows.values_list("partner_id", "task_id", "on")}

    def tasks(self, member: Partner) -> Iterable[Task]:
        """What its tier and life stage require of it."""
        for row in self._tasks:
            if row.tier_id in (None, member.tier_id) and row.stage_id in (None, member.stage_id):
                yield Task(row.name, self._done.get((member.pk, row.pk)))
