"""Where the partner stands in the program, in plain words: met, missing, the cheapest path; and how that was computed."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from partners.models import Partner
from prm.common.explain import Explanation, Term
from prm.common.templatetags.numbers import format_quantity
from scorecards.performance.telling import PERCENT
from scorecards.performance.telling import missing as without
from scorecards.performance_page.addresses import VENDOR, Side
from scorecards.tiers import overrides
from scorecards.tiers.showing import Line, Shown, TierLines
from scorecards.tiers.standing import internal_metrics, standing

STEPS = 6


@dataclass(frozen=True)
class Need:
    """A requirement of the next tier: what there is of what is asked for, what is missing ("" where it is met)."""

    name: str
    met: bool
    has: str
    missing: str
    url: str


@dataclass(frozen=True)
class Step:
    text: str
    effort: str


@dataclass(frozen=True)
class Level:
    """`told` explains the share of what is met. `reason`: why nothing can be said. `next` is "" at the top."""

    told: Explanation
    reason: str = ""
    assigned: str = ""
    qualified: str = ""
    next: str = ""
    met: int = 0
    required: int = 0
    needs: tuple[Need, ...] = ()
    missing: str = ""
    path: tuple[Step, ...] = ()
    path_note: str = ""
    override: str = ""
    url: str = ""

    @property
    def unmet(self) -> list[Need]:
        return [need for need in self.needs if not need.met]

    @property
    def fulfilled(self) -> list[Need]:
        return [need for need in self.needs if need.met]


def title() -> str:
    return _("Program level")


def level(user: User, partner: Partner, day: dt.date, side: Side = VENDOR, *, shared: bool = False) -> Level:
    """As the user may see it; `shared`: as the partner does. What looks at internal figures it sees without numbers."""
    found = standing(partner, day)
    if found is None:
        reason = _("The vendor has no program of tiers in force on this day.")
        return Level(without(title(), day, reason, PERCENT), reason)
    shown = Shown(found, user)
    if shared:
        shown.internal = internal_metrics()
    lines = shown.next.lines if shown.next else ()
    return Level(
        told=_told(shown, day),
        assigned=str(partner.tier) if partner.tier else _("none"),
        qualified=str(found.qualified) if found.qualified else _("none yet"),
        next=str(found.next) if found.next else "",
        met=found.met,
        required=found.required,
        needs=tuple(_need(partner, line, side) for line in lines),
        missing=shown.missing,
        path=tuple(
            Step(_("%(name)s: %(more)s") % {"name": step.what, "more": step.more}, _effort(step.effort))
            for step in shown.steps[:STEPS]
        ),
        path_note=_note(shown),
        override=_override(user, partner, day),
        url=_page(partner, side),
    )


def _page(partner: Partner, side: Side) -> str:
    if not side.links_on:
        return ""
    return reverse("tiers:portal") if side.shared else reverse("tiers:partner", args=[partner.pk])


def _need(partner: Partner, line: Line, side: Side) -> Need:
    url = ""
    if side.links_on and not line.hidden:
        of_line = [line.tier, line.key]
        url = reverse("tiers:portal_explain", args=of_line) if side.shared else ""
        url = url or reverse("tiers:explain", args=[partner.pk, *of_line])
    has = "" if line.hidden else _("%(have)s; asked for: %(need)s") % {"have": line.have, "need": line.need}
    return Need(line.name, line.met, has, line.missing, url)


def _effort(effort: Decimal | None) -> str:
    if effort is None:
        return _("effort unknown")
    return _("effort %(number)s") % {"number": format_quantity(effort)}


def _note(shown: Shown) -> str:
    if not shown.path.reaches:
        return _("Even all of this is not enough: look at the rules.")
    if shown.steps and not shown.has_unknown:
        return _("Effort in all: %(number)s") % {"number": format_quantity(shown.effort)}
    return ""


def _told(shown: Shown, day: dt.date) -> Explanation:
    looked_at: TierLines = shown.top
    met, required = Decimal(looked_at.met_count), Decimal(len(looked_at.lines))
    if not required:
        return without(title(), day, _("The tier asks for nothing."), PERCENT)
    tier = {"tier": looked_at.tier.name}
    return Explanation(
        title=title(),
        formula="{0} ÷ {1} × 100",
        terms=(
            Term(_("requirements of %(tier)s that are met") % tier, met),
            Term(_("requirements of %(tier)s") % tier, required),
        ),
        as_of=day,
        result=met / required * 100,
        unit=PERCENT,
        children=tuple(shown.explain(line.outcome) for line in looked_at.lines if not line.hidden),
    )


def _override(user: User, partner: Partner, day: dt.date) -> str:
    rows = overrides.of_partner(user, partner)
    held = next((row for row in rows if row.ended_at is None and row.starts_on <= day <= row.ends_on), None)
    if held is None:
        return ""
    values = {"tier": held.tier, "day": date_format(held.ends_on, "DATE_FORMAT"), "reason": held.reason}
    return _("Held at %(tier)s until %(day)s: %(reason)s") % values


def in_words(found: Level) -> str:
    """ "4 of 6 requirements of Platinum met"; "" without a program."""
    if found.reason:
        return ""
    if not found.next:
        return _("%(tier)s, the highest tier") % {"tier": found.qualified}
    text = ngettext(
        "%(met)s of %(n)s requirement of %(tier)s met", "%(met)s of %(n)s requirements of %(tier)s met", found.required
    )
    return text % {"met": found.met, "n": found.required, "tier": found.next}
