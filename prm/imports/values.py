"""One cell in, one value out: texts, ids, dates, numbers, addresses as people and programs write them.

Every function takes a cell as the reader gives it, returns None where the cell says "nothing", and raises BadValue with
a message for the user where it can't be what it must be. Each is idempotent: its own result comes back unchanged.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from prm.common.countries import country_code
from prm.common.currencies import MINOR_UNITS
from prm.common.names import fold
from prm.imports.formats import DateOrder, DecimalMark
from prm.imports.messages import BadValue, _, shown

Cell = str | int | float | bool | Decimal | datetime | date | time | timedelta | None

NOTHING = frozenset(
    {"", "null", "(null)", "<null>", "#n/a", "#n/v", "n/a", "-", "--", "–", "—", "(blank)", r"\n", "#null!"}
)
SHEET_ERRORS = frozenset({"#ref!", "#value!", "#name?", "#div/0!", "#num!", "#getting_data", "#spill!", "#calc!"})
LONGEST_FIGURE = 60  # characters; a longer cell is no date and no number, and patterns needn't search it
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
# U+0080 … U+009F are no text: some program read Windows-1252 (the five that has not: DOS) as Latin-1. Read right again.
MISREAD = {
    code: bytes([code]).decode("cp850" if code in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "cp1252")
    for code in range(0x80, 0xA0)
}
YES = frozenset(
    {
        "yes",
        "y",
        "true",
        "t",
        "1",
        "x",
        "on",
        "ja",
        "j",
        "oui",
        "o",
        "si",
        "sí",
        "sim",
        "da",
        "wahr",
        "vrai",
        "verdadero",
    }
)
NO = frozenset({"no", "n", "false", "f", "0", "off", "nein", "non", "nao", "não", "nej", "falsch", "faux", "falso"})
SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "US$": "USD",
    "A$": "AUD",
    "C$": "CAD",
    "R$": "BRL",
    "₹": "INR",
    "zł": "PLN",
    "CHF.": "CHF",
}


def plain(cell: Cell) -> str:
    """The cell as text, as its spreadsheet would show it; "" for nothing. Refuses a spreadsheet's own error marks."""
    if isinstance(cell, str):
        text = cell.translate(INVISIBLE).strip() if not cell.isascii() else cell.strip()
        low = text.lower() if len(text) < 14 else text
        if low in NOTHING:
            return ""
        if low in SHEET_ERRORS:
            raise BadValue(_("The spreadsheet shows the error %(value)s here."), value=text)
        return text
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return str(cell)


def text(cell: Cell, *, multiline: bool = False) -> str | None:
    """Text in Unicode's composed form, spaces collapsed; line breaks are kept only where `multiline`."""
    value = plain(cell)
    if not value.isascii():
        value = unicodedata.normalize("NFC", value.translate(MISREAD))
    if multiline:
        lines = value.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n").split("\n")
        value = "\n".join(" ".join(line.split()) for line in lines).strip()
    else:
        value = " ".join(value.split())
    if not value.replace("\n", "").replace("\t", "").isprintable():
        for character in value:
            if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t":
                raise BadValue(
                    _("The text holds the control character %(code)s. Retype it."), code=f"U+{ord(character):04X}"
                )
    return value if value.lower() not in NOTHING else None


SALESFORCE_ID = re.compile(r"(0[01][0-9A-Za-z]|a[0-9A-Za-z]{2}|[58]0[0-9A-Za-z])(?=[0-9]*[A-Za-z])[0-9A-Za-z]{12}")
SCIENTIFIC = re.compile(r"[+-]?\d([.,]\d+)?e\+?\d+", re.IGNORECASE)
WHOLE = re.compile(r"(-?\d+)[.,]0+")


def salesforce_18(short: str) -> str:
    """The 18-character form of a 15-character Salesforce id: three letters more say which of each five are capitals."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << i for i, character in enumerate(short[start : start + 5]) if "A" <= character <= "Z")
        suffix += "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits]
    return short + suffix


def key(cell: Cell) -> str | None:
    """An id of another system. `84.0` is "84"; a Salesforce id of 15 characters gets its 18.

    Ids a spreadsheet has already spoilt (1.23457E+11) are refused.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= 1e15:
        raise BadValue(
            _("The spreadsheet stored this id as a number and lost its last digits. Format the column as text.")
        )
    value = text(cell)
    if value is None:
        return None
    if SCIENTIFIC.fullmatch(value) and any(mark in value for mark in ".,+"):
        raise BadValue(
            _("“%(value)s” is an id shortened by a spreadsheet. Format the column as text and export again."),
            value=shown(value),
        )
    if whole := WHOLE.fullmatch(value):
        return whole.group(1)
    if len(value) == 15 and SALESFORCE_ID.fullmatch(value):
        return salesforce_18(value)
    return value


MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1)
    for name in names.split()
}  # fmt: skip
_TIME = r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}")
COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}")
DAY_NAMED = re.compile(rf"(\d{{1,2}})\.?[- ]([A-Za-z]{{3,9}})\.?,?[- ](\d{{4}}|\d{{2}}){_TIME}")
MONTH_NAMED = re.compile(rf"([A-Za-z]{{3,9}})\.? (\d{{1,2}}),? (\d{{4}}){_TIME}")
SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
EXCEL_EPOCH = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = (10_000, 109_574)  # 1927-05-18 … 2199-12-31: below stand years and small numbers, no dates


def day(cell: Cell, order: DateOrder = DateOrder.DMY) -> date | None:
    """A date. ISO, with month names, Excel's serial number, or digits in the column's `order`; times are dropped."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    value = plain(cell)
    if not value:
        return None
    try:
        found = _day(" ".join(value.split()), order) if len(value) <= LONGEST_FIGURE else None
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 2199:
        raise BadValue(_("“%(value)s” is not a date (expected: %(order)s)."), value=shown(value), order=order.example)
    return found


def _day(value: str, order: DateOrder) -> date | None:
    if match := YEAR_FIRST.fullmatch(value):
        return date(int(match[1]), int(match[3]), int(match[4]))
    if match := YEAR_LAST.fullmatch(value):
        first, second = int(match[1]), int(match[3])
        if order is DateOrder.MDY and match[2] != ".":
            first, second = second, first
        return date(year_of(match[4]), second, first)
    if match := COMPACT.fullmatch(value):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := DAY_NAMED.fullmatch(value):
        month = MONTHS.get(match[2].lower())
        return date(year_of(match[3]), month, int(match[1])) if month else None
    if match := MONTH_NAMED.fullmatch(value):
        month = MONTHS.get(match[1].lower())
        return date(int(match[3]), month, int(match[2])) if month else None
    serial = SERIAL.fullmatch(value)
    number = int(serial[1]) if serial else int(value) if value.isdecimal() and len(value) == 6 else 0
    return EXCEL_EPOCH + timedelta(days=number) if FIRST_SERIAL <= number <= LAST_SERIAL else None


def year_of(digits: str) -> int:
    """A year of four digits; of two it is one from 1970 to 2069."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


SPACES = re.compile(r"[\s'’˙]+")
CURRENCY_MARK = re.compile(
    r"^(?:[A-Z]{2,3}|[A-Z]{0,2}\$|kr\.?|Rs\.?|zł|Kč|Ft|\W?[€£¥₹₩₽₺₪฿])|(?:[A-Z]{3}|\$|kr\.?|zł|Kč|Ft|[€£¥₹₩₽₺₪฿])$"
)
GROUPED = {
    DecimalMark.POINT: re.compile(r"(?:\d{1,3}(?:,\d{2,3})*,\d{3}|\d+)?(?:\.\d*)?(?:[eE][+-]?\d{1,2})?"),
    DecimalMark.COMMA: re.compile(r"(?:\d{1,3}(?:\.\d{2,3})*\.\d{3}|\d+)?(?:,\d*)?(?:[eE][+-]?\d{1,2})?"),
}


def decimal(cell: Cell, mark: DecimalMark = DecimalMark.POINT) -> Decimal | None:
    """A number with the column's decimal `mark`; the other mark, spaces and apostrophes group thousands.

    Currency signs and codes are dropped, (1,200) and 1,200- are negative, 12.5 % is 0.125.
    """
    if isinstance(cell, Decimal):
        return _finite(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _finite(Decimal(repr(cell) if isinstance(cell, float) else cell))
    value = plain(cell)
    if not value:
        return None
    bare = SPACES.sub("", value).replace("−", "-").replace("–", "-")
    negative = False
    if bare.startswith("(") and bare.endswith(")"):
        negative, bare = True, bare[1:-1]
    percent = bare.endswith("%")
    bare = bare.removesuffix("%")
    for _pass in range(2):  # a sign may stand inside or outside of the currency's sign: -$5, $-5
        if bare.startswith(("-", "+")):
            negative, bare = negative ^ (bare[0] == "-"), bare[1:]
        elif bare.endswith("-"):
            negative, bare = not negative, bare[:-1]
        bare = CURRENCY_MARK.sub("", bare)
    digits = any(character in "0123456789" for character in bare)
    if len(bare) > LONGEST_FIGURE or not digits or not GROUPED[mark].fullmatch(bare):
        raise BadValue(
            _("“%(value)s” is not a number (expected: %(example)s)."), value=shown(value), example=mark.example
        )
    if mark is DecimalMark.COMMA:
        bare = bare.replace(".", "").replace(",", ".")
    try:
        number = Decimal(bare.replace(",", ""))
    except InvalidOperation as error:
        raise BadValue(_("“%(value)s” is not a number."), value=shown(value)) from error
    return (-number if negative else number) / (100 if percent else 1)


def percent(cell: Cell, mark: DecimalMark = DecimalMark.POINT) -> Decimal | None:
    """A share in percent: 25, 25 % and 0.25 are 25. What is at most 1 and has no sign of its own is a fraction."""
    number = decimal(cell, mark)
    if number is None:
        return None
    return number * 100 if abs(number) <= 1 or (isinstance(cell, str) and "%" in cell) else number


def _finite(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise BadValue(_("“%(value)s” is not a number."), value=number)
    return number


def integer(cell: Cell, mark: DecimalMark = DecimalMark.POINT) -> int | None:
    """A whole number; `40.0` is 40."""
    number = decimal(cell, mark)
    if number is None:
        return None
    if abs(number) >= 10**18:
        raise BadValue(_("%(value)s is too large."), value=shown(cell))
    if number != int(number):
        raise BadValue(_("%(value)s is not a whole number."), value=shown(cell))
    return int(number)


MAILBOX = re.compile(r"[^<]*<\s*([^<>\s]+)\s*>")
LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


def email(cell: Cell) -> str | None:
    """An e-mail address in lower case; "Ann Bell <ann@bell.com>" and mailto: are understood."""
    value = text(cell)
    if value is None:
        return None
    address = value
    if match := MAILBOX.fullmatch(address):
        address = match.group(1)
    address = address.removeprefix("mailto:").strip().lower()
    if address.count("@") > 1 and re.search(r"[;, ]", address):
        raise BadValue(_("“%(value)s” holds more than one e-mail address."), value=shown(value))
    local, at, host = address.rpartition("@")
    ascii_host = _ascii_host(host)
    if not at or not LOCAL_PART.fullmatch(local) or len(local) > 64 or ascii_host is None or len(address) > 254:
        raise BadValue(_("“%(value)s” is not an e-mail address."), value=shown(value))
    return f"{local}@{ascii_host}"


def domain(cell: Cell) -> str | None:
    """The domain of a web address or e-mail address: lower case, without www., in its ASCII form (xn--…)."""
    value = text(cell)
    if value is None:
        return None
    address = value.removeprefix("mailto:").lower()
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        host = ""
    while host.startswith("www."):
        host = host.removeprefix("www.")
    found = _ascii_host(host)
    if found is None:
        raise BadValue(_("“%(value)s” is not a web address or domain."), value=shown(value))
    return found


def _ascii_host(host: str) -> str | None:
    """A dotted host name as ASCII, None if it is none. Numbers alone (an IP address) are no domain."""
    if not host.isascii():
        try:
            host = ".".join(
                label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
                for label in unicodedata.normalize("NFKC", host).lower().split(".")
            )
        except UnicodeError:
            return None
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(labels) < 2 or len(host) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        return None
    return None if labels[-1].isdigit() else host


def country(cell: Cell) -> str | None:
    """A country's two-letter code, from code or English name."""
    value = text(cell)
    if value is None:
        return None
    code = country_code(value)
    if code is None:
        raise BadValue(_("“%(value)s” is not a country. Use its English name or its ISO code."), value=shown(value))
    return code


def currency(cell: Cell) -> str | None:
    """A currency's ISO code; signs that mean one currency only are understood."""
    value = text(cell)
    if value is None:
        return None
    code = SYMBOLS.get(value, value.upper())
    if code not in MINOR_UNITS:
        raise BadValue(_("“%(value)s” is not a currency. Use its ISO code, such as USD or EUR."), value=shown(value))
    return code


def boolean(cell: Cell) -> bool | None:
    """Yes or no, in the words of several languages, as 1/0, true/false or x."""
    if isinstance(cell, bool):
        return cell
    value = plain(cell).casefold()
    if not value:
        return None
    if value in YES or value == "1.0":
        return True
    if value in NO or value == "0.0":
        return False
    raise BadValue(_("“%(value)s” is neither yes nor no."), value=shown(value))


def option_name(name: str) -> str:
    """What an option's name is compared by: "Ware House" is "warehouse"."""
    return fold(name).replace(" ", "") or name


def choice(cell: Cell, options: Mapping[str, str], names: str) -> str | None:
    """The key of the option a cell names. `options`: keys by `option_name`; `names`: what the user may write, for the message."""
    value = text(cell)
    if value is None:
        return None
    found = options.get(option_name(value))
    if found is None:
        raise BadValue(_("“%(value)s” is not one of: %(names)s."), value=shown(value), names=names)
    return found
