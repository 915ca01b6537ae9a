"""Registrations of a partner in every state, two of them for the same customer; and a policy that is still to start."""

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.permissions import Role
from dealdesk import actions
from dealdesk.models import Registration
from dealdesk.policy import RegistrationPolicy
from partners.models import Partner
from pipeline.models import ProductLine
from prm.common.vendor import today
from tests.world import World

# One for each, so that no partner's customer is like another's.
COMPANIES = ("Alpenblick Kliniken", "Brightwater Foods", "Cormorant Shipping", "Dunmore Textiles", "Ellerbrook Mining")


def furnish_policy(world: World) -> None:
    actions.set_policy(
        by=world.users[Role.ADMIN],
        starts_on=today() + dt.timedelta(days=90),
        policy=RegistrationPolicy(minimum=Decimal(5)),
    )


def register_deals(world: World, partner: Partner, cam: User, seller: User) -> None:
    """Drafts of both sides, one to decide with another of the same company before it, returned, rejected, approved and moving on,
    released, withdrawn."""
    number = Partner.objects.unscoped("guard").filter(pk__lt=partner.pk).count()
    company = COMPANIES[number % len(COMPANIES)]
    ops, count = world.users[Role.OPERATIONS], partner.registrations.count()

    def draft(by: User = seller, **more: Any) -> Registration:
        line = ProductLine.objects.order_by("order", "pk").first()
        values = {
            "customer_name": f"{company} {count}", "domain": "", "country": "DE", "product_lines": [line], "currency": "USD",
            "amount": Decimal(25_000), "expected_close": today() + dt.timedelta(days=60), "need": "A new data centre",
            "contact_name": "Rosa Klein", "contact_email": "rosa@customer.example", **more,
        }  # fmt: skip
        return actions.save_draft(by=by, partner=partner, values=values)

    def submitted(by: User = seller, **more: Any) -> Registration:
        made = actions.submit(by=by, registration=draft(by, **more))
        actions.check(made.pk)
        made.refresh_from_db()
        return made

    draft()
    draft(cam)
    first = actions.approve(by=ops, registration=submitted(), reason="It fits", override=True)
    actions.offer_proof(by=seller, registration=first, text="The trial runs")
    actions.accept_proof(by=cam, registration=first, reason="Seen it")
    actions.renew(by=seller, registration=first)
    submitted(cam)  # comes after the first, of the same company
    actions.give_back(by=ops, registration=submitted(), reason="Say more")
    actions.reject(by=ops, registration=submitted(), reason="Not ours")
    actions.withdraw(by=seller, registration=submitted(), reason="They bought elsewhere")
    over = actions.approve(by=ops, registration=submitted(), reason="Together", override=True)
    actions.release(by=seller, registration=over, reason="They wait")
