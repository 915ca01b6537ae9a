"""Sentences for what was done to win customers: marketing, leads, accounts. Pure: figures in, sentences out; each names its figure, and a
figure that isn't known gives none."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prm.common.money import Money
from prm.common.templatetags.numbers import format_money, format_number, format_percent


@dataclass(frozen=True)
class Marketing:
    """Of the activities that ended in a quarter. `share`: of the forecast, in percent. `mdf_used` in the quarter, `mdf_reserved` at its end."""

    approved: int
    verified: int
    unverified: int  # ended, and nobody has verified what came of them
    mgos: Decimal | None = None
    mgos_share: Decimal | None = None
    revenue: Money | None = None
    revenue_share: Decimal | None = None
    roi: Decimal | None = None
    roi_forecast: Decimal | None = None
    cost: Money | None = None
    cost_forecast: Money | None = None
    mdf_used: Money | None = None
    mdf_reserved: Money | None = None


def marketing(of: Marketing) -> list[str]:
    found = []
    if of.verified:
        said = ngettext(
            "%(verified)s of %(approved)s approved activity is verified.",
            "%(verified)s of %(approved)s approved activities are verified.",
            of.approved,
        )
        found.append(said % {"verified": format_number(of.verified), "approved": format_number(of.approved)})
    elif of.approved:
        said = ngettext(
            "%(n)s activity was approved and isn’t verified yet.",
            "%(n)s activities were approved, none is verified yet.",
            of.approved,
        )
        found.append(said % {"n": format_number(of.approved)})
    if of.mgos is not None and of.mgos_share is not None:
        said = _("They brought %(mgos)s MGOs, %(share)s of the forecast.")
        found.append(said % {"mgos": format_number(of.mgos), "share": format_percent(of.mgos_share)})
    if of.revenue is not None and of.revenue_share is not None:
        said = _("Their revenue is %(revenue)s, %(share)s of the forecast.")
        found.append(said % {"revenue": format_money(of.revenue), "share": format_percent(of.revenue_share)})
    if of.roi is not None and of.roi_forecast is not None:
        said = _("Revenue ROI is %(roi)s against a forecast of %(forecast)s.")
        found.append(said % {"roi": format_number(of.roi, 1), "forecast": format_number(of.roi_forecast, 1)})
    if of.cost is not None and of.cost_forecast is not None:
        said = _("They cost %(cost)s; %(planned)s was planned.")
        found.append(said % {"cost": format_money(of.cost), "planned": format_money(of.cost_forecast)})
    if of.mdf_used and of.mdf_used.amount:
        found.append(_("%(amount)s of MDF was used in the quarter.") % {"amount": format_money(of.mdf_used)})
    if of.mdf_reserved and of.mdf_reserved.amount:
        found.append(
            _("%(amount)s of MDF is approved and not claimed yet.") % {"amount": format_money(of.mdf_reserved)}
        )
    if of.unverified:
        said = ngettext(
            "%(n)s activity has ended without verified results.",
            "%(n)s activities have ended without verified results.",
            of.unverified,
        )
        found.append(said % {"n": format_number(of.unverified)})
    return found


# ── Leads ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Leads:
    """Of the leads that came in in a quarter. Shares in percent; `contact` in words."""

    partner: str
    given: int
    offers: int
    accepted: int
    contacted: int
    converted: int
    won: int
    acceptance: Decimal | None = None
    conversion: Decimal | None = None
    contact: str = ""


def leads(of: Leads) -> list[str]:
    found = []
    if of.offers and of.acceptance is not None:
        said = ngettext(
            "%(partner)s accepted %(accepted)s of %(offers)s lead offered (%(share)s).",
            "%(partner)s accepted %(accepted)s of %(offers)s leads offered (%(share)s).",
            of.offers,
        )
        found.append(
            said
            % {
                "partner": of.partner,
                "accepted": format_number(of.accepted),
                "offers": format_number(of.offers),
                "share": format_percent(of.acceptance),
            }
        )
    if of.given:
        said = ngettext(
            "%(partner)s holds %(given)s lead of the quarter (contacted: %(contacted)s).",
            "%(partner)s holds %(given)s leads of the quarter (contacted: %(contacted)s).",
            of.given,
        )
        found.append(
            said
            % {
                "partner": of.partner,
                "given": format_number(of.given),
                "contacted": format_number(of.contacted),
            }
        )
    if of.contacted and of.contact:
        found.append(_("The median time to first contact is %(time)s.") % {"time": of.contact})
    if of.converted and of.conversion is not None:
        said = ngettext(
            "%(converted)s became a deal or registration (%(share)s); won: %(won)s.",
            "%(converted)s became deals or registrations (%(share)s); won: %(won)s.",
            of.converted,
        )
        found.append(
            said
            % {
                "converted": format_number(of.converted),
                "share": format_percent(of.conversion),
                "won": format_number(of.won),
            }
        )
    elif of.given and not of.converted:
        said = ngettext(
            "%(given)s lead has not become a deal yet.", "Of %(given)s leads none has become a deal yet.", of.given
        )
        found.append(said % {"given": format_number(of.given)})
    return found


# ── Accounts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Accounts:
    """`late`, `undated`: of the targets. `best`: the chance with the most `points` that is no target yet, in words. None: not shared."""

    customers: int
    targets: int
    ruled_out: int = 0
    late: int | None = None
    undated: int | None = None
    best: str = ""
    points: int | None = None


def accounts(of: Accounts) -> list[str]:
    said = ngettext(
        "The account plan has %(customers)s customer", "The account plan has %(customers)s customers", of.customers
    ) % {"customers": format_number(of.customers)}
    more = ngettext("%(targets)s target", "%(targets)s targets", of.targets) % {"targets": format_number(of.targets)}
    found = [_("%(first)s and %(second)s.") % {"first": said, "second": more}]
    if of.late:
        found.append(late_targets(of.late))
    if of.undated:
        words = ngettext("%(n)s target has no date.", "%(n)s targets have no date.", of.undated)
        found.append(words % {"n": format_number(of.undated)})
    if of.best and of.points is not None:
        words = _("The best chance that is no target yet: %(what)s, %(points)s points.")
        found.append(words % {"what": of.best, "points": format_number(of.points)})
    return found


def late_targets(count: int) -> str:
    words = ngettext("%(n)s target is past its date.", "%(n)s targets are past their date.", count)
    return words % {"n": format_number(count)}
