"""Two results side by side."""

from decimal import Decimal
from fractions import Fraction

from scorecards.perception import PerceptionGap, perception_gaps, trend


def test_perception_gap_by_size_with_one_sided_topics_last() -> None:
    own = {"only-self": Fraction(90), "a": Fraction(50), "b": Fraction(20), "c": Fraction(70), "internal": Fraction(1)}
    cam = {"a": Fraction(60), "b": Fraction(60), "c": Fraction(60), "only-cam": Fraction(5), "nobody": None}
    gaps = perception_gaps(["only-self", "nobody", "a", "b", "c", "only-cam"], own, cam)
    assert gaps == [
        PerceptionGap("b", Fraction(20), Fraction(60), Fraction(-40)),
        PerceptionGap("a", Fraction(50), Fraction(60), Fraction(-10)),
        PerceptionGap("c", Fraction(70), Fraction(60), Fraction(10)),
        PerceptionGap("only-self", Fraction(90), None, None),
        PerceptionGap("only-cam", None, Fraction(5), None),
    ]


def test_sides_that_agree_come_before_topics_only_one_answered() -> None:
    gaps = perception_gaps(["one", "same"], {"one": Fraction(1), "same": Fraction(50)}, {"same": Fraction(50)})
    assert [(each.key, each.gap) for each in gaps] == [("same", Fraction(0)), ("one", None)]


def test_trend_by_topic_key() -> None:
    now = {"up": Decimal("60.5"), "down": Decimal(40), "new": Decimal(10), "unanswered": None}
    before = {"up": Decimal(50), "down": Decimal("43.25"), "unanswered": Decimal(3), "gone": Decimal(99)}
    assert trend(now, before) == {
        "up": Fraction("10.5"),
        "down": Fraction("-3.25"),
        "new": None,
        "unanswered": None,
    }
