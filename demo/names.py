"""Invented companies and people, each once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from demo.cultures import CULTURES, HEADS, TAILS, Culture
from prm.common.names import fold, normalised


def slug(text: str) -> str:
    """Letters and digits in lower case, joined by dashes: for addresses."""
    return re.sub(r"\s+", "-", fold(text))


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    phone: str


@dataclass(frozen=True)
class Company:
    """`stem` is the name without legal form, which branches carry on."""

    name: str
    stem: str
    domain: str
    country: str
    town: str


@dataclass
class Names:
    """Draws names and remembers which it gave."""

    random: Random
    _companies: set[str] = field(default_factory=set)
    _emails: set[str] = field(default_factory=set)

    def company(self, countries: Sequence[str]) -> Company:
        culture = CULTURES[self.random.choice(countries)]
        while True:
            stem = self._stem(culture)
            # Neither two companies of one name nor two that an import would take for one.
            if normalised(stem) not in self._companies:
                break
        self._companies.add(normalised(stem))
        town = self.random.choice(culture.towns)
        name = f"{stem} {self.random.choice(culture.forms)}"
        return Company(name, stem, f"{slug(stem)}.example", culture.country, town)

    def _stem(self, culture: Culture) -> str:
        word = self.random.choice(culture.words)
        style = self.random.random()
        if style < 0.25:
            return f"{self.random.choice(culture.last)} {word}"
        if style < 0.32:
            one, two = self.random.sample(culture.last, 2)
            return f"{one} & {two}"
        return f"{self.random.choice(HEADS)}{self.random.choice(TAILS)} {word}"

    def branch(self, parent: Company, countries: Sequence[str]) -> Company | None:
        """A branch of the company in another town of the region; None where each town has one."""
        for country in [parent.country, *countries]:
            culture = CULTURES[country]
            for town in self.random.sample(culture.towns, len(culture.towns)):
                stem = f"{parent.stem} {town}"
                if town != parent.town and normalised(stem) not in self._companies:
                    self._companies.add(normalised(stem))
                    form = self.random.choice(culture.forms)
                    return Company(f"{stem} {form}", stem, parent.domain, country, town)
        return None

    def person(self, country: str, domain: str) -> Person:
        """Somebody at a company; no two there have one name."""
        culture = CULTURES[country]
        while True:
            first, last = self.random.choice(culture.first), self.random.choice(culture.last)
            email = f"{slug(first)}.{slug(last)}@{domain}"
            if email not in self._emails:
                break
        self._emails.add(email)
        return Person(f"{first} {last}", email, self.phone(country))

    def phone(self, country: str) -> str:
        return f"{CULTURES[country].phone}{self.random.randrange(100):02d}"
