"""What a visitor can read: every page and file at every address, and the words in them."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pypdf

from accounts.models import User
from partners.models import Partner
from tests.guards.addresses import Address, addresses
from tests.guards.house import House, undone
from tests.guards.objects import all_arguments

READABLE = [address for address in addresses() if address.access[0] is not None]
LEAVES = {"account_logout"}


@dataclass(frozen=True)
class Seen:
    who: str
    url: str
    status: int
    kind: str
    body: bytes
    response: Any

    @property
    def is_page(self) -> bool:
        return self.kind.startswith("text/html") and b"<html" in self.body[:400]

    def text(self) -> str:
        """All that can be read in it."""
        return readable(self.kind, self.body)


def visit(house: House, who: str, user: User, partner: Partner, *, queries: bool = True) -> Iterator[Seen]:
    """Every GET that gives this person anything, with this partner's objects: as a page, as a fragment, and filtered by what
    is another partner's."""
    for address in READABLE:
        if address.name in LEAVES or not _opens(house, who, address):
            continue
        for kwargs in all_arguments(address, house.acme, partner):
            url = address.url(**kwargs)
            yield from get(house, who, user, url)
            if queries:
                yield from get(house, who, user, url, headers={"HX-Request": "true"})
                if not address.parameters:
                    yield from get(house, who, user, f"{url}?{urlencode(_of_others(house))}")


def _opens(house: House, who: str, address: Address) -> bool:
    return address.access[0] == "open" or who in house.allowed(address)


def _of_others(house: House) -> dict[str, object]:
    other = house.acme.partner_b
    return {"q": "Fabrikam", "for": "q", "partner": other.pk, "cam": house.acme.cam_b.pk, "region": other.region_id}


def get(house: House, who: str, user: User | None, url: str, **more: Any) -> Iterator[Seen]:
    with undone():
        response = house.client(user).get(url, **more)
    if response.status_code in (200, 422):
        yield Seen(who, url, response.status_code, response.headers.get("Content-Type", ""), response.body, response)


def readable(kind: str, body: bytes) -> str:
    if kind.startswith("application/pdf"):
        reader = pypdf.PdfReader(io.BytesIO(body))
        return "\n".join([*(page.extract_text() for page in reader.pages), str(reader.metadata)])
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            texts = [parts.read(name).decode("utf-8", "replace") for name in parts.namelist()]
        if "spreadsheet" in kind:
            book = openpyxl.load_workbook(io.BytesIO(body))
            texts += [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
        return "\n".join(texts)
    if kind.startswith("text/csv"):
        return "\n".join(cell for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))) for cell in row)
    return body.decode()
