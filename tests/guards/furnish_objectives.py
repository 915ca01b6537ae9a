"""Objectives of both sides of a partner, of this year and the one before, each with something to show and to leak."""

from decimal import Decimal

from accounts.models import User
from partners.models import Objective, Partner
from partners.objectives import actions, queries

SIDES = Objective.Side


def aim_high(partner: Partner, cam: User, champion: User) -> None:
    """Of each side one in numbers with progress, the vendor's also one in percent; one dropped; and one of the year before."""
    year = queries.this_year().year
    n = partner.objectives.count()
    for side, by in ((SIDES.PARTNER, champion), (SIDES.VENDOR, cam)):
        for then in (year - 1, year):
            numbers = {"unit": "deals", "baseline": Decimal(2), "goal": Decimal(12)}
            row = actions.add_objective(
                by=by, partner=partner, side=side, fiscal_year=then, title=f"Objective {n} of {then}",
                yardstick="Deals won", **numbers,
            )  # fmt: skip
            progress = {"value": Decimal(7), "note": f"Slowly, {n}"}
            actions.enter_progress(by=by, partner=partner, fiscal_year=then, quarter=1, changes={row.pk: progress})
    words = {"side": SIDES.VENDOR, "fiscal_year": year, "yardstick": "What the review says"}
    actions.add_objective(by=cam, partner=partner, title=f"In percent {n}", **words)
    given_up = actions.add_objective(by=cam, partner=partner, title=f"Given up {n}", **words)
    actions.drop_objective(by=cam, objective=given_up, reason="The market left")
