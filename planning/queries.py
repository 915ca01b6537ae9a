"""Reads of business plans; all start at what the user may see."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from accounts.permissions import ROLES, Permission
from partners import queries as partner_queries
from partners.models import Contact, Partner
from planning.models import BusinessPlan, PlanSignature, Side, SignatureRequest

Status = BusinessPlan.Status


def plans(user: User) -> QuerySet[BusinessPlan]:
    """The plans the user may see, with what a line of a list shows. Discarded ones are left out."""
    rows = BusinessPlan.objects.visible_to(user).exclude(status=Status.DISCARDED)
    found: QuerySet[BusinessPlan] = rows.select_related("partner", "partner__cam", "updated_by", "created_by")
    return found


def with_signing(rows: QuerySet[BusinessPlan], user: User) -> QuerySet[BusinessPlan]:
    """The same with the signatures and requests prefetched as `live_signatures` and `asked_signers`."""
    signatures = PlanSignature.objects.visible_to(user).filter(voided_at=None).select_related("user")
    asked = SignatureRequest.objects.visible_to(user).select_related("user").order_by("asked_at", "pk")
    return rows.prefetch_related(
        Prefetch("signatures", signatures, to_attr="live_signatures"),
        Prefetch("signature_requests", asked, to_attr="asked_signers"),
    )


def open_draft(user: User, partner: Partner) -> BusinessPlan | None:
    """The draft of this partner, where the user may see it."""
    return plans(user).filter(partner=partner, status=Status.DRAFT).first()


def in_force(user: User, partner: Partner) -> BusinessPlan | None:
    """The partner's committed plan, where the user may see it."""
    return plans(user).filter(partner=partner, status=Status.COMMITTED).first()


def history(user: User, partner: Partner) -> QuerySet[BusinessPlan]:
    """Every version of the partner's plan that the user may see, the newest first."""
    return plans(user).filter(partner=partner).order_by("-number")


def may_edit(user: User, plan: BusinessPlan) -> bool:
    """Whether this person may change the plan now."""
    return plan.status == Status.DRAFT and works_on_plans(user) and sees(user, plan)


def works_on_plans(user: User) -> bool:
    """Whether the person builds plans at all, on either side."""
    return user.can(Permission.PLAN_BUSINESS if user.is_partner_side else Permission.EDIT_PLANS)


def sees(user: User, plan: BusinessPlan) -> bool:
    return bool(BusinessPlan.objects.visible_to(user).filter(pk=plan.pk).exists())


def vendor_signers(partner: Partner) -> list[User]:
    """Who of the vendor's side may sign for this partner's plan; its CAM and the cover first."""
    own = (partner.cam_id, partner.cover_id)
    people = partner_queries.holders(Permission.EDIT_PLANS).prefetch_related("groups")
    known = [user for user in people if user.pk in own or any(role.sees_all_partners for role in user.roles)]
    return sorted(known, key=lambda user: (user.pk != partner.cam_id, user.pk != partner.cover_id))


def may_sign_for_vendor(user: User, partner: Partner) -> bool:
    sees_partner = Partner.objects.visible_to(user).filter(pk=partner.pk)
    return user.is_active and user.can(Permission.EDIT_PLANS) and sees_partner.exists()


def may_sign_for_partner(user: User, partner: Partner) -> bool:
    return user.is_active and user.can(Permission.PLAN_BUSINESS) and partner_queries.belongs_to(user.pk, partner)


def partner_signers(partner: Partner) -> list[User]:
    """Who of the partner's side may sign."""
    roles = [role for role, permissions in ROLES.items() if Permission.PLAN_BUSINESS in permissions]
    rows = User.objects.filter(membership__partner=partner, is_active=True, groups__name__in=roles)
    return list(rows.distinct().order_by("name", "id"))


def contacts_to_invite(user: User, partner: Partner) -> list[Contact]:
    """Contacts with an address who are no users yet: asked to sign they are invited."""
    rows = Contact.objects.visible_to(user).filter(partner=partner).exclude(email="")
    taken = set(User.objects.filter(email__in=[row.email.lower() for row in rows]).values_list("email", flat=True))
    return [row for row in rows if row.email.lower() not in taken]


def asked(plan: BusinessPlan, side: str) -> SignatureRequest | None:
    """The request that counts: the newest one to this side."""
    rows = SignatureRequest.objects.unscoped("of one plan in hand").filter(plan=plan, side=side)
    return rows.select_related("user").order_by("-asked_at", "-pk").first()


def signatures(plan: BusinessPlan) -> dict[str, PlanSignature]:
    """The signatures that hold, by side."""
    rows = PlanSignature.objects.unscoped("of one plan in hand").filter(plan=plan, voided_at=None)
    return {row.side: row for row in rows.select_related("user")}


def side_of(user: User) -> Side:
    return Side.PARTNER if user.is_partner_side else Side.VENDOR
