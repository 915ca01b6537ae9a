from random import Random

from hypothesis import given
from hypothesis import strategies as st

from demo.cultures import CULTURES
from demo.names import Names
from prm.common.names import normalised

COUNTRIES = sorted(CULTURES)


@given(st.integers())
def test_no_two_companies_would_be_taken_for_one(seed):
    names = Names(Random(seed))
    companies = [names.company(COUNTRIES) for _number in range(60)]
    branches = [branch for company in companies if (branch := names.branch(company, [company.country]))]
    keys = [normalised(company.name) for company in companies + branches]
    assert len(set(keys)) == len(keys)
    assert len({company.domain for company in companies}) == len(companies)
    assert all(branch.domain in {company.domain for company in companies} for branch in branches)


@given(st.integers(), st.sampled_from(COUNTRIES))
def test_people_of_a_company_have_addresses_of_their_own(seed, country):
    names = Names(Random(seed))
    people = [names.person(country, "one.example") for _number in range(20)]
    assert len({person.email for person in people}) == 20
    assert all(person.email.isascii() for person in people)
