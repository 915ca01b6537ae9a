"""Which customers are the same. The pairs were written down before the matcher was."""

import csv
from fractions import Fraction
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from dealdesk import matching
from dealdesk.matching import Company, Degree, Why

PAIRS = list(csv.DictReader((Path(__file__).parent / "pairs.csv").read_text(encoding="utf-8").splitlines()))
NAMES = st.text(st.sampled_from("abcde 12éß&.-Øж"), max_size=24)
DOMAINS = st.sampled_from(["", "contoso.de", "www.contoso.de", "fabrikam.co.uk", "gmail.com", "acorn.github.io"])
COMPANIES = st.builds(matching.company, NAMES, DOMAINS, st.sampled_from(["", "DE", "FR"]))


def sides(pair: dict[str, str]) -> tuple[Company, Company]:
    first, second = (matching.company(pair[f"name_{x}"], pair[f"domain_{x}"], pair[f"country_{x}"]) for x in "ab")
    return first, second


def test_flagged_or_possible_finds_what_is_the_same_and_little_else(capsys):
    found = [(pair, matching.match(*sides(pair))) for pair in PAIRS]
    right = sum(met is not None and pair["truth"] != "different" for pair, met in found)
    wrong = [pair for pair, met in found if met is not None and pair["truth"] == "different"]
    missed = [pair for pair, met in found if met is None and pair["truth"] != "different"]
    precision, recall = right / (right + len(wrong)), right / (right + len(missed))
    with capsys.disabled():
        print(f"\n{len(PAIRS)} pairs: precision {precision:.3f}, recall {recall:.3f}")
        for said, pairs in (("taken for the same", wrong), ("not found", missed)):
            for pair in pairs:
                print(f"  {said}: {pair['name_a']} / {pair['name_b']} ({pair['kind']})")
    assert len(PAIRS) >= 60
    assert precision >= 0.9
    assert recall >= 0.9


def test_what_only_may_be_the_same_is_never_flagged():
    for pair in PAIRS:
        met = matching.match(*sides(pair))
        if pair["truth"] == "possible":
            assert met is not None, pair
            assert met.degree is Degree.POSSIBLE, pair


@pytest.mark.parametrize("kind", ["free mail", "hosting", "public suffix"])
def test_an_address_that_many_share_is_no_match(kind):
    pairs = [pair for pair in PAIRS if pair["kind"] == kind]
    assert pairs
    for pair in pairs:
        assert matching.match(*sides(pair)) is None, pair


def test_no_pair_with_a_free_mail_address_matches_by_domain():
    mails = {
        "gmail.com",
        "outlook.com",
        "web.de",
        "qq.com",
        "hotmail.com",
        "yahoo.co.uk",
        "mail.ru",
        "orange.fr",
        "proton.me",
    }
    pairs = [pair for pair in PAIRS if {pair["domain_a"], pair["domain_b"]} & mails]
    assert len(pairs) >= 10
    for pair in pairs:
        met = matching.match(*sides(pair))
        assert met is None or met.why is not Why.DOMAIN, pair


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("contoso.com", "contoso.com"),
        ("https://www.Contoso.co.uk:8443/shop?a=1", "contoso.co.uk"),
        ("ana@mail.contoso.com.au", "contoso.com.au"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("contoso.github.io", "contoso.github.io"),
        ("github.io", ""),
        ("shop.wordpress.com", ""),
        ("ana@gmail.com", ""),
        ("facebook.com/contoso", ""),
        ("co.uk", ""),
        ("localhost", ""),
        ("no domain", ""),
        ("-.-", ""),
        ("", ""),
    ],
)
def test_the_registrable_domain_of_what_people_type(typed, domain):
    assert matching.registrable(typed) == domain


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Ünal Gıda A.Ş.", "unal gida"),
        ("ООО Северный Ветер", "severnyy veter"),
        ("Пекара Дунав д.о.о.", "pekara dunav"),
        ("株式会社南風物流", matching.name_key("南風物流株式会社")),
        ("主婦の店", matching.name_key("主婦の店")),
        ("GmbH", "gmbh"),
        ("有限公司", matching.name_key("有限公司")),
        ("…", ""),
    ],
)
def test_the_key_of_a_name(name, key):
    assert matching.name_key(name) == key


def test_similarity_by_hand():
    # "  k", " ki", "kim", "im " and "  l", " li", "lim", "im " have one of seven in common.
    assert matching.similarity("kim", "lim") == Fraction(1, 7)
    assert matching.similarity("contoso", "contoso") == 1
    assert matching.similarity("", "contoso") == 0


def test_similarity_is_that_of_the_database(acme):
    @given(NAMES, NAMES)
    def same(a, b):
        one, other = matching.name_key(a), matching.name_key(b)
        with connection.cursor() as cursor:
            cursor.execute("SELECT similarity(%s, %s)", [one, other])
            assert float(matching.similarity(one, other)) == pytest.approx(cursor.fetchone()[0], abs=1e-6)

    same()


@given(COMPANIES, COMPANIES)
def test_a_match_goes_both_ways(a, b):
    assert matching.match(a, b) == matching.match(b, a)


@given(COMPANIES)
def test_a_company_is_like_itself(a):
    if a.domain or (a.key and a.country):
        met = matching.match(a, a)
        assert met is not None
        assert met.degree is Degree.FLAGGED


@given(COMPANIES, COMPANIES)
def test_two_known_domains_that_differ_never_flag(a, b):
    if a.domain and b.domain and a.domain != b.domain:
        met = matching.match(a, b)
        assert met is None or met.degree is Degree.POSSIBLE


@given(COMPANIES, COMPANIES)
def test_two_countries_have_nothing_in_common_but_a_domain(a, b):
    met = matching.match(a, b)
    if met is not None and a.country and b.country and a.country != b.country:
        assert met.why is Why.DOMAIN


def test_a_name_at_the_start_of_the_other_is_possible():
    met = matching.match(matching.company("Fabrikam", "", "US"), matching.company("Fabrikam Residences Ltd", "", "US"))
    assert met is not None
    assert (met.degree, met.why) == (Degree.POSSIBLE, Why.START)
    assert matching.starts("blue yonder airlines") == ["blue", "blue yonder"]
    assert not matching.begins("blue", "blueprint")


def test_an_unknown_country_makes_a_similar_name_possible():
    met = matching.match(matching.company("Contoso", "", ""), matching.company("Contoso AG", "", "DE"))
    assert met is not None
    assert (met.degree, met.why) == (Degree.POSSIBLE, Why.NO_COUNTRY)
