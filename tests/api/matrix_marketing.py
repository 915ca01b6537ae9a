"""What the operations of marketing plans stand for in the matrix."""

import itertools

from accounts.permissions import Role
from marketing.models import Activity, MarketingPlan, Play, Tactic
from tests.marketing import making

NUMBERS = itertools.count(1)


def _by(world, partner, user):
    """Of the user's side, and one who builds this partner's plans."""
    return making.marketer(world, partner) if user.is_partner_side else world.users[Role.ADMIN]


def _draft(world, partner, user):
    """A shared draft, begun by the user's side."""
    plan = making.started(world, partner, by=_by(world, partner, user))
    MarketingPlan.everything.filter(pk=plan.pk).update(shared=True)
    return plan


def _plan(world, partner, user):
    return {"plan_id": _draft(world, partner, user).pk}


def _activity(world, partner, user):
    made = making.added(_draft(world, partner, user), by=_by(world, partner, user))
    return {"activity_id": made.pk}


def _figure_of_plan(world, partner, user):
    return {**_plan(world, partner, user), "key": "revenue_roi"}


def _figure_of_activity(world, partner, user):
    return {**_activity(world, partner, user), "key": "wins"}


def _approved(world, partner, user):
    return {"activity_id": making.parts(making.approved(world, partner, activities=1))[0].pk}


def _closed(world, partner, user):
    activity = Activity.everything.get(pk=_approved(world, partner, user)["activity_id"])
    return {"activity_id": making.closed(world, activity).pk}


def _known(world, partner, user):
    """One of whose tactic five were verified."""
    found = _activity(world, partner, user)
    if Activity.everything.filter(state="verified").count() < 5:
        for activity in making.parts(making.approved(world, partner, activities=5)):
            making.verified(world, activity)
    return found


def _order(world, partner):
    """Of no plan: it is refused in its place."""
    return {"activities": [1]}


def _tactic(world, partner, user):
    name = f"Tactic {next(NUMBERS)}"
    return {"key": Tactic.objects.create(key=name.lower().replace(" ", "-"), name=name, kind="other").key}


def _play(world, partner, user):
    name = f"Play {next(NUMBERS)}"
    return {"key": Play.objects.create(key=name.lower().replace(" ", "-"), name=name, currency="USD").key}


def _new_tactic(world, partner):
    return {"name": f"New {next(NUMBERS)}", "kind": "other"}


def _new_play(world, partner):
    return {"name": f"New {next(NUMBERS)}", "currency": "USD", "activities": [{"tactic": "webinar"}]}


def calls(Call, partner, body):
    """The calls, by the matrix's own ways of making them."""
    return {
        "list_marketing_plans": Call(),
        "start_marketing_plan": Call(partner, body(), owned=True),
        "get_marketing_plan": Call(_plan, owned=True),
        "update_marketing_plan": Call(_plan, body(message="New"), owned=True),
        "discard_marketing_plan": Call(_plan, owned=True),
        "share_marketing_plan": Call(_plan, owned=True),
        "order_marketing_activities": Call(_plan, _order, owned=True),
        "list_marketing_snapshots": Call(_plan, owned=True),
        "list_marketing_activities": Call(),
        "add_marketing_activity": Call(_plan, body(tactic="webinar"), owned=True),
        "get_marketing_activity": Call(_activity, owned=True),
        "update_marketing_activity": Call(_activity, body(reach=100), owned=True),
        "remove_marketing_activity": Call(_activity, owned=True),
        "explain_marketing_plan_figure": Call(_figure_of_plan, owned=True),
        "explain_marketing_activity_figure": Call(_figure_of_activity, owned=True),
        "offer_history_rates": Call(_activity, owned=True),
        "accept_history_rates": Call(_known, body(), owned=True),
        "save_activity_results": Call(_approved, body(reach=100), owned=True),
        "close_marketing_activity": Call(_approved, body(reach=100), owned=True),
        "verify_marketing_activity": Call(_closed, body(), owned=True),
        "reopen_marketing_activity": Call(_closed, body(reason="Wrong"), owned=True),
        "list_tactics": Call(),
        "add_tactic": Call(body=_new_tactic),
        "get_tactic": Call(_tactic),
        "update_tactic": Call(_tactic, body(reach=10)),
        "remove_tactic": Call(_tactic),
        "list_plays": Call(),
        "add_play": Call(body=_new_play),
        "get_play": Call(_play),
        "update_play": Call(_play, body(description="New")),
        "remove_play": Call(_play),
        "compute_waterfall": Call(body=body(activities=[{"reach": 100}])),
    }
