"""Does an explanation's arithmetic again: the formula, with the values of its terms, by a small reader of its own.

expression = product (("+" | "−") product)*        product = factor (("×" | "÷") factor)*
factor     = number | {place} | "(" expression ")" | ("min" | "max") "(" expression ("," expression)* ")" | "−" factor
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from prm.common.explain import Explanation

TOKEN = re.compile(r"\s*(\{[0-9]+\}|[0-9.]+|min|max|[()+−×÷,])")


class NotArithmetic(ValueError):
    """The formula says something that can't be computed."""


def retold(explanation: Explanation) -> Fraction:
    """What the formula comes to, exactly. ZeroDivisionError where it divides by 0."""
    tokens = _tokens(str(explanation.formula))
    reader = _Reader(tokens, explanation)
    value = reader.expression()
    if reader.rest:
        raise NotArithmetic(f"{explanation.formula}: {reader.rest}")
    return value


def same(explanation: Explanation) -> None:
    """Asserts that the formula gives the result, in it and in all parts; to nine digits, as its terms are rounded to twelve."""
    if explanation.result is not None:
        again, told = retold(explanation), Fraction(explanation.result)
        assert abs(again - told) <= Fraction(1, 10**8) * max(1, abs(told)), explanation
    for child in explanation.children:
        same(child)


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = TOKEN.match(text, at)
        if not match:
            raise NotArithmetic(f"{text!r} at {at}")
        found.append(match[1])
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[str], explanation: Explanation) -> None:
        self.rest, self.explanation = list(tokens), explanation

    def take(self, *wanted: str) -> str | None:
        return self.rest.pop(0) if self.rest and self.rest[0] in wanted else None

    def need(self, token: str) -> None:
        if not self.take(token):
            raise NotArithmetic(f"{self.explanation.formula}: {token} expected before {self.rest}")

    def expression(self) -> Fraction:
        value = self.product()
        while sign := self.take("+", "−"):
            value = value + self.product() if sign == "+" else value - self.product()
        return value

    def product(self) -> Fraction:
        value = self.factor()
        while sign := self.take("×", "÷"):
            value = value * self.factor() if sign == "×" else value / self.factor()
        return value

    def factor(self) -> Fraction:
        if self.take("−"):
            return -self.factor()
        if self.take("("):
            value = self.expression()
            self.need(")")
            return value
        if name := self.take("min", "max"):
            self.need("(")
            values = list(self.arguments())
            return min(values) if name == "min" else max(values)
        if not self.rest:
            raise NotArithmetic(f"{self.explanation.formula!r} ends too early")
        token = self.rest.pop(0)
        if not token.startswith("{"):
            return Fraction(token)
        value = self.explanation.terms[int(token[1:-1])].value
        if not isinstance(value, Decimal):
            raise NotArithmetic(f"{self.explanation.formula}: {token} is {value!r}")
        return Fraction(value)

    def arguments(self) -> Iterator[Fraction]:
        yield self.expression()
        while self.take(","):
            yield self.expression()
        self.need(")")
