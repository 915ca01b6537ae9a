"""What is read about partners. Rows of partners come from querysets the caller has scoped with `visible_to`."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.expressions import BaseExpression
from django.db.models.functions import TruncMonth

from accounts.models import User
from accounts.permissions import ROLES, Permission, Role
from partners import lift
from partners.models import Action, Contact, Partner, Touch
from prm.common.models import AuditEntry

STAFF = [role for role in Role if not role.is_partner_side and role is not Role.DISTRIBUTOR]


def partner_list(user: User) -> QuerySet[Partner]:
    """Partners this user sees, with what a row of a list shows."""
    return Partner.objects.visible_to(user).select_related("tier", "stage", "partner_type", "region", "cam")


def last_touch() -> BaseExpression:
    """The day of the partner's latest touch, as an annotation."""
    touches = Touch.objects.unscoped("of the partner of the row").filter(partner=OuterRef("pk")).order_by("-on")
    return Subquery(touches.values("on")[:1])


def open_actions() -> BaseExpression:
    """How many items of the action plan are open, as an annotation; None for none."""
    actions = Action.objects.unscoped("of the partner of the row").filter(
        partner=OuterRef("pk"), status__in=Action.LIVE
    )
    return Subquery(actions.order_by().values("partner").annotate(n=Count("pk")).values("n"))


def main_contact(field: str) -> BaseExpression:
    """`field` of the partner's main contact, as an annotation."""
    contacts = Contact.objects.unscoped("of the partner of the row").filter(partner=OuterRef("pk"), is_primary=True)
    return Subquery(contacts.values(field)[:1])


def ancestors(partner_id: int | None) -> set[int]:
    """This partner, its parent, its parent's parent and so on."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE up AS (
                 SELECT id, parent_id FROM partners_partner WHERE id = %s
                 UNION SELECT p.id, p.parent_id FROM partners_partner p JOIN up ON p.id = up.parent_id)
               SELECT id FROM up""",
            [partner_id],
        )
        return {row[0] for row in cursor.fetchall()}


def lock(what: str) -> None:
    """Waits until nobody else in this vendor's schema holds `what`, and holds it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' ' || %s, 0))", [what])


def holders(permission: Permission) -> QuerySet[User]:
    """Active users with a role that holds the permission."""
    roles = [role for role in Role if permission in ROLES[role]]
    return User.objects.filter(is_active=True, groups__name__in=roles).distinct().order_by("name", "id")


def cams() -> QuerySet[User]:
    """Whom a partner can be assigned to."""
    return User.objects.filter(is_active=True, groups__name=Role.CAM).order_by("name", "id")


def action_owners(partner: Partner) -> QuerySet[User]:
    """Who may own an item of the partner's action plan: the vendor's people, and the partner's own users."""
    ours = Q(groups__name__in=STAFF)
    return User.objects.filter(ours | Q(membership__partner=partner), is_active=True).distinct().order_by("name", "id")


def belongs_to(user_id: int, partner: Partner) -> bool:
    """Whether the user is one of the partner's own."""
    return partner.members.filter(user_id=user_id).exists()


def touches(partner: Partner, user: User) -> QuerySet[Touch]:
    return Touch.objects.visible_to(user).filter(partner=partner).select_related("created_by")


def actions(user: User) -> QuerySet[Action]:
    """Items of action plans this user sees, with what `lift.lift_of` tells of them to this user."""
    rows: QuerySet[Action] = Action.objects.visible_to(user).select_related("partner", "owner")
    return rows.annotate(**lift.annotations(user))


def with_lateness(items: QuerySet[Action], day: dt.date) -> QuerySet[Action]:
    """Adds `is_late`: still open on `day`, after the day it was due."""
    late = Q(status__in=Action.LIVE, due_on__lt=day)
    return items.annotate(is_late=Case(When(late, then=True), default=False))


def next_action(partner: Partner, user: User) -> Action | None:
    """The open item due first."""
    live = Action.objects.visible_to(user).filter(partner=partner, status__in=Action.LIVE, due_on__isnull=False)
    return live.order_by("due_on", "id").first()


def branches(partner: Partner, user: User) -> QuerySet[Partner]:
    return partner_list(user).filter(parent=partner).order_by("name", "id")


def audit_of(partner: Partner) -> QuerySet[AuditEntry]:
    """What was done to the partner and what belongs to it, newest first."""
    return AuditEntry.objects.filter(partner_id=partner.pk).order_by("-at", "-id")


def touch_months(partner_ids: list[int], since: dt.date | None) -> QuerySet[Touch, tuple[int, dt.date, int]]:
    """(partner, first day of the month, number of touches), for months from `since`."""
    rows = Touch.objects.unscoped("facts of partners").filter(partner__in=partner_ids)
    if since:
        rows = rows.filter(on__gte=since)
    months = rows.annotate(month=TruncMonth("on")).order_by().values("partner_id", "month")
    return months.annotate(n=Count("pk")).values_list("partner_id", F("month"), "n")
