"""What is read once a request is read anew in the next, and each time where no request runs."""

from accounts.permissions import Role
from partners.models import Region, RegionLimit
from prm.common import once


def test_once_in_a_request_and_each_time_outside():
    asked = []

    def make():
        asked.append(1)
        return len(asked)

    assert [once.read("a", make), once.read("a", make)] == [1, 2]
    with once.in_a_request():
        assert [once.read("a", make), once.read("a", make), once.read("b", make)] == [3, 3, 4]
    with once.in_a_request():
        assert once.read("a", make) == 5


def test_a_chief_who_is_limited_to_a_region_sees_no_other_from_the_next_request_on(acme, client_for):
    chief = acme.users[Role.CHIEF]
    client = client_for(chief)
    assert acme.partner_b.name in client.get("/partners/").content.decode()
    RegionLimit.objects.create(user=chief, region=Region.objects.get(key="west"))
    page = client.get("/partners/").content.decode()
    assert acme.partner_a.name in page
    assert acme.partner_b.name not in page
