import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy, override

from prm.common.explain import Explanation, Figure, Term
from prm.common.templatetags.numbers import in_numbers


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


WIN_RATE = Explanation(
    title="Win rate",
    formula="{0} ÷ ({0} + {1})",
    terms=(Term("won", Decimal("1200"), "", "/deals/?state=won"), Term("lost", Decimal(400))),
    result=Decimal("75.0"),
    unit="%",
    as_of=datetime(2026, 11, 21, 8, 30, tzinfo=UTC),
    records_url="/deals/?closed=12-months",
)
NO_TARGET = Explanation(
    title="Performance to plan",
    formula="{0} ÷ {1}",
    terms=(Term("actual", Decimal("512.5"), "USD"), Term("target", None, "USD")),
    why_missing=gettext_lazy("No target is set for this year"),
    as_of=date(2026, 11, 21),
    children=(WIN_RATE,),
)


def test_the_formula_is_told_in_words_and_with_the_partners_own_numbers():
    assert WIN_RATE.in_words == "won ÷ (won + lost)"
    assert in_numbers(WIN_RATE) == "1,200 ÷ (1,200 + 400)"
    assert in_numbers(NO_TARGET) == "USD 512.50 ÷ –"


def test_an_explanation_gives_its_figure():
    assert WIN_RATE.figure == Figure(value=Decimal(75), explanation=WIN_RATE)
    assert NO_TARGET.figure.value is None
    assert NO_TARGET.figure.reason == "No target is set for this year"


@pytest.mark.parametrize(
    ("value", "reason"), [(None, None), (None, ""), (Decimal(0), "no answers"), (Decimal(5), "no peers")]
)
def test_a_figure_has_a_value_or_a_reason(value, reason):
    with pytest.raises(ValueError):
        Figure(value, reason)
    with pytest.raises(ValueError):
        Explanation(title="x", formula="x", terms=(), as_of=date(2026, 1, 1), result=value, why_missing=reason)


def test_nothing_is_a_value():
    assert Figure(Decimal(0)).reason is None


def test_the_api_gets_decimals_and_times_as_strings():
    answer = json.loads(json.dumps(NO_TARGET.figure.to_dict()))
    assert answer["value"] is None
    assert answer["reason"] == "No target is set for this year"
    explanation = answer["explanation"]
    assert explanation["formula"] == "actual ÷ target"
    assert explanation["with_numbers"] == "512.5 ÷ –"
    assert explanation["terms"][0] == {"label": "actual", "value": "512.5", "unit": "USD", "source_url": None}
    assert explanation["as_of"] == "2026-11-21"
    child = explanation["children"][0]
    assert (child["result"], child["unit"], child["why_missing"]) == ("75.0", "%", None)
    assert child["as_of"] == "2026-11-21T08:30:00+00:00"
    assert child["records_url"] == "/deals/?closed=12-months"
    assert Figure(Decimal("1E+3")).to_dict() == {"value": "1000", "reason": None, "explanation": None}
