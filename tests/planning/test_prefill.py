"""What a new plan begins with: the plan before it, medians of partners like it, benchmarks, each over the less specific one."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.permissions import Role
from partners.models import Partner, PartnerType
from pipeline.models import ProductLine
from planning import actions, document, medians, prefill, reading
from planning.actions import Changed, NotAllowed
from planning.document import Invalid
from planning.forecast.result import forecast
from planning.models import BusinessPlan, PlanBenchmark
from prm.common.models import AuditEntry, CurrencyRate
from prm.common.vendor import rates, today
from tests.planning.conftest import LINE, SELLER, row


@pytest.fixture
def admin(acme):
    return acme.users[Role.ADMIN]


@pytest.fixture
def reseller(acme):
    return PartnerType.objects.get(key="reseller")


@pytest.fixture
def bench(acme, admin):
    """bench(type, size, lines, currency) → a benchmark; all others are taken away first."""
    PlanBenchmark.objects.all().delete()

    def make(of=None, size="", *lines, currency="USD", **parts):
        content = {"lines": list(lines), **parts}
        return actions.set_benchmark(by=admin, partner_type=of, size=size, currency=currency, content=content)

    return make


def named(name, key="k", **more):
    return row(key=key, name=name, **more)


def begun(type_id, size=""):
    plan, source = prefill.proposed(type_id, size, rates(), today())
    return plan.assumptions, source


def names(assumptions):
    return [line.name for line in assumptions.lines]


# ── Sizes and benchmarks ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("employees", "size"),
    [(None, ""), (0, "small"), (49, "small"), (50, "medium"), (249, "medium"), (250, "large"), (90_000, "large")],
)
def test_the_size_of_a_partner_by_its_employees(employees, size):
    assert prefill.size_of(employees) == size


def test_a_new_vendor_has_a_benchmark_for_every_type_that_pays_off_within_the_three_years(acme):
    """In base, where it pays at all, which it shall: who opens the first plan sees a result worth talking about."""
    rows = PlanBenchmark.objects.all()
    assert {row.partner_type.key if row.partner_type else None for row in rows} == {
        None, *PartnerType.objects.values_list("key", flat=True),
    }  # fmt: skip
    for each in rows:
        plan = document.read(each.content, 2)
        assert forecast(plan.assumptions, plan.scenarios["base"]).break_even.month, each
    before = rows.count()
    actions.make_missing_benchmarks()
    assert rows.count() == before


def test_a_vendor_from_before_there_were_plans_gets_them_with_its_first_plan(acme, cam):
    PlanBenchmark.objects.all().delete()
    plan = actions.start(partner=acme.partner_a, by=cam)
    assert reading.read(plan).assumptions.lines
    assert PlanBenchmark.objects.filter(partner_type=None, size="").exists()


def test_the_most_specific_benchmark_goes_first_and_others_add_their_lines(acme, reseller, bench):
    bench(None, "", named("Basics"), named("Storage", key="l", margin="5"), sellers=[SELLER])
    bench(None, "small", named("Small things"))
    bench(reseller, "", named("storage", margin="11"), sellers=[row(SELLER, count="2")])
    bench(reseller, "small", named("Servers", margin="33"), sellers=[row(SELLER, count="3")])
    own, source = begun(reseller.pk, "small")
    assert source == "benchmark"
    assert names(own) == ["Servers", "storage", "Small things", "Basics"]
    assert [line.margin for line in own.lines] == [Decimal(33), Decimal(11), Decimal(20), Decimal(20)]
    assert [seller.count for seller in own.sellers] == [Decimal(3)]
    assert len({line.key for line in own.lines}) == 4
    assert names(begun(reseller.pk, "large")[0]) == ["storage", "Basics"]
    msp = PartnerType.objects.get(key="msp")
    assert names(begun(msp.pk, "small")[0]) == ["Small things", "Basics", "Storage"]
    assert names(begun(msp.pk)[0]) == ["Basics", "Storage"]


def test_shares_of_the_capacity_of_several_benchmarks_stay_within_the_whole(acme, reseller, bench):
    bench(None, "", named("Basics", deals={"kind": "capacity", "share": "60"}))
    bench(reseller, "", named("Servers", deals={"kind": "capacity", "share": "70"}))
    own, _source = begun(reseller.pk)
    assert [line.deals.share for line in own.lines] == [Decimal(70), Decimal(30)]


def test_amounts_are_converted_and_what_has_no_rate_is_left_out(acme, reseller, bench):
    CurrencyRate.objects.create(on="2020-01-01", currency="EUR", rate="1.105")
    bench(reseller, "", named("Servers", sale={"kind": "one_time", "deal_size": "999.99"}), currency="EUR")
    bench(None, "", named("Basics"), currency="CHF")
    own, _source = begun(reseller.pk)
    assert names(own) == ["Servers"]
    assert own.lines[0].sale.deal_size == Decimal("1104.99")  # 999.99 × 1.105 = 1,104.98895
    assert (own.lines[0].margin, own.lines[0].deals.first) == (Decimal(20), Decimal("2.125"))


def test_a_product_line_that_is_gone_leaves_its_name(acme, reseller, bench):
    product = ProductLine.objects.create(key="servers", name="Servers")
    bench(reseller, "", named("Servers", product=product.pk))
    assert begun(reseller.pk)[0].lines[0].product == product.pk
    product.delete()
    own, _source = begun(reseller.pk)
    assert (own.lines[0].product, own.lines[0].name) == (None, "Servers")


def test_without_anything_to_start_from_a_plan_is_empty(acme, reseller, bench):
    own, source = begun(reseller.pk)
    assert (own.lines, source) == ((), "nothing")


# ── Benchmarks set ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_benchmark_is_set_changed_and_removed_by_who_may(acme, admin, reseller, bench):
    made = bench(reseller, "small", LINE)
    assert bench(reseller, "small", LINE) == made
    with pytest.raises(Changed):
        actions.set_benchmark(
            by=admin, partner_type=reseller, size="small", currency="USD", content={"lines": []}, base="old"
        )
    base = reading.digest(made.content)
    changed = actions.set_benchmark(
        by=admin, partner_type=reseller, size="small", currency="USD", content={"lines": []}, base=base
    )
    assert (changed.pk, changed.content["lines"]) == (made.pk, [])
    for role in (Role.CAM, Role.CHIEF, Role.MARKETING):
        with pytest.raises(NotAllowed):
            actions.remove_benchmark(by=acme.users[role], benchmark=made)
    actions.remove_benchmark(by=admin, benchmark=made)
    assert not PlanBenchmark.objects.exists()
    verbs = AuditEntry.objects.filter(verb__startswith="plan_benchmark", actor=admin).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "plan_benchmark.set", "plan_benchmark.set", "plan_benchmark.removed",
    ]  # fmt: skip


def test_the_benchmark_for_all_stays(acme, admin, bench):
    with pytest.raises(ValidationError, match="stays"):
        actions.remove_benchmark(by=admin, benchmark=bench(None, "", LINE))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"content": {"lines": [row(margin="300")]}}, "lines.0.margin"),
        ({"content": {"texts": {}}}, "texts"),
        ({"currency": "XXX"}, "currency"),
        ({"size": "huge"}, "size"),
    ],
)
def test_what_is_wrong_with_a_benchmark_is_told_by_place(acme, admin, reseller, changes, place):
    wanted = {"partner_type": reseller, "size": "", "currency": "USD", "content": {}}
    with pytest.raises(Invalid) as wrong:
        actions.set_benchmark(by=admin, **{**wanted, **changes})
    assert set(wrong.value.errors) == {place}


# ── The tenant's own ─────────────────────────────────────────────────────────────────────────────────────────────────


def committed(acme, count, lines_of, *, currency="USD", employees=10, key="reseller"):
    """So many partners with a plan in force; `lines_of(n)` gives the n-th one's parts."""
    kind = PartnerType.objects.get(key=key)
    for n in range(count):
        partner = Partner.objects.create(
            name=f"Like {key} {employees} {n}", partner_type=kind, stage=acme.partner_a.stage, employees=employees
        )
        content = document.write(document.read(lines_of(n), reading.places(currency)))
        BusinessPlan.everything.create(
            partner=partner, number=1, first_month="2026-01-01", currency=currency, content=content, status="committed",
            shared=True, content_hash="0" * 64, committed_at="2026-01-01T00:00Z", committed_on="2026-01-01",
        )  # fmt: skip


def usual(n):
    """Margins 10, 20 … and sellers 1, 2 …: the median of five is the third."""
    return {"lines": [row(margin=str(10 * (n + 1)))], "sellers": [row(SELLER, count=str(n + 1))]}


def test_five_partners_like_it_are_worth_more_than_a_benchmark(acme, reseller, bench):
    bench(reseller, "small", named("Basics"), people=[{"key": "p", "name": "Engineer", "count": "1", "cost": "5"}])
    committed(acme, 4, usual)
    assert begun(reseller.pk, "small") == (begun(reseller.pk, "small")[0], "benchmark")
    committed(acme, 1, lambda n: usual(4), employees=11)
    own, source = begun(reseller.pk, "small")
    assert source == "own"
    assert [(line.name, line.margin) for line in own.lines] == [("Servers", Decimal(30)), ("Basics", Decimal(20))]
    assert [seller.count for seller in own.sellers] == [Decimal(3)]
    assert [person.name for person in own.people] == ["Engineer"]


def test_medians_are_of_the_same_type_and_size_and_of_plans_in_force(acme, reseller, bench):
    committed(acme, 5, usual, employees=300)
    committed(acme, 5, usual, key="msp")
    assert begun(reseller.pk, "small")[1] == "nothing"
    assert begun(reseller.pk, "large")[1] == "own"
    BusinessPlan.everything.update(status="superseded", superseded_at="2026-02-01T00:00Z")
    assert begun(reseller.pk, "large")[1] == "nothing"


def test_the_partners_own_plan_is_not_among_them(acme, reseller, bench):
    committed(acme, 5, usual)
    one = BusinessPlan.everything.first().partner
    plan, source = prefill.proposed(reseller.pk, "small", rates(), today(), without=one.pk)
    assert (plan.assumptions.lines, source) == ((), "nothing")


def test_a_row_that_few_partners_have_shows_to_nobody_else(acme, reseller, bench):
    """Four partners' own name for something never stands in a fifth's plan."""
    committed(acme, 6, lambda n: {"lines": [LINE, *([row(key="b", name="Secret deal of ours")] if n < 4 else [])]})
    assert names(begun(reseller.pk, "small")[0]) == ["Servers"]


def test_medians_are_taken_in_one_currency(acme, reseller, bench):
    CurrencyRate.objects.create(on="2020-01-01", currency="EUR", rate="2")
    committed(acme, 3, lambda n: {"lines": [LINE]}, currency="EUR")
    committed(acme, 2, lambda n: {"lines": [LINE]}, employees=11)
    assert begun(reseller.pk, "small")[0].lines[0].sale.deal_size == Decimal(2000)
    CurrencyRate.objects.all().delete()
    assert begun(reseller.pk, "small")[1] == "nothing"  # two are left that can be compared


def test_the_more_usual_way_to_sell_counts_with_its_own_numbers(acme):
    ramp = {"kind": "ramp", "first": "1", "growth": "0", "cap": None}
    shares = ("10", "15", "20", "85", "90")
    plans = [{"deals": ramp}] * 2 + [{"deals": {"kind": "capacity", "share": share}} for share in shares]
    found = medians.of_plans(as_documents("lines", [row(**plan) for plan in plans]), 2)
    assert found["lines"][0]["deals"] == {"kind": "capacity", "share": "20"}


def as_documents(group, rows):
    """A document of each row."""
    return [document.write(document.read({group: [each]}, 2)) for each in rows]


def test_five_are_behind_each_number_or_it_is_not_shown(acme):
    """Of five that have a line, three sell it one way and three have a cap: neither is a median of five."""
    ways = [{"kind": "ramp", "first": "1", "growth": "0", "cap": None}] * 2
    ways += [{"kind": "capacity", "share": share} for share in ("10", "20", "90")]
    assert "lines" not in medians.of_plans(as_documents("lines", [row(deals=way) for way in ways]), 2)
    caps = [{"kind": "ramp", "first": "1", "growth": "0", "cap": cap} for cap in ("7", "8", "9", None, None)]
    found = medians.of_plans(as_documents("lines", [row(deals=way) for way in caps]), 2)
    assert found["lines"][0]["deals"] == {"kind": "ramp", "first": "1", "growth": "0", "cap": None}


def test_what_few_pay_once_is_no_ones_monthly_cost(acme):
    def cost(amount, month):
        return {"key": "o", "name": "Launch", "cost": amount, "month": month}

    once = [cost("7000", 3), cost("8000", 4), cost("9000", 5)]
    assert "other" not in medians.of_plans(as_documents("other", [*once, cost("1", None), cost("2", None)]), 2)
    once += [cost("8000", 4), cost("8100", 4)]
    found = medians.of_plans(as_documents("other", [*once, cost("1", None)]), 2)
    assert [(each["cost"], each["month"]) for each in found["other"]] == [("8000", 4)]


def test_a_name_somebody_typed_shows_only_where_five_share_it(acme, reseller, bench):
    product = ProductLine.objects.create(key="servers", name="Server line")
    typed = ("Servers for Contoso", "Servers for Contoso", "Racks", "Boxes", "Iron")
    rows = [row(name=name, product=product.pk) for name in typed]
    assert "lines" not in medians.of_plans(as_documents("lines", rows), 2)
    committed(acme, 5, lambda n: {"lines": [rows[n]]})
    assert names(begun(reseller.pk, "small")[0]) == ["Server line"]
    product.delete()
    assert begun(reseller.pk, "small")[0].lines == ()
    same = [row(name=name, product=7) for name in ("Servers", "servers ", "SERVERS", "Servers", "Servers")]
    assert medians.of_plans(as_documents("lines", same), 2)["lines"][0]["name"] == "Servers"


def test_medians_of_an_even_count_lie_between_and_whole_months_are_rounded_up(acme):
    starts, caps = (1, 2, 3, 4, 5, 6), ("4", "5", None, "5", "6", "7")
    documents = [
        document.write(document.read({"lines": [row(start=start, deals={"kind": "ramp", "first": str(start), "cap": cap})]}, 2))
        for start, cap in zip(starts, caps, strict=True)
    ]  # fmt: skip
    line = medians.of_plans(documents, 2)["lines"][0]
    assert (line["start"], line["deals"]["first"], line["deals"]["cap"]) == (4, "3.5", "5")


@given(st.lists(st.integers(0, 100), min_size=5, max_size=9), st.randoms())
def test_a_median_lies_among_what_it_is_of_and_no_order_matters(margins, order):
    documents = [document.write(document.read({"lines": [row(margin=str(each))]}, 2)) for each in margins]
    found = medians.of_plans(documents, 2)["lines"][0]["margin"]
    assert min(margins) <= Decimal(found) <= max(margins)
    order.shuffle(documents)
    assert medians.of_plans(documents, 2)["lines"][0]["margin"] == found


def test_what_is_put_together_can_be_read(acme, reseller, bench):
    """All default benchmarks over one another: no key twice, no share above the whole."""
    PlanBenchmark.objects.all().delete()
    actions.make_missing_benchmarks()
    for kind in PartnerType.objects.all():
        for size in ("", "small"):
            own, source = begun(kind.pk, size)
            assert source == "benchmark"
            assert own.lines


# ── From the plan before ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_next_version_goes_on_from_the_one_in_force(acme, cam, signed_plan):
    first = signed_plan()
    BusinessPlan.everything.filter(pk=first.pk).update(first_month="2020-01-01", scenario="stretch")
    plan = actions.start(partner=acme.partner_a, by=cam)
    assert reading.document_of(plan) == reading.document_of(first)
    assert "objectives" not in plan.content
    assert plan.scenario == "stretch"
    assert plan.first_month > today()  # 2020 is too long ago to begin in
