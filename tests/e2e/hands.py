"""Hands that count: what a person's time on a page comes to, from what a test does on it.

Each key down 0.28 s, each click or tap 1.1 s, each page wait as measured, 5 s reading for a question shown for the first
time (2 s when it is filled in from last time), 1.2 s before each choice. Talking is not counted.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

KEY, CLICK, FIRST, AGAIN, CHOICE = 0.28, 1.1, 5.0, 2.0, 1.2


@dataclass
class Hands:
    page: Page
    keys: int = 0
    clicks: int = 0
    read_first: int = 0
    read_again: int = 0
    choices: int = 0
    waited: float = 0.0
    read: set[str] = field(default_factory=set)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.keys += len(text)

    def click(self, target: Locator) -> None:
        target.click()
        self.clicks += 1

    def tap(self, target: Locator) -> None:
        target.tap()
        self.clicks += 1

    def reads(self, question: str, *, filled: bool = False) -> None:
        """Reads a question, once."""
        if question not in self.read:
            self.read.add(question)
            self.read_again += filled
            self.read_first += not filled

    def thinks(self) -> None:
        self.choices += 1

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """A page is loaded inside; the time it takes counts."""
        start = time.monotonic()
        with self.page.expect_event("load"):  # not any navigation: a step within a page changes the address too
            yield
        self.waited += time.monotonic() - start

    @property
    def seconds(self) -> float:
        return (
            self.keys * KEY
            + self.clicks * CLICK
            + self.read_first * FIRST
            + self.read_again * AGAIN
            + self.choices * CHOICE
            + self.waited
        )

    def __str__(self) -> str:
        minutes, seconds = divmod(round(self.seconds), 60)
        return (
            f"{minutes}:{seconds:02d} min = {self.keys} keys, {self.clicks} clicks, {self.read_first} questions read first"
            f" and {self.read_again} again, {self.choices} choices, {self.waited:.1f} s waiting"
        )
