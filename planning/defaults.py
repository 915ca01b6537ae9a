"""Benchmarks that a new vendor's business plans start from, of a maker of business software sold through partners. Amounts are
plain numbers of the vendor's reporting currency; all of it can be changed under Settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

Content = dict[str, Any]
Row = dict[str, Any]


def _subscription(share: str, price: str, margin: str, *, churn: str = "1.5", services: Row | None = None) -> Row:
    return {
        "key": "subs",
        "name": _("Subscriptions"),
        "deals": {"kind": "capacity", "share": share},
        "sale": {"kind": "recurring", "price": price, "churn": churn, "opening_base": "0"},
        "margin": margin,
        "rebate": "3",
        "services": services or {},
    }


def _projects(share: str, size: str, margin: str, *, services: Row | None = None) -> Row:
    return {
        "key": "projects",
        "name": _("Licences and projects"),
        "start": 2,
        "deals": {"kind": "capacity", "share": share},
        "sale": {"kind": "one_time", "deal_size": size},
        "margin": margin,
        "rebate": "2",
        "services": services or {},
    }


def _services(attach: str, price: str, *, margin: str = "40", lag: int = 1, managed: str = "0") -> Row:
    return {
        "attach": attach, "lag": lag, "price": price, "margin": margin, "managed_price": managed, "managed_margin": "35",
    }  # fmt: skip


def _seller(count: str, rate: str, ramp: int, cost: str) -> Row:
    return {"key": "seller", "name": _("Account manager"), "count": count, "rate": rate, "ramp": ramp, "cost": cost}


def _person(name: str, count: str, cost: str) -> Row:
    return {"key": "person", "name": name, "count": count, "cost": cost}


def _content(
    lines: list[Row], sellers: list[Row], people: list[Row], training: str, marketing: str, mdf: str
) -> Content:
    certified = _("Technical certification")
    return {
        "lines": lines,
        "sellers": sellers,
        "people": people,
        "training": [
            {"key": "sales", "name": _("Sales training"), "cost": "2000", "month": 1},
            {"key": "tech", "name": certified, "cost": training, "month": 2},
        ],
        "marketing": [{"key": "demand", "name": _("Demand generation"), "monthly": marketing, "mdf_share": mdf}],
        "other": [
            {"key": "launch", "name": _("Launch and demo equipment"), "cost": "5000", "month": 1},
            {"key": "tools", "name": _("Tools and subscriptions of our own"), "cost": "250"},
        ],
        "terms": 1,
    }


def general() -> Content:
    """What holds where nothing more specific is known."""
    return _content(
        [
            _subscription("60", "900", "22", services=_services("50", "4000", managed="180")),
            _projects("40", "18000", "20", services=_services("60", "8000")),
        ],
        [_seller("1", "3", 6, "85000")],
        [_person(_("Presales engineer"), "0.5", "90000")],
        "4000", "1500", "50",
    )  # fmt: skip


def _reseller() -> Content:
    return _content(
        [
            _subscription("60", "900", "20", services=_services("40", "4000", managed="120")),
            _projects("40", "20000", "18", services=_services("50", "7000")),
        ],
        [_seller("2", "3", 6, "85000")],
        [_person(_("Presales engineer"), "1", "90000")],
        "4000", "2000", "50",
    )  # fmt: skip


def _msp() -> Content:
    return _content(
        [_subscription("100", "700", "25", churn="1", services=_services("70", "3000", managed="450"))],
        [_seller("1", "3", 5, "80000")],
        [_person(_("Service engineer"), "1", "75000")],
        "5000", "1200", "50",
    )  # fmt: skip


def _integrator() -> Content:
    return _content(
        [
            _subscription("40", "1500", "15", services=_services("80", "25000", margin="40", lag=2)),
            _projects("60", "50000", "15", services=_services("90", "60000", margin="43", lag=2)),
        ],
        [_seller("1", "1.5", 9, "120000")],
        [_person(_("Consultant"), "2", "105000")],
        "9000", "2000", "40",
    )  # fmt: skip


def _isv() -> Content:
    return _content(
        [_subscription("100", "900", "30", churn="1", services=_services("30", "5000"))],
        [_seller("1", "3", 6, "95000")],
        [_person(_("Developer for the integration"), "0.5", "100000")],
        "3000", "1500", "30",
    )  # fmt: skip


def _distributor() -> Content:
    return _content(
        [
            _subscription("70", "650", "6", services=_services("10", "800", margin="30")),
            _projects("30", "14000", "5"),
        ],
        [_seller("3", "14", 4, "75000")],
        [_person(_("Channel enablement"), "1", "80000")],
        "6000", "6000", "75",
    )  # fmt: skip


def _referral() -> Content:
    return _content(
        [_subscription("100", "900", "12")],
        [_seller("0.25", "5", 3, "80000")],
        [],
        "0", "300", "50",
    )  # fmt: skip


def _agency() -> Content:
    return _content(
        [_subscription("100", "600", "20", services=_services("70", "5000", margin="45", managed="400"))],
        [_seller("0.5", "3.5", 4, "75000")],
        [_person(_("Campaign manager"), "0.5", "65000")],
        "2000", "800", "50",
    )  # fmt: skip


BY_TYPE: dict[str, Callable[[], Content]] = {
    "reseller": _reseller,
    "msp": _msp,
    "integrator": _integrator,
    "isv": _isv,
    "distributor": _distributor,
    "referral": _referral,
    "agency": _agency,
}


def benchmark(partner_type: str) -> Content | None:
    """The default of a partner type by its key; None for one of the vendor's own."""
    make = BY_TYPE.get(partner_type)
    return make() if make else None
