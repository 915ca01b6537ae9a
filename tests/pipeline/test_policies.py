import datetime as dt
from decimal import Decimal as D

import pytest

from pipeline import policies
from pipeline.policies import Actuals, Basis, Origin
from prm.common.fiscal import FiscalYear
from prm.common.models import Policy


def test_what_is_left_out_is_the_default():
    assert policies.parse_actuals({}) == Actuals(Basis.VENDOR_NET, Origin.RESULTS)
    assert policies.parse_actuals({"from": "won_deals"}) == Actuals(Basis.VENDOR_NET, Origin.WON_DEALS)
    assert policies.parse_weights({}) == (D(1),) * 12


def test_stored_form_comes_back_as_it_was():
    actuals = Actuals(Basis.CUSTOMER_PRICE, Origin.WON_DEALS)
    assert policies.parse_actuals(policies.actuals_data(actuals)) == actuals
    weights = tuple(D(f"{number}.25") for number in range(12))
    assert policies.parse_weights(policies.weights_data(weights)) == weights


def test_numbers_of_another_writer_are_understood():
    assert policies.parse_weights({"weights": [1, 0.5, "2", *[0] * 9]})[:3] == (D(1), D("0.5"), D(2))


@pytest.mark.parametrize("weights", [[], [1] * 11, [1] * 13, ["x"] * 12, [-1] + [1] * 11, ["NaN"] * 12, [10**7] * 12])
def test_bad_weights_are_refused(weights):
    with pytest.raises(ValueError):
        policies.parse_weights({"weights": weights})


@pytest.mark.parametrize("data", [{"basis": "gross"}, {"from": "guess"}])
def test_unknown_basis_and_origin_are_refused(data):
    with pytest.raises(ValueError):
        policies.parse_actuals(data)


def test_next_years_targets_follow_the_seasons_prepared_for_next_year(acme):
    first = [D(2), *[D(1)] * 11]
    second = [D(3), *[D(1)] * 11]
    Policy.objects.create(kind="seasonality", starts_on=dt.date(2026, 3, 1), data=policies.weights_data(first))
    Policy.objects.create(kind="seasonality", starts_on=dt.date(2027, 1, 1), data=policies.weights_data(second))
    today = dt.date(2026, 11, 20)
    assert policies.weights_for(FiscalYear(2026, 1), today) == tuple(
        first
    )  # changed within the year: what is set today
    assert policies.weights_for(FiscalYear(2027, 1), today) == tuple(second)
    assert policies.weights_for(FiscalYear(2026, 1), dt.date(2026, 2, 1)) == policies.EVEN
