"""What a visitor can read: every page and file at every address, and the words in them."""

import csv
import fcntl
import io
import pickle
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pypdf

from accountplans.models import AccountTarget
from accounts.models import User
from leads.models import LeadTrial
from marketing.models import Activity
from mdf.models import Fund, Proof
from partners.models import Partner
from planning.models import PlanBenchmark
from prm.api.site import api
from prm.common.models import Job, Policy
from prm.common.vendor import fiscal_calendar, today
from prm.imports.models import ImportRun
from prm.webhooks.models import Delivery, Endpoint
from qbr.models import Batch, Version
from tests.guards.addresses import Address, addresses
from tests.guards.house import House, undone
from tests.guards.objects import all_arguments
from tests.world import World

READABLE = addresses()
LEAVES = {"account_logout"}


@dataclass(frozen=True)
class Seen:
    who: str
    url: str
    status: int
    kind: str
    body: bytes

    @property
    def is_page(self) -> bool:
        return self.kind.startswith("text/html") and b"<html" in self.body[:400]

    def text(self) -> str:
        """All that can be read in it."""
        return readable(self.kind, self.body)


def visit(house: House, who: str, user: User, partner: Partner) -> Iterator[Seen]:
    """Every GET that gives this person anything, with this partner's objects: as a page, whose fragments are parts of it, as another
    guard holds."""
    for url in urls(house, who, partner):
        yield from get(house, who, user, url)


def seen(house: House, who: str) -> list[Seen]:
    """What `visit` gives this person of the house as it was built, with partner A's objects: visited once for all guards of a run."""
    assert house.folder is not None
    kept = house.folder / f"{who}.crawl"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(list(visit(house, who, house.people[who], house.acme.partner_a))))
    found: list[Seen] = pickle.loads(kept.read_bytes())
    return found


def filtered(house: House, who: str) -> Iterator[Seen]:
    """What the lists say to this person when they are filtered by what is another partner's."""
    for url in urls(house, who, house.acme.partner_a):
        if not any(part.isdigit() for part in url.split("/")):
            yield from get(house, who, house.people[who], f"{url}?{urlencode(_of_others(house))}")


def urls(house: House, who: str, partner: Partner) -> list[str]:
    """Every address of pages, files and the API that this person may ask for, with this partner's objects."""
    world, user = house.acme, house.people[who]
    found = [
        address.url(**kwargs)
        for address in READABLE
        if address.name not in LEAVES and _opens(house, who, address)
        for kwargs in all_arguments(address, world, partner)
    ]
    for path, methods in api.get_openapi_schema()["paths"].items():
        if "get" in methods:
            names = re.findall(r"{(\w+)}", path)
            values = [_stands_for(path, name)(world, partner, user) for name in names]
            found += [path.format(**dict(zip(names, chosen, strict=True))) for chosen in product(*values)]
    return found


def _stands_for(path: str, name: str) -> Callable[[World, Partner, User], list[Any]]:
    """What a parameter stands for at an address of the API."""
    return IN_MARKETING[name] if name in IN_MARKETING and MARKETING.search(path) else IN_THE_API[name]


# What the parameters of the API's addresses stand for; and those that are called as others are elsewhere.
MARKETING = re.compile(r"/(marketing|mdf)/")
IN_MARKETING: dict[str, Callable[[World, Partner, User], list[Any]]] = {
    "plan_id": lambda world, partner, user: _keys(partner.marketing_plans)[:3],
    "key": lambda world, partner, user: ["revenue"],
}
IN_THE_API: dict[str, Callable[[World, Partner, User], list[Any]]] = {
    "partner_id": lambda world, partner, user: [partner.pk],
    "contact_id": lambda world, partner, user: _keys(partner.contacts),
    "touch_id": lambda world, partner, user: _keys(partner.touches),
    "action_id": lambda world, partner, user: _keys(partner.actions)[:3],
    "result_id": lambda world, partner, user: _keys(partner.results)[:2],
    "customer_id": lambda world, partner, user: _keys(partner.customers),
    "value_id": lambda world, partner, user: _keys(partner.metric_values)[:2],
    "assessment_id": lambda world, partner, user: _keys(partner.assessments),
    "deal_id": lambda world, partner, user: _keys(partner.deals),
    "certification_id": lambda world, partner, user: _keys(partner.certifications),
    "objective_id": lambda world, partner, user: _keys(partner.objectives)[:3],
    "plan_id": lambda world, partner, user: _keys(partner.business_plans),
    "target_id": lambda world, partner, user: _keys(AccountTarget.everything.filter(customer__partner=partner)),
    "lead_id": lambda world, partner, user: _keys(partner.leads)[:3],
    "offer_id": lambda world, partner, user: _keys(partner.lead_offers)[-2:],
    "trial_id": lambda world, partner, user: _keys(LeadTrial.objects)[:1],
    "benchmark_id": lambda world, partner, user: _keys(PlanBenchmark.objects)[:1],
    "due_item_id": lambda world, partner, user: _keys(partner.due_items)[:3],
    "handover_id": lambda world, partner, user: _keys(partner.handovers),
    "version_id": lambda world, partner, user: [0],
    "job_id": lambda world, partner, user: _keys(user.jobs) or _keys(Job.objects)[:1],
    "import_id": lambda world, partner, user: _keys(ImportRun.objects),
    "key": lambda world, partner, user: ["capability"],
    "rules_id": lambda world, partner, user: _keys(Policy.objects.filter(kind="tiers"))[:2],
    "number": lambda world, partner, user: [2],
    "question_key": lambda world, partner, user: ["secret0"],
    "registration_id": lambda world, partner, user: _keys(partner.registrations)[:4],
    "webhook_id": lambda world, partner, user: _keys(Endpoint.objects),
    "activity_id": lambda world, partner, user: _keys(Activity.everything.filter(plan__partner=partner))[:3],
    "period": lambda world, partner, user: [fiscal_calendar().year_of(today()).key],
    "fund_id": lambda world, partner, user: _keys(Fund.objects.filter(accounts__partner=partner))[:1],
    "account_id": lambda world, partner, user: _keys(partner.mdf_accounts)[:1],
    "entry_id": lambda world, partner, user: _keys(partner.mdf_entries)[:9],
    "request_id": lambda world, partner, user: _keys(partner.mdf_requests)[:3],
    "claim_id": lambda world, partner, user: _keys(partner.mdf_claims)[:3],
    "proof_id": lambda world, partner, user: _keys(Proof.everything.filter(claim__partner=partner))[:1],
    "qbr_id": lambda world, partner, user: _keys(partner.qbrs)[:2],
    "qbr_version_id": lambda world, partner, user: _keys(
        Version.everything.filter(qbr__partner=partner, kind="partner")
    )[:1],
    "ending": lambda world, partner, user: ["pptx", "pdf"],
    "batch_id": lambda world, partner, user: _keys(Batch.objects.filter(items__partner=partner))[:1],
    "delivery_id": lambda world, partner, user: _keys(Delivery.objects)[:3],
}


def _keys(rows: Any) -> list[Any]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _opens(house: House, who: str, address: Address) -> bool:
    return address.access[0] == "open" or who in house.allowed(address)


def _of_others(house: House) -> dict[str, object]:
    other = house.acme.partner_b
    return {"q": "Fabrikam", "for": "q", "partner": other.pk, "cam": house.acme.cam_b.pk, "region": other.region_id}


def get(house: House, who: str, user: User | None, url: str, **more: Any) -> Iterator[Seen]:
    with undone():
        response = house.client(user).get(url, **more)
    if response.status_code in (200, 422):
        yield Seen(who, url, response.status_code, response.headers.get("Content-Type", ""), response.body)


def readable(kind: str, body: bytes) -> str:
    if kind.startswith("application/pdf"):
        reader = pypdf.PdfReader(io.BytesIO(body))
        return "\n".join([*(page.extract_text() for page in reader.pages), str(reader.metadata)])
    if body[:2] == b"PK":
        texts = list(inside(body))
        if "spreadsheet" in kind:
            book = openpyxl.load_workbook(io.BytesIO(body))
            texts += [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
        return "\n".join(texts)
    if kind.startswith("text/csv"):
        return "\n".join(cell for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))) for cell in row)
    return body.decode()


def inside(package: bytes) -> Iterator[str]:
    """What stands in the parts of a package; of packages within it (a chart's workbook in a deck, a deck in a ZIP) in theirs."""
    with zipfile.ZipFile(io.BytesIO(package)) as parts:
        for name in parts.namelist():
            content = parts.read(name)
            yield name
            if content[:2] == b"PK":
                yield from inside(content)
            else:
                yield content.decode("utf-8", "replace")
