"""The account plan of a partner: a customer that is a target, one of which the vendor sees nothing, products, a review."""

import datetime as dt

from accountplans import actions
from accountplans.models import ComplementaryProduct, Play, Vertical
from accountplans.opportunity import Thing
from accounts.models import User
from partners.models import Partner
from pipeline.models import ProductLine
from prm.common.vendor import today


def plan_accounts(partner: Partner, seller: User) -> None:
    """Targets are shared, the rest of the plan isn't."""
    n = partner.customers.count()
    servers, support = ProductLine.objects.order_by("order")[:2]
    erp = ComplementaryProduct.objects.get_or_create(key="erp", defaults={"name": "ERP"})[0]
    actions.set_ideal(by=seller, product_line=servers, verticals=[Vertical.objects.get(key="finance")], sizes=["small"])
    for name in ("Aimed at", "Kept back"):
        customer = actions.add_account(
            by=seller, partner=partner, name=f"{name} {n} of {partner.pk}", domain="aimed.example", country="DE",
            vertical=Vertical.objects.get(key="finance"), size="small", relationship="known",
            who_knows_whom="Our Ann knows their Bob", note="A good customer",
        )  # fmt: skip
        day = today() + dt.timedelta(days=90)
        owned = {Thing.line(support.pk): day, Thing.complementary(erp.pk): None}
        actions.set_owned(by=seller, customer=customer, owned=owned, gone=frozenset())
        if name == "Aimed at":
            actions.set_target(
                by=seller, customer=customer, product_line=servers, play=Play.objects.first(), next_step="Call them",
                due_on=day, owner=seller, amount=1000, currency="USD",
            )  # fmt: skip
            actions.set_target(
                by=seller,
                customer=customer,
                product_line=support,
                state="ruled_out",
                reason="They have their own people",
            )
    actions.share(by=seller, partner=partner, level="targets")
    actions.review(by=seller, partner=partner, note="All of it")
