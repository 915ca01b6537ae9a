"""Reads of QBRs; all start at what the user may see."""

from __future__ import annotations

from django.db.models import Count, IntegerField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.permissions import Permission
from partners import queries as partner_queries
from partners.models import Contact, Membership, Partner
from prm.common.fiscal import FiscalQuarter
from qbr.models import Attendee, Batch, BatchItem, Commitment, Qbr, Version


def qbrs(user: User) -> QuerySet[Qbr]:
    """The reviews the user may see, with their partner and `newest`: the number of the newest version this user sees, or None."""
    rows: QuerySet[Qbr] = Qbr.objects.visible_to(user)
    versions = Version.objects.visible_to(user).filter(qbr=OuterRef("pk")).order_by("-number")
    newest = Subquery(versions.values("number")[:1], output_field=IntegerField())
    return rows.select_related("partner", "partner__cam").annotate(newest=newest)


def versions(user: User, qbr: Qbr) -> QuerySet[Version]:
    """What was built of a review, as far as the user may see, the newest first."""
    rows: QuerySet[Version] = Version.objects.visible_to(user).filter(qbr=qbr)
    return rows.select_related("built_by", "qbr__partner").order_by("-number")


def commitments(user: User, qbr: Qbr) -> list[Commitment]:
    """What was agreed at a review, in order, with owners and actions."""
    rows = Commitment.objects.visible_to(user).filter(qbr=qbr)
    found = list(rows.select_related("owner", "action").order_by("position", "pk"))
    for row in found:
        row.qbr = qbr
    return found


def attendees(user: User, qbr: Qbr) -> list[Attendee]:
    return list(Attendee.objects.visible_to(user).filter(qbr=qbr).order_by("side", "name", "pk"))


def may_edit(user: User) -> bool:
    return user.can(Permission.EDIT_QBR)


# ── For the content of slides: of a partner in reach, whoever builds ─────────────────────────────────────────────────


def agreed_before(partner: Partner, quarter: FiscalQuarter) -> list[Commitment]:
    """The commitments of the partner's last review that was held of a quarter before this one, with owners and actions; none without one.

    They were agreed with the partner, so that both sides may read them.
    """
    rows = Qbr.objects.unscoped("of one partner in reach").filter(partner=partner, state__in=Qbr.HELD_STATES)
    before = rows.filter(ends_on__lt=quarter.start).order_by("-starts_on").first()
    return [] if before is None else _of(before)


def agreed(partner: Partner, quarter: FiscalQuarter) -> list[Commitment]:
    """The commitments of this quarter's review, agreed or proposed for it."""
    rows = Qbr.objects.unscoped("of one partner in reach").filter(partner=partner, quarter=quarter.key)
    found = rows.first()
    return [] if found is None else _of(found)


def _of(qbr: Qbr) -> list[Commitment]:
    rows = Commitment.objects.unscoped("of one review in reach").filter(qbr=qbr)
    return list(rows.select_related("owner", "action").order_by("position", "pk"))


# ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def vendor_people(partner: Partner) -> list[User]:
    """Whom of the vendor's side a commitment or the meeting may name; the CAM and the cover first."""
    own = (partner.cam_id, partner.cover_id)
    rows = [user for user in partner_queries.action_owners(partner).prefetch_related("groups") if not user.is_partner_side]
    return sorted(rows, key=lambda user: (user.pk != own[0], user.pk != own[1], user.display_name))


def partner_people(partner: Partner) -> list[User]:
    """The partner's active users."""
    rows = Membership.objects.unscoped("of one partner in reach").filter(partner=partner)
    return list(User.objects.filter(pk__in=rows.values("user"), is_active=True).order_by("name", "pk"))


def contacts(user: User, partner: Partner) -> list[Contact]:
    """The partner's contacts who are no users of theirs."""
    known = [person.email.lower() for person in partner_people(partner)]
    rows = Contact.objects.visible_to(user).filter(partner=partner)
    return [row for row in rows if row.email.lower() not in known or not row.email]


# ── Batches ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def batches(user: User) -> QuerySet[Batch]:
    """Those with a partner the user sees, with how many of these there are (`total`) and how many are built (`done`)."""
    items = BatchItem.objects.visible_to(user).filter(batch=OuterRef("pk")).order_by().values("batch")
    total = items.annotate(n=Count("pk")).values("n")
    done = items.filter(version__isnull=False).annotate(n=Count("pk")).values("n")
    counted = Batch.objects.annotate(total=Coalesce(Subquery(total), 0), done=Coalesce(Subquery(done), 0))
    return counted.filter(total__gt=0)


def items(user: User, batch: Batch) -> list[BatchItem]:
    """One for each partner, in their order, with job and version; partners gone out of the person's reach are left out."""
    rows = BatchItem.objects.visible_to(user).filter(batch=batch)
    return list(rows.select_related("partner", "job", "version__qbr__partner").order_by("partner__name", "pk"))
