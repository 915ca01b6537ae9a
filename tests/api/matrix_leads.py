"""What the operations of leads stand for in the matrix."""

import datetime as dt
import itertools

from django.utils import timezone

from accounts.permissions import Role
from leads.models import Lead, LeadOffer, LeadSource, LeadTrial
from leads.policies import LeadPolicy, document
from partners.models import Partner
from prm.common.models import Policy
from prm.common.vendor import today

NUMBERS = itertools.count(1)
POLICY = {"rules": [{"name": "All"}]}


def lead(**fields):
    now = timezone.now()
    told = {"company": f"Company {next(NUMBERS)}", "score": 80, "grade": "A", "created_at": now}
    if fields.get("holder", "queue") != "queue":
        fields = {"state": "accepted", "accepted_at": now, "contact_by": now, **fields}
    return Lead.everything.create(source=LeadSource.objects.get(key="web"), **{**told, **fields})


def _held(world, partner, user):
    return {"lead_id": lead(holder="partner", partner=partner).pk}


def _queued(world, partner, user):
    return {"lead_id": lead().pk}


def _mine(world, partner, user):
    """One that the user's own side holds."""
    if user.is_partner_side:
        return _held(world, Partner.objects.visible_to(user).get(), user)
    return {"lead_id": lead(holder="direct", person_direct=user).pk}


def _closed(world, partner, user):
    found = Lead.everything.get(pk=_mine(world, partner, user)["lead_id"])
    found.state, found.closed_at, found.close_reason = "disqualified", timezone.now(), "Spam"
    found.save()
    return {"lead_id": found.pk}


def _offered(world, partner, user):
    now = timezone.now()
    made = LeadOffer.everything.create(
        lead=lead(state="offered"),
        partner=partner,
        round=1,
        number=1,
        offered_at=now,
        answer_by=now + dt.timedelta(days=2),
    )
    return {"offer_id": made.pk}


def _in_offer(world, partner, user):
    return {"lead_id": LeadOffer.everything.get(pk=_offered(world, partner, user)["offer_id"]).lead_id}


def _version(world, partner, user):
    starts_on = dt.date(2091, 1, 1) + dt.timedelta(days=next(NUMBERS))
    return {"version_id": Policy.objects.create(kind="leads", starts_on=starts_on, data=document(LeadPolicy())).pk}


def _trial(world, partner, user):
    return {"trial_id": LeadTrial.objects.create(policy=document(LeadPolicy()), since=today(), until=today()).pk}


def _new(world, partner):
    return {"company": f"Company {next(NUMBERS)}", "source": "web"}


def _direct(world, partner):
    return {"person": world.users[Role.CHIEF].pk}


def _tried(world, partner):
    return {"policy": POLICY, "since": today().isoformat(), "until": today().isoformat()}


def calls(call, partner, body, entry, named):
    """By operation; the arguments are the matrix's own helpers."""
    reason = body(reason="Wrong country")
    return {
        "list_leads": call(),
        "create_lead": call(body=_new),
        "get_lead": call(_held, owned=True),
        "update_lead": call(_held, body(city="Oslo"), owned=True),
        "distribute_lead": call(_queued),
        "offer_lead": call(_queued, lambda world, partner: {"partner": partner.pk}),
        "withdraw_lead": call(_in_offer, reason, owned=True),
        "keep_lead_direct": call(_queued, _direct),
        "put_lead_back": call(_held, reason, owned=True),
        "pull_lead_back": call(_held, reason, owned=True),
        "contact_lead": call(_mine, body()),
        "qualify_lead": call(_mine, body()),
        "disqualify_lead": call(_mine, reason),
        "reopen_lead": call(_closed),
        "convert_lead": call(_mine, body()),
        "close_lead": call(_mine, body(won=True)),
        "list_lead_history": call(_held, owned=True),
        "list_lead_distributions": call(_held, owned=True),
        "list_lead_offers": call(),
        "get_lead_offer": call(_offered, owned=True),
        "accept_lead_offer": call(_offered, owned=True),
        "decline_lead_offer": call(_offered, reason, owned=True),
        "get_lead_policy": call(),
        "list_lead_policies": call(),
        "set_lead_policy": call(body=body(starts_on="2099-01-01", policy=POLICY)),
        "delete_lead_policy": call(_version),
        "list_lead_sources": call(),
        "create_lead_source": call(body=named),
        "update_lead_source": call(entry(LeadSource), named),
        "delete_lead_source": call(entry(LeadSource)),
        "list_lead_capacities": call(),
        "set_lead_capacity": call(partner, body(capacity=5), owned=True),
        "start_lead_trial": call(body=_tried),
        "get_lead_trial": call(_trial),
        "get_lead_fairness": call(),
        "get_partner_lead_fairness": call(partner, owned=True),
    }
