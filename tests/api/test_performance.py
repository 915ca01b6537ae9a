"""The performance scorecard through the API."""

import datetime as dt

from accounts.permissions import Role
from tests.scorecards.performance.test_card import aim, sell, strike, year


def test_the_api_tells_figures_with_their_explanations(acme, api_for):
    partner = acme.partner_a
    aim(partner, year("100"))
    sell(partner, dt.date(2026, 1, 10), "81")
    strike(partner, "100", "proposal", name="Overdue", on=dt.date(2026, 1, 20))

    found = api_for(acme.users[Role.CAM]).get(f"/partners/{partner.pk}/performance", on="2026-01-31").json()
    figure = found["figures"]["performance_to_plan"]
    assert (figure["value"], figure["shown"], figure["rag"], figure["unit"]) == ("81", 81, "amber", "%")
    assert figure["explanation"]["with_numbers"] == "81 ÷ 100 × 100"
    assert figure["explanation"]["result"] == "81"
    assert found["composite"] == found["figures"]["composite"]
    [plan, *_others] = found["quarters"]
    assert plan["quarters"][0]["target"] == "100"
    assert plan["quarters"][0]["full_target"] == "300"
    assert plan["quarters"][0]["state"] == "current"
    assert plan["ytd"]["shown"] == 81
    assert plan["quarters"][1]["reason"] == "This quarter has not begun."
    assert found["trend"][-1] == {"month": "2026-01", "actual": "81", "target": "100"}
    assert found["deals_moving"][0]["motions"] == ["overdue"]
    assert (found["currency"], found["fiscal_year"], found["on"]) == ("USD", "2026", "2026-01-31")
    assert found["figures"]["growth"]["reason"].startswith("Nothing was sold")
    assert found["figures"]["growth_potential"]["internal"] is True
    theirs = api_for(acme.users_a[Role.PARTNER_SELLER])
    mine = theirs.get(f"/partners/{partner.pk}/performance", on="2026-01-31").json()
    assert mine["figures"]["performance_to_plan"]["value"] == "81"
    assert not {"growth_potential", "rank_value", "recency_touch"} & mine["figures"].keys()
    assert theirs.get(f"/partners/{acme.partner_b.pk}/performance").status_code == 404
    assert api_for(acme.users[Role.MARKETING]).get(f"/partners/{partner.pk}/performance").status_code == 403
    ours = api_for(acme.users[Role.CAM])
    for bad in ({"on": "soon"}, {"on": "0001-01-01"}, {"family": "perhaps"}, {"of": "1"}):
        assert ours.get(f"/partners/{partner.pk}/performance", **bad).status_code == 422, bad
