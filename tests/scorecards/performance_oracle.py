"""Roll-ups of performance from the rows themselves, written down once more in plain Python; and crowds to try them on."""

import calendar
import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from accounts.permissions import Role
from partners.models import LifeStage, Partner, PartnerType, Placement, Region, Tier
from pipeline.models import Deal, DealShare, DealStage, SalesResult, TargetMonth, TargetVersion
from prm.common.models import CurrencyRate

COLUMNS = {"region": "region_id", "cam": "cam_id", "tier": "tier_id", "type": "partner_type_id", "stage": "stage_id"}
RATE_FROM = {"EUR": dt.date(2000, 1, 1), "CHF": None}  # the day from which there is one
EUR = Decimal("1.08")


def shift(month, count):
    years, number = divmod(month.month - 1 + count, 12)
    return dt.date(month.year + years, number + 1, 1)


def last_of(month):
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def year_before(day):
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


# ── Crowds ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def make_crowd(acme, seed, day, *, size=14, lacking=True):
    """Partners that moved, in families, with results (credits, other currencies), targets in versions, and deals."""
    chance = random.Random(seed)
    CurrencyRate.objects.create(on="2000-01-01", currency="EUR", rate=EUR)
    choices = {
        "region_id": [*Region.objects.values_list("pk", flat=True), None],
        "cam_id": [acme.users[Role.CAM].pk, acme.cam_b.pk, None],
        "tier_id": [*Tier.objects.values_list("pk", flat=True)[:2], None],
        "stage_id": list(LifeStage.objects.values_list("pk", flat=True)[:3]),
    }
    types = list(PartnerType.objects.all()[:2])
    month, made = day.replace(day=1), [acme.partner_a, acme.partner_b]
    for number in range(size):
        last = {name: chance.choice(values) for name, values in choices.items()}
        parent = chance.choice(made) if chance.random() < 0.35 else None
        made.append(
            Partner.everything.create(
                name=f"Crowd {number}",
                partner_type=chance.choice(types),
                parent=parent,
                name_key=f"crowd {number}",
                **last,
            )
        )
        days = {month - dt.timedelta(days=chance.randrange(5, 900)) for _move in range(chance.randrange(4))}
        placed = [{name: chance.choice(values) for name, values in choices.items()} for _day in days]
        for start, where in zip(sorted(days), [*placed[:-1], last] if placed else [], strict=True):
            Placement.everything.create(partner=made[-1], starts_on=start, **where)
    for number, partner in enumerate(made):
        _sales(chance, partner, day, "CHF" if lacking and number in (3, 6) else "EUR")
        _targets(chance, partner, day)
        _deals(chance, partner, made, day, "CHF" if lacking and number == 5 else "USD")
    return made


def _sales(chance, partner, day, other):
    for _result in range(chance.randrange(30)):
        SalesResult.everything.create(
            partner=partner,
            on=day - dt.timedelta(days=chance.randrange(-20, 1000)),
            amount=Decimal(chance.randrange(-200_000, 900_000)) / 100,
            currency=other if chance.random() < 0.15 else "USD",
        )


def _targets(chance, partner, day):
    for source in ("import", "operations", "commitment"):
        for number in range(1, chance.choice([1, 1, 2, 3])):
            first = shift(day.replace(day=1), chance.randrange(-26, 4))
            version = TargetVersion.everything.create(partner=partner, source=source, number=number, first_month=first)
            for count in range(chance.randrange(1, 18)):
                if chance.random() < 0.85:
                    TargetMonth.everything.create(
                        version=version, month=shift(first, count), value=Decimal(chance.randrange(900_000)) / 100,
                        currency=chance.choice(["USD", "USD", "EUR"]),
                    )  # fmt: skip


def _deals(chance, partner, everybody, day, other):
    stages = list(DealStage.objects.all())
    for number in range(chance.randrange(6)):
        stage = chance.choice(stages)
        closed = None if stage.outcome == "open" else day - dt.timedelta(days=chance.randrange(700))
        deal = Deal.everything.create(
            partner=partner, name=f"Deal {number}", stage=stage, amount=Decimal(chance.randrange(900_000)) / 100,
            currency=other if chance.random() < 0.3 else "EUR", created_on=day, stage_since=day, closed_on=closed,
            expected_close=chance.choice([None, day, day + dt.timedelta(days=chance.randrange(-60, 500))]),
        )  # fmt: skip
        second = chance.choice(everybody)
        parts = [(partner, 100)] if second == partner or chance.random() < 0.6 else [(partner, 70), (second, 30)]
        for owner, percent in parts:
            DealShare.everything.create(deal=deal, partner=owner, percent=percent)


# ── The figures, once more ───────────────────────────────────────────────────────────────────────────────────────────


class Oracle:
    """Everything of these partners, read plainly. Amounts that can't be converted are None."""

    def __init__(self, day, start_month, *, then=True, family=True, won=False):
        self.day, self.start_month, self.then, self.family, self.won = day, start_month, then, family, won
        self.partners = {partner.pk: partner for partner in Partner.everything.all()}
        self.placements = defaultdict(list)
        for row in Placement.everything.filter(starts_on__lte=day).order_by("starts_on"):
            self.placements[row.partner_id].append(row)

    def rate(self, currency):
        return {"USD": Fraction(1), "EUR": Fraction(EUR)}.get(currency)

    def converted(self, amount, currency):
        rate = self.rate(currency)
        return None if rate is None else Fraction(amount) * rate

    def actuals(self):
        """(partner, day, amount or None)"""
        if self.won:
            for share in DealShare.everything.filter(deal__stage__outcome="won").select_related("deal"):
                amount = self.converted(share.deal.amount, share.deal.currency)
                yield (
                    share.partner_id,
                    share.deal.closed_on,
                    None if amount is None else amount * Fraction(share.percent) / 100,
                )
        else:
            for row in SalesResult.everything.all():
                yield row.partner_id, row.on, self.converted(row.amount, row.currency)

    def targets(self):
        """{(partner, month): amount or None}"""
        versions = defaultdict(list)
        for version in TargetVersion.everything.filter(metric="revenue").prefetch_related("months"):
            versions[version.partner_id].append(version)
        found = {}
        for partner, own in versions.items():
            for month in {row.month for version in own for row in version.months.all()}:
                found[partner, month] = self._in_force(own, month)
        return {key: value for key, value in found.items() if value != "none"}

    def _in_force(self, versions, month):
        for source in ("commitment", "operations", "import"):
            mine = sorted((v for v in versions if v.source == source), key=lambda v: -v.number)
            if source == "commitment":
                mine = [v for v in mine if v.first_month <= month][:1]
            for version in mine:
                for row in version.months.all():
                    if row.month == month:
                        return self.converted(row.value, row.currency)
        return "none"

    def where(self, partner, month, dimension):
        """The group a partner's month belongs to."""
        row, placements = self.partners[partner], self.placements[partner]
        if not self.then or dimension == "type" or not placements:
            return getattr(row, COLUMNS[dimension])
        found = [p for p in placements if p.starts_on <= last_of(month)] or placements[:1]
        return getattr(found[-1], COLUMNS[dimension])

    def root(self, partner):
        row = self.partners[partner]
        while self.family and row.parent_id:
            row = self.partners[row.parent_id]
        return row.pk

    def windows(self, first, last):
        """(slot, first, last) of the period [first, last] as of the day."""
        gone = min(self.day, last)
        found = [("full", first, last)]
        if first <= self.day:
            before = year_before(first), year_before(gone)
            found += [("actual", first, gone), ("plan", first, gone), ("before", *before), ("plan_before", *before)]
        return found

    def entries(self, first, last):
        """(slot, partner, month, amount or None) of everything in the period and in the same days a year before."""
        targets = self.targets()
        for slot, begin, end in self.windows(first, last):
            if slot in ("actual", "before"):
                for partner, on, amount in self.actuals():
                    if begin <= on <= end:
                        yield slot, partner, on.replace(day=1), amount
            else:
                for (partner, month), amount in targets.items():
                    days = (min(end, last_of(month)) - max(begin, month)).days + 1
                    if days > 0:
                        yield slot, partner, month, None if amount is None else amount * days / last_of(month).day

    def coverage(self):
        """(slot, partner, amount or None) as of the day, window: the rest of the fiscal year."""
        start = self.day.replace(day=1)
        while start.month != self.start_month:
            start = shift(start, -1)
        end = shift(start, 12) - dt.timedelta(days=1)
        for share in DealShare.everything.filter(deal__stage__outcome="open").select_related("deal"):
            if share.deal.expected_close and self.day <= share.deal.expected_close <= end:
                amount = self.converted(share.deal.amount, share.deal.currency)
                yield "pipeline", share.partner_id, None if amount is None else amount * Fraction(share.percent) / 100
        for (partner, month), amount in self.targets().items():
            if start <= month <= end:
                yield "ahead", partner, amount
        for partner, on, amount in self.actuals():
            if start <= on <= self.day:
                yield "done", partner, amount

    def sums(self, first, last, key, keep=lambda partner, month: True):
        """{group: {slot: amount or None}}: `key` and `keep` take a partner and a month."""
        found = defaultdict(lambda: defaultdict(Fraction))
        rows = list(self.entries(first, last))
        if first <= self.day <= last:
            rows += [(slot, partner, self.day.replace(day=1), amount) for slot, partner, amount in self.coverage()]
        for slot, partner, month, amount in rows:
            if keep(partner, month):
                own = found[key(partner, month)]
                own[slot] = None if amount is None or own[slot] is None else own[slot] + amount
        return found

    def members(self, first, last, key, keep=lambda partner, month: True):
        """{group: roots of those with a month there in the period, or in the same days a year before}"""
        months = set()
        for slot, begin, end in self.windows(first, last):
            month = begin if slot in ("full", "before") else None
            while month and month <= end:
                months.add(month)
                month = shift(month, 1)
        found = defaultdict(set)
        for partner in self.partners:
            for month in months:
                if keep(partner, month):
                    found[key(partner, month)].add(self.root(partner))
        return found
