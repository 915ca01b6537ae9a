"""Where the partner stands in the program, in plain words: met, missing, the cheapest path; and how that was computed."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from partners.models import Partner
from prm.common.explain import Explanation, Term
from prm.common.templatetags.numbers import format_number
from scorecards.models import TierOverride
from scorecards.performance.telling import missing as without
from scorecards.tiers import explained, words
from scorecards.tiers.path import Step as PathStep
from scorecards.tiers.qualifying import Outcome
from scorecards.tiers.standing import Standing, internal_metrics, looks_at, standing, units
from scorecards.tiers.words import Units

STEPS = 6


@dataclass(frozen=True)
class Need:
    """A requirement of the next tier: what there is of what is asked for, and what is missing ("" where it is met)."""

    name: str
    met: bool
    has: str
    missing: str


@dataclass(frozen=True)
class Step:
    text: str
    effort: str


@dataclass(frozen=True)
class Level:
    """`reason` says why nothing can be said; else `told` explains the share of what is met. `next` is "" at the top."""

    told: Explanation
    reason: str = ""
    assigned: str = ""
    qualified: str = ""
    next: str = ""
    met: int = 0
    required: int = 0
    needs: tuple[Need, ...] = ()
    path: tuple[Step, ...] = ()
    path_note: str = ""
    override: str = ""

    @property
    def missing(self) -> list[str]:
        """What is missing, in a few words each."""
        return [need.missing for need in self.needs if not need.met]


def title() -> str:
    return _("Program level")


def level(user: User, partner: Partner, day: dt.date, *, shared: bool = False) -> Level:
    """As the user's side may see it, or `shared` as the partner's: what looks at internal figures is said without numbers."""
    found = standing(partner, day)
    if found is None:
        reason = _("The vendor has no program of tiers in force on this day.")
        return Level(without(title(), day, reason, "%"), reason=reason)
    measured = units()
    hidden = internal_metrics() if shared or user.is_partner_side else frozenset()
    secret = {id(each) for each in _outcomes(found) if looks_at(each.requirement, hidden)}
    return Level(
        told=_told(found, day, measured, secret),
        assigned=str(partner.tier) if partner.tier else _("none"),
        qualified=str(found.qualified) if found.qualified else _("none yet"),
        next=str(found.next) if found.next else "",
        met=found.met,
        required=found.required,
        needs=tuple(_need(each, measured, id(each) in secret) for each in _outcomes(found)),
        path=tuple(_step(each, measured, several=len(_outcomes(found)) > 1) for each in _steps(found, secret)),
        path_note=_note(found),
        override=_override(user, partner, day),
    )


def _outcomes(found: Standing) -> tuple[Outcome, ...]:
    return found.next_outcome.outcomes if found.next_outcome else ()


def _need(outcome: Outcome, measured: Units, secret: bool) -> Need:
    if secret:
        return Need(outcome.requirement.name, outcome.met, "", "" if outcome.met else _("ask your vendor"))
    both = {"have": words.have(outcome, measured), "need": words.need(outcome, measured)}
    has = _("%(have)s, asked for: %(need)s") % both
    return Need(outcome.requirement.name, outcome.met, has, words.missing(outcome, measured))


def _steps(found: Standing, secret: set[int]) -> list[PathStep]:
    return [each for each in found.path.steps if id(each.outcome) not in secret][:STEPS]


def _step(each: PathStep, measured: Units, *, several: bool) -> Step:
    text = words.step(each, measured)
    name = each.metric.name if each.metric else each.requirement.name
    effort = _("effort unknown")
    if each.effort is not None:
        effort = _("effort %(number)s") % {"number": _short(each.effort)}
    return Step(_("%(name)s: %(step)s") % {"name": name, "step": text} if several or each.metric else text, effort)


def _note(found: Standing) -> str:
    path = found.path
    if not path.reaches:
        return _("Even all of this is not enough: some of it can't be planned.")
    if path.steps and not path.has_unknown:
        return _("Effort in all: %(number)s") % {"number": _short(path.effort)}
    return ""


def _short(value: Decimal) -> str:
    return format_number(value, 0 if value == value.to_integral_value() else 1)


def _told(found: Standing, day: dt.date, measured: Units, secret: set[int]) -> Explanation:
    if not found.required:
        return without(title(), day, _("The tier asks for nothing."), "%")
    tier = str(found.next or found.qualified)
    terms = (
        Term(_("requirements of %(tier)s that are met") % {"tier": tier}, Decimal(found.met)),
        Term(_("requirements of %(tier)s") % {"tier": tier}, Decimal(found.required)),
    )
    return Explanation(
        title=title(),
        formula="{0} ÷ {1} × 100",
        terms=terms,
        as_of=day,
        result=Decimal(found.met * 100) / found.required,
        unit="%",
        children=tuple(explained.explain(each, day, measured) for each in _outcomes(found) if id(each) not in secret),
    )


def _override(user: User, partner: Partner, day: dt.date) -> str:
    rows = TierOverride.objects.visible_to(user).filter(partner=partner, ended_at=None)
    held = rows.filter(starts_on__lte=day, ends_on__gte=day).select_related("tier").first()
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
