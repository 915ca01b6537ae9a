"""Reads of account plans; all start at what the user may see."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery

from accountplans.models import TARGETS_SEEN, Account, AccountTarget, OwnedProduct, PlanReview, Sharing
from accounts.models import User
from accounts.permissions import ROLES, Permission
from partners.models import Partner
from pipeline.models import Customer, ProductLine

Level = Sharing.Level
State = AccountTarget.State


def customers(user: User, partner: Partner) -> QuerySet[Customer]:
    """A partner's customers that the user sees."""
    rows: QuerySet[Customer] = Customer.objects.visible_to(user).filter(partner=partner)
    return rows


def accounts(user: User) -> QuerySet[Account]:
    rows: QuerySet[Account] = Account.objects.visible_to(user).select_related("vertical", "updated_by")
    return rows


def targets(user: User) -> QuerySet[AccountTarget]:
    """What is marked a target or ruled out, as far as the user sees it, with what a line of a list shows."""
    rows: QuerySet[AccountTarget] = AccountTarget.objects.visible_to(user)
    return rows.select_related("customer", "customer__partner", "product_line", "play", "owner", "updated_by")


def level(partner: Partner) -> Level:
    """How far the partner shares its plan with the vendor."""
    found = Sharing.objects.unscoped("the level, not the plan").filter(partner=partner)
    return Level(found.values_list("level", flat=True).first() or Level.HIDDEN)


def may_plan(user: User, partner: Partner, known: Level | None = None) -> bool:
    """Whether this person may change what is known of the partner's customers: its sellers; who plans accounts for the vendor
    where all is shared. `known`: how far the partner shares, where that was read."""
    if user.is_partner_side:
        return user.can(Permission.SELL)
    return user.can(Permission.EDIT_ACCOUNT_PLANS) and (known or level(partner)) == Level.ALL


def may_target(user: User, partner: Partner, known: Level | None = None) -> bool:
    """Whether this person may mark targets of the partner; for the vendor's side they have to be shared. `known`: as for `may_plan`."""
    if user.is_partner_side:
        return user.can(Permission.SELL)
    return user.can(Permission.EDIT_ACCOUNT_PLANS) and (known or level(partner)) in TARGETS_SEEN


@dataclass(frozen=True)
class Counts:
    """What a partner shares at the level of counts: how many, never which."""

    customers: int
    targets: int
    ruled_out: int


def counts(user: User, partner: Partner, shares: Sharing | None) -> Counts | None:
    """None where the user may not know them. `shares`: what `partner_shares` gives."""
    if not user.is_partner_side and (shares is None or shares.level == Level.HIDDEN):
        return None
    own = Customer.objects.unscoped("counted, where the partner shares counts").filter(partner=partner)
    states = AccountTarget.objects.unscoped("counted, where the partner shares counts").filter(
        customer__partner=partner
    )
    by_state = dict(states.order_by().values_list("state").annotate(n=Count("pk")))
    return Counts(
        customers=own.count(),
        targets=by_state.get(State.TARGET, 0),
        ruled_out=by_state.get(State.RULED_OUT, 0),
    )


def owners_by_line(partner: Partner) -> list[tuple[ProductLine, int]]:
    """The lines that the partner says its customers own, with how many do; for who may know its counts."""
    owned = OwnedProduct.objects.unscoped("counted, where the partner shares counts").filter(
        customer__partner=partner, product_line__isnull=False
    )
    owners = owned.order_by().values("product_line").annotate(n=Count("pk")).values("n")
    lines = ProductLine.objects.annotate(n=Subquery(owners.filter(product_line=OuterRef("pk")))).filter(n__gt=0)
    return [(line, line.n) for line in lines]


def partner_shares(user: User, partner: Partner) -> Sharing | None:
    """The row that says so, where the user may see it."""
    rows = Sharing.objects.visible_to(user).filter(partner=partner).select_related("changed_by")
    found: Sharing | None = rows.first()
    return found


def reviews(user: User, partner: Partner) -> QuerySet[PlanReview]:
    """When the plan was gone through, the newest first. The day is the cadence's; of the rest the vendor's side is told as much as the
    partner shares (`tells`)."""
    rows: QuerySet[PlanReview] = PlanReview.objects.visible_to(user).filter(partner=partner)
    return rows.select_related("by").order_by("-at")


def tells(user: User, partner: Partner, *levels: str) -> bool:
    """Whether the partner shares so much with this user's side; its own people are told everything."""
    return user.is_partner_side or level(partner) in levels


def last_review(partner: Partner) -> PlanReview | None:
    return PlanReview.objects.unscoped("of one partner").filter(partner=partner).order_by("-at").first()


def touched_since(last: PlanReview | None, partner: Partner) -> int:
    """How many targets were changed or confirmed since the plan was gone through last."""
    rows = AccountTarget.objects.unscoped("of one partner, counted").filter(
        customer__partner=partner, touched_at__isnull=False
    )
    return rows.filter(touched_at__gt=last.at).count() if last else rows.count()


def with_targets(rows: QuerySet[Customer], user: User) -> QuerySet[Customer]:
    """Those customers that something is a target of."""
    found = targets(user).filter(customer=OuterRef("pk"), state=State.TARGET)
    return rows.filter(Exists(found.order_by()))


def owners(partner: Partner) -> QuerySet[User]:
    """Who a target of the partner can belong to: the partner's own people who sell, and its CAM and cover."""
    sells = [role for role, permissions in ROLES.items() if Permission.SELL in permissions]
    own = User.objects.filter(membership__partner=partner, groups__name__in=sells, is_active=True).order_by()
    ours = [pk for pk in (partner.cam_id, partner.cover_id) if pk]
    found: QuerySet[User] = User.objects.filter(is_active=True)
    return found.filter(pk__in=[*own.values_list("pk", flat=True), *ours]).order_by("name", "pk")
