"""The guards are worth what they look at: every table of a partner has rows, every text a mark."""

import pytest

from tests.guards.furnish import unfurnished


@pytest.mark.parametrize("which", ["partner_a", "partner_b"])
def test_every_partner_owned_table_has_rows_of_both_partners(house, which):
    assert unfurnished(getattr(house.acme, which)) == []
