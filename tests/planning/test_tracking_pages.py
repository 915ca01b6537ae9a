"""The pages that follow a plan, on both sides: figures, files, confirming, what moved; and who gets there."""

import datetime as dt
import html
import io
import re
from dataclasses import replace
from decimal import Decimal as D

import openpyxl
import pytest
from django.utils import timezone

from accounts.permissions import Role
from pipeline.models import ProductLine
from planning import document
from planning.document import Plan
from planning.forecast.assumptions import OneTime
from planning.models import BusinessPlan, Reforecast
from tests.planning.committed import ASSUMPTIONS, SUITE, committed, draft, sold, won

DAY = dt.date(2026, 9, 10)


@pytest.fixture(autouse=True)
def on(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime.combine(DAY, dt.time(12), dt.UTC))


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def plan(acme):
    made = committed(acme, acme.partner_a)
    sold(acme.partner_a, dt.date(2026, 7, 31), "900")
    sold(acme.partner_a, dt.date(2026, 8, 3), "1260")
    won(acme.partner_a, dt.date(2026, 7, 8))
    return made


def text(response):
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


SIDES = {
    "vendor": ("/plans/", lambda acme: acme.users[Role.CAM]),
    "partner": ("/portal/plans/", lambda acme: acme.users_a[Role.PARTNER_SELLER]),
}


@pytest.mark.parametrize("side", SIDES)
def test_plan_against_actual_shows_attainment_of_the_months_over(acme, plan, client_for, side):
    base, who = SIDES[side]
    page = text(client_for(who(acme)).get(f"{base}{plan.pk}/actuals/"))
    assert "90%" in page  # 2,160 of 2,400
    assert "2,160.00 of 2,400.00, in the 2 months that are over" in page
    assert "September 2026, so far" in page
    assert "July 2026 1,200.00 900.00" in page
    assert "43,200.00" not in page  # what was planned stands in the re-forecast
    assert "42,960.00" in page  # 900 + 1,260 + 34 × 1,200


@pytest.mark.parametrize("side", SIDES)
def test_the_year_is_chosen_by_the_address_and_nonsense_is_the_year_that_runs(acme, plan, client_for, side):
    base, who = SIDES[side]
    client = client_for(who(acme))
    assert "July 2028" in text(client.get(f"{base}{plan.pk}/actuals/?year=3"))
    for nonsense in ("0", "4", "x", "²", "00017", "01", "12", "9" * 5000):
        response = client.get(f"{base}{plan.pk}/actuals/", {"year": nonsense})
        assert response.status_code == 200
        assert "August 2026" in text(response)


def test_an_actual_leads_the_vendor_to_its_results(acme, plan, cam, client_for):
    page = html.unescape(client_for(cam).get(f"/plans/{plan.pk}/actuals/").content.decode())
    assert f'href="/partners/{acme.partner_a.pk}/results/?since=2026-07-01&until=2026-07-31"' in page


def test_the_file_has_all_months(acme, plan, cam, client_for):
    response = client_for(cam).get(f"/plans/{plan.pk}/actuals/export.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True))
    assert len(rows) == 37
    assert rows[1][:4] == (1, "2026-07", "over", 1200)
    assert (rows[1][4], rows[1][6], rows[1][7], rows[1][8]) == (900, 900, 2, 1)
    assert rows[3][2:7] == ("running", 1200, 0, None, 1200)
    assert rows[36][1:5] == ("2029-06", "to come", 1200, None)
    own = client_for(acme.users_a[Role.PARTNER_EXECUTIVE]).get(f"/portal/plans/{plan.pk}/actuals/export.csv")
    assert "2026-07,over,1200" in own.content.decode()
    assert client_for(cam).get(f"/plans/{plan.pk}/actuals/export.pdf").status_code == 404


def test_what_has_no_rate_is_a_dash_with_the_reason(acme, plan, cam, client_for):
    sold(acme.partner_a, dt.date(2026, 8, 5), "3", "CHF")
    page = text(client_for(cam).get(f"/plans/{plan.pk}/actuals/"))
    assert "There is no rate for CHF." in page
    assert "July 2026 1,200.00 900.00" in page
    client = client_for(cam)
    response = client.post(f"/plans/{plan.pk}/re-forecast/confirm/", {"note": "kept"})
    assert response.status_code == 422
    assert "There is no rate for CHF" in text(response)
    assert "kept" in text(response)
    assert not Reforecast.everything.exists()


def test_a_re_forecast_is_looked_at_and_confirmed(acme, plan, cam, client_for):
    client = client_for(cam)
    page = client.get(f"/plans/{plan.pk}/re-forecast/")
    assert "−240.00 against the plan of 43,200.00" in text(page)
    mark = re.search(r'name="mark" value="([^"]+)"', page.content.decode()).group(1)
    response = client.post(f"/plans/{plan.pk}/re-forecast/confirm/", {"note": "Slow start", "mark": mark}, follow=True)
    assert "The re-forecast is confirmed." in text(response)
    assert "Slow start" in text(response)
    assert Reforecast.everything.get().by == cam
    portal = client_for(acme.users_a[Role.PARTNER_EXECUTIVE]).get(f"/portal/plans/{plan.pk}/re-forecast/")
    assert "Slow start" in text(portal)
    assert "Confirm" not in portal.content.decode().replace("Confirmed", "")


def test_figures_that_changed_meanwhile_are_shown_again_with_what_was_typed(acme, plan, cam, client_for):
    client = client_for(cam)
    page = client.get(f"/plans/{plan.pk}/re-forecast/").content.decode()
    mark = re.search(r'name="mark" value="([^"]+)"', page).group(1)
    sold(acme.partner_a, dt.date(2026, 8, 9), "40")
    response = client.post(f"/plans/{plan.pk}/re-forecast/confirm/", {"note": "Mine", "mark": mark})
    assert response.status_code == 422
    assert "Sales changed while you looked at this" in text(response)
    assert "Mine" in text(response)
    again = re.search(r'name="mark" value="([^"]+)"', response.content.decode()).group(1)
    assert again != mark
    assert client.post(f"/plans/{plan.pk}/re-forecast/confirm/", {"note": "Mine", "mark": again}).status_code == 302


def test_a_plan_that_was_replaced_is_not_confirmed_any_more(acme, plan, cam, client_for):
    BusinessPlan.everything.update(status="superseded")
    response = client_for(cam).post(f"/plans/{plan.pk}/re-forecast/confirm/", {}, follow=True)
    assert "no longer in force" in text(response)
    assert not Reforecast.everything.exists()


@pytest.mark.parametrize("name", ["actuals", "re-forecast"])
def test_who_gets_there(acme, plan, client_for, name):
    path = f"/plans/{plan.pk}/{name}/"
    for role, status in ((Role.CHIEF, 200), (Role.OPERATIONS, 200), (Role.MARKETING, 403)):
        assert client_for(acme.users[role]).get(path).status_code == status, role
    assert client_for(acme.cam_b).get(path).status_code == 404
    assert client_for(acme.users_a[Role.PARTNER_EXECUTIVE]).get(path).status_code == 403
    assert client_for(acme.users_b[Role.PARTNER_EXECUTIVE]).get(f"/portal{path}").status_code == 404
    own = draft(acme, acme.partner_b)
    assert client_for(acme.cam_b).get(f"/plans/{own.pk}/{name}/").status_code == 404  # a draft has nothing to follow
    assert client_for(acme.users[Role.CHIEF]).post(f"/plans/{plan.pk}/re-forecast/confirm/").status_code == 403


def second(acme, plan, *, number=2, **more):
    line = replace(SUITE, name="Suite Pro", sale=OneTime(D(1500)))
    content = document.write(
        Plan(replace(ASSUMPTIONS, lines=(line,)), texts={**Plan().texts, "verticals": "Hospitals"})
    )
    made = draft(acme, acme.partner_a, number=number, follows=plan, first=dt.date(2026, 8, 1), **more)
    made.content = content
    made.save()
    return made


def test_what_moved_since_the_version_before(acme, plan, cam, client_for):
    made = second(acme, plan)
    page = text(client_for(cam).get(f"/plans/{made.pk}/moved/"))
    assert "Version 2 against version 1" in page
    assert "Revenue 72,000.00 108,000.00 +36,000.00" in page
    assert "Product lines: Suite Pro changed Average deal size 1,000.00 1,500.00" in page
    assert "First month July 2026 August 2026" in page
    assert "Hospitals" in page
    assert client_for(cam).get(f"/plans/{plan.pk}/moved/").status_code == 404  # there is none before the first


def test_another_product_behind_a_line_is_told_by_name(acme, plan, cam, client_for):
    product = ProductLine.objects.create(key="vault", name="Vault")
    made = second(acme, plan)
    made.content["lines"][0]["product"] = product.pk
    made.save()
    page = f"/plans/{made.pk}/moved/"
    assert "The vendor’s product line – Vault" in text(client_for(cam).get(page))
    product.delete()
    assert "The vendor’s product line – one that is gone" in text(client_for(cam).get(page))


def test_amounts_in_two_currencies_are_not_subtracted(acme, plan, cam, client_for):
    made = second(acme, plan, currency="EUR")
    page = text(client_for(cam).get(f"/plans/{made.pk}/moved/"))
    assert "Revenue USD 72,000.00 EUR 108,000.00 –" in page
    assert "Currency USD EUR" in page


def test_the_partner_compares_what_is_shared_with_it(acme, plan, client_for):
    made = second(acme, plan)
    partner = client_for(acme.users_a[Role.PARTNER_EXECUTIVE])
    assert partner.get(f"/portal/plans/{made.pk}/moved/").status_code == 404
    made.shared = True
    made.save()
    assert "Suite Pro" in text(partner.get(f"/portal/plans/{made.pk}/moved/"))
    assert client_for(acme.users_b[Role.PARTNER_EXECUTIVE]).get(f"/portal/plans/{made.pk}/moved/").status_code == 404


def test_an_earlier_version_is_chosen_by_its_number_and_nonsense_is_the_one_before(acme, plan, cam, client_for):
    committed_second = second(acme, plan)
    BusinessPlan.everything.filter(pk=committed_second.pk).update(
        status="superseded", committed_on=DAY, committed_at=timezone.now(), content_hash="e" * 64, shared=True
    )
    third = second(acme, committed_second, number=3)
    client = client_for(cam)
    assert "Nothing moved" in text(client.get(f"/plans/{third.pk}/moved/"))
    assert "Version 3 against version 1" in text(client.get(f"/plans/{third.pk}/moved/?version=1"))
    assert "Version 3 against version 2" in text(client.get(f"/plans/{third.pk}/moved/?version=x"))


def test_from_the_plan_there_is_a_way_to_each_of_them(acme, plan, cam, client_for):
    page = client_for(cam).get(f"/plans/{plan.pk}/").content.decode()
    for name in ("actuals", "re-forecast"):
        assert f'href="/plans/{plan.pk}/{name}/"' in page
