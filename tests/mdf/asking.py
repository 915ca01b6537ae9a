"""Ways to requests and claims, as people make them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from accounts.permissions import Role
from marketing import actions as marketing
from marketing.models import MarketingPlan, Payer, Tactic
from mdf import actions
from mdf.models import Claim, Fund, Line, Proof, Request
from partners.models import Partner
from prm.common.vendor import today
from tests.world import World


def tactic(key: str = "quiz", **fields: Any) -> Tactic:
    values = {"name": key.title(), "kind": Tactic.Kind.WEBINAR, **fields}
    return Tactic.objects.get_or_create(key=key, defaults=values)[0]


def marketer(world: World, partner: Partner | None = None) -> User:
    team = world.users_b if partner == world.partner_b else world.users_a
    return team[Role.PARTNER_MARKETER]


def drafted(
    world: World,
    *asks: str,
    partner: Partner | None = None,
    by: User | None = None,
    days: tuple[dt.date, dt.date] | None = None,
    of: Tactic | None = None,
    cost: str = "100000",
    **fields: Any,
) -> MarketingPlan:
    """A plan with an activity for each amount asked ("0": none)."""
    partner = partner or world.partner_a
    by = by or marketer(world, partner)
    plan = marketing.start(partner=partner, by=by, currency=fields.pop("currency", "EUR"), **fields)
    for number, ask in enumerate(asks, 1):
        given: dict[str, Any] = {
            "title": f"Activity {number}",
            "mdf_asked": Decimal(ask),
            "budget": [{"what": "All of it", "amount": Decimal(cost), "payer": Payer.PARTNER}],
        }
        if days:
            given |= {"starts_on": days[0], "ends_on": days[1]}
        marketing.add_activity(plan=plan, by=by, tactic=of or tactic(), fields=given)
    return plan


def submitted(world: World, fund: Fund | None, *asks: str, by: User | None = None, **fields: Any) -> Request:
    partner = fields.get("partner") or world.partner_a
    plan = drafted(world, *asks, by=by, **fields)
    return actions.submit_plan(by=by or marketer(world, partner), plan=plan, fund=fund)


def cam(world: World, partner: Partner | None = None) -> User:
    return world.cam_b if partner == world.partner_b else world.users[Role.CAM]


def approved(world: World, fund: Fund, *asks: str, **fields: Any) -> Request:
    """Through all of its steps, as asked."""
    request = submitted(world, fund, *asks, **fields)
    return pass_all(world, request)


def pass_all(world: World, of: Request) -> Request:
    for user in (cam(world, of.partner), world.users[Role.MARKETING], world.users[Role.CHIEF]):
        if of.state == Request.State.APPROVED:
            break
        of = actions.approve(by=user, request=of)
    return of


def lines(request: Request) -> list[Line]:
    return list(Line.everything.filter(request=request).order_by("position"))


def fresh(row: Any) -> Any:
    return type(row).everything.get(pk=row.pk)


def a_pdf(mark: str = "") -> bytes:
    """The smallest PDF of a page there is."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Mark (" + mark.encode() + b") >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    )  # fmt: skip


def a_png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG")
    return out.getvalue()


def file(content: bytes | None = None, name: str = "invoice.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, a_pdf() if content is None else content)


def started(
    world: World,
    line: Line,
    *amounts: str,
    currency: str = "EUR",
    by: User | None = None,
    invoice: bool = True,
    **values: Any,
) -> Claim:
    """A draft with a receipt for each amount, and an invoice."""
    receipts: Sequence[dict[str, Any]] = [
        {
            "supplier": "Agency",
            "number": f"{line.pk}-{n}",
            "amount": Decimal(amount),
            "currency": currency,
            "dated": today(),
        }
        for n, amount in enumerate(amounts)
    ]
    by = by or marketer(world, line.request.partner)
    claim = actions.start_claim(by=by, line=line, receipts=receipts, values=values)
    if invoice:
        actions.add_proof(by=by, claim=claim, upload=file(), kind=Proof.Kind.INVOICE)
    return claim


def claimed(world: World, line: Line, *amounts: str, by: User | None = None, **values: Any) -> Claim:
    claim = started(world, line, *amounts, by=by, **values)
    return actions.submit_claim(by=by or marketer(world, line.request.partner), claim=claim)
