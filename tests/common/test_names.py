"""Company names and countries: different spellings of one meet, different ones stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.common.countries import COUNTRIES, country_code
from prm.common.names import fold, normalised


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Smith & Søn Co., Ltd.", "SMITH AND SON"),
        ("Acme G.m.b.H. & Co. KG", "acme gmbh"),
        ("Żabka Sp. z o.o.", "Zabka"),
        ("Grupo Norte, S.A. de C.V.", "Grupo Norte"),
        ("Novo A/S", "NOVO"),
        ("PT. Astra Tbk", "Astra"),
        ("A.B.C. Pty Ltd", "ABC Limited"),
        ("Café  Crème SARL", "Cafe Creme"),
        ("Straße AG", "Strasse"),
        ("株式会社トヨタ", "株式会社ﾄﾖﾀ"),
    ],
)
def test_spellings_of_one_name_meet(one: str, other: str) -> None:
    assert normalised(one) == normalised(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bike World", "Bike Worlds"),
        ("North Bikes", "Bikes North"),
        ("AG", "SA"),
        ("カキ", "ガギ"),
        ("Limited", "Company"),
    ],
)
def test_different_names_stay_apart(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def test_a_name_without_letters_is_no_name() -> None:
    assert normalised("!!! – ---") == ""


@given(st.text(max_size=30))
def test_both_are_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert normalised(normalised(text)) == normalised(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "US"),
        ("usa", "US"),
        ("U.S.A.", "US"),
        ("United States of America", "US"),
        ("DEU", "DE"),
        ("Deutschland", "DE"),
        ("Federal Republic of Germany", "DE"),
        ("UK", "GB"),
        ("England", "GB"),
        ("Côte d'Ivoire", "CI"),
        ("CURACAO", "CW"),
        ("Korea, Republic of", "KR"),
        ("Democratic People's Republic of Korea", "KP"),
        ("Republic of the Congo", "CG"),
        ("Democratic Republic of the Congo", "CD"),
        ("The Kingdom of the Netherlands", "NL"),
        ("Trinidad & Tobago", "TT"),
        ("Türkiye", "TR"),
        ("turkey", "TR"),
        ("Dominican Republic", "DO"),
        ("Kosovo", "XK"),
    ],
)
def test_countries_go_by_many_names(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize("text", ["", " ", "Atlantis", "Republic of", "ZZ", "Bavaria", "United"])
def test_what_is_no_country(text: str) -> None:
    assert country_code(text) is None


def test_every_country_is_known_by_code_and_name() -> None:
    assert len(COUNTRIES) == 250
    for code, name in COUNTRIES.items():
        assert country_code(code) == country_code(name) == code
