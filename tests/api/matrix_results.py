"""What the operations of the worksheet, of attribution and of results stand for in the matrix."""

from tests.marketing.approved import activity, deal, lead, plan

NEED = {"win": "0.1", "deal_size": "1000"}


def _activity(world, partner, user):
    """Of a plan that both sides see."""
    return {"activity_id": activity(plan(partner)).pk}


def _lead(world, partner, user):
    return {"lead_id": lead("Contoso", partner).pk}


def _deal(world, partner, user):
    return {"deal_id": deal("Servers", partner).pk}


def _year(world, partner, user):
    return {"period": "2026"}


def calls(call, body):
    """By operation; the arguments are the matrix's own helpers."""
    none = body(activity=None)
    return {
        "compute_worksheet": call(body=body(columns={"base": NEED}, revenue="10000")),
        "get_worksheet": call(_year),
        "remove_worksheet": call(_year),
        "set_worksheet": call(_year, body(base=NEED)),
        "get_marketing_activity_actuals": call(_activity, owned=True),
        "get_lead_source": call(_lead, owned=True),
        "set_lead_source": call(_lead, none),
        "get_deal_source": call(_deal, owned=True),
        "set_deal_source": call(_deal, none, owned=True),
        "get_marketing_returns": call(),
        "get_marketing_rollup": call(),
    }
