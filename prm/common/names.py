"""Names of companies, made comparable: two spellings of one name become the same string."""

import re
import unicodedata
from functools import lru_cache

# Letters that are no base letter with an accent, so that decomposition leaves them as they are.
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "œ": "oe", "þ": "th", "ı": "i"})
_ACCENT = re.compile("[\u0300-\u036f]")
_PUNCTUATION = re.compile(r"[\W_]+")
_INITIAL = re.compile(r"\b(\w)\.")
_SLASHED = re.compile(r"\b([ak])/s\b", re.IGNORECASE)

_LEGAL_FORMS = frozenset(
    [
        "ab",
        "ad",
        "ag",
        "aktiebolag",
        "aktiengesellschaft",
        "aps",
        "as",
        "asa",
        "bhd",
        "bv",
        "bvba",
        "co",
        "company",
        "corp",
        "corporation",
        "cv",
        "da",
        "dac",
        "dd",
        "dmcc",
        "doo",
        "dooel",
        "ehf",
        "eireli",
        "eirl",
        "ek",
        "eood",
        "eurl",
        "ev",
        "fzco",
        "fze",
        "gbr",
        "gmbh",
        "ggmbh",
        "inc",
        "incorporated",
        "ivs",
        "jsc",
        "kabushiki",
        "kaisha",
        "kb",
        "kft",
        "kg",
        "kgaa",
        "kk",
        "ks",
        "lda",
        "limitada",
        "limited",
        "llc",
        "lllp",
        "llp",
        "lp",
        "ltd",
        "ltda",
        "mbh",
        "nv",
        "nyrt",
        "oao",
        "ohg",
        "ojsc",
        "ood",
        "ooo",
        "ou",
        "oy",
        "oyj",
        "pao",
        "pjsc",
        "plc",
        "pllc",
        "private",
        "proprietary",
        "pt",
        "pte",
        "pty",
        "pvt",
        "qsc",
        "sa",
        "sarl",
        "sas",
        "sasu",
        "sca",
        "scrl",
        "sdn",
        "se",
        "sia",
        "sl",
        "slp",
        "slu",
        "snc",
        "spa",
        "spol",
        "spzoo",
        "srl",
        "sro",
        "tbk",
        "uab",
        "ug",
        "ulc",
        "unlimited",
        "vof",
        "wll",
        "zao",
        "zoo",
        "zrt",
    ]
)
_LEGAL_PHRASES = (("sp", "z", "oo"), ("sp", "zoo"), ("spol", "s", "ro"), ("sa", "de", "cv"), ("sab", "de", "cv"),
    ("sapi", "de", "cv"), ("s", "de", "rl", "de", "cv"), ("s", "de", "rl"), ("sociedad", "anonima"), ("s", "a"), ("gesellschaft", "mbh"),
    ("ug", "haftungsbeschrankt"), ("limited", "liability", "company"))  # fmt: skip
_AT_FRONT = frozenset({"the", "pt", "ooo", "oao", "zao", "pao"})


def fold(text: str) -> str:
    """Letters and digits in lower case, accents off, everything else one space: "  Été-Sport's " → "ete sport s"."""
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", text)).casefold().translate(_LETTERS)
    plain = _ACCENT.sub("", unicodedata.normalize("NFKC", plain))
    return _PUNCTUATION.sub(" ", plain).strip()


@lru_cache(maxsize=1 << 18)  # an import of 200,000 rows compares each name several times
def normalised(name: str) -> str:
    """A company's name without accents, case, punctuation, "and", and legal form: "The Smith & Søn Co., Ltd." → "smith son".

    A name that is nothing but a legal form keeps it; one without any letter or digit becomes "".
    """
    joined = _INITIAL.sub(r"\1", _SLASHED.sub(r"\1s", name))  # G.m.b.H. → GmbH, A/S → As
    words = fold(joined).split()
    words = [word for word in words if word != "and"] or words
    core = list(words)
    while core:
        phrase = next((p for p in _LEGAL_PHRASES if tuple(core[-len(p) :]) == p), None)
        if phrase:
            del core[-len(phrase) :]
        elif core[-1] in _LEGAL_FORMS:
            core.pop()
        elif core[0] in _AT_FRONT:
            core.pop(0)
        else:
            break
    return " ".join(core or words)
