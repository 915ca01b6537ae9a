"""The conflict check: who is in whose way, and what each side is told of it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.permissions import Role
from dealdesk import actions, queries, search
from dealdesk.matching import company, match
from dealdesk.models import Conflict, Registration
from pipeline.models import Customer
from prm.common.vendor import today
from tests.dealdesk.making import approved, drafted, fresh, line, ruled, seller, submitted
from tests.pipeline.conftest import deal_for  # noqa: F401  a fixture
from tests.world import make_partner, make_team


def flags(*registrations):
    return [str(fresh(each).flag) for each in registrations]


def test_the_second_for_the_same_customer_and_product_is_flagged(acme):
    first, second = submitted(acme), submitted(acme, acme.partner_b, domain="www.contoso.de", customer_name="CTS")
    assert flags(first, second) == ["clear", "flagged"]
    assert (fresh(first).may_exist, fresh(second).may_exist) == (False, True)
    conflict = Conflict.everything.get()
    assert (conflict.registration, conflict.other, conflict.why) == (second, first, "domain")


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"domain": "", "customer_name": "Contoso AG"}, "flagged"),
        ({"domain": "", "customer_name": "Contoso AG", "country": "FR"}, "clear"),
        ({"domain": "contoso-gruppe.de"}, "possible"),
        ({"domain": "", "customer_name": "Contoso Logistik Nord"}, "possible"),
        ({"domain": "gmail.com", "customer_name": "Fabrikam"}, "clear"),
        ({"product_lines": ["storage"]}, "clear"),
        ({"product_lines": ["storage", "servers"]}, "flagged"),
    ],
)
def test_what_is_in_the_way_of_what(acme, changes, flag):
    submitted(acme)
    if "product_lines" in changes:
        changes = {"product_lines": [line(key) for key in changes["product_lines"]]}
    assert fresh(submitted(acme, acme.partner_b, **changes)).flag == flag


def test_what_is_possible_is_no_word_to_the_submitter(acme):
    submitted(acme)
    made = submitted(acme, acme.partner_b, domain="contoso-gruppe.de")
    assert (made.flag, made.may_exist) == ("possible", False)


@pytest.mark.parametrize("end", ["withdrawn", "rejected", "released", "expired"])
def test_what_has_ended_is_in_nobodys_way(acme, operations, end):
    first = approved(acme) if end in ("released", "expired") else submitted(acme)
    second = submitted(acme, acme.partner_b)
    assert flags(second) == ["flagged"]
    if end == "withdrawn":
        actions.withdraw(by=seller(acme), registration=first, reason="Lost interest")
    elif end == "rejected":
        actions.reject(by=operations, registration=first, reason="No need")
    elif end == "released":
        actions.release(by=seller(acme), registration=first)
    else:
        actions.expire(on=first.expires_on + dt.timedelta(days=1))
    assert flags(second) == ["clear"]
    assert fresh(second).may_exist  # what the partner was told isn't taken back: that would tell more
    assert flags(submitted(acme, acme.partner_b, domain="shop.contoso.de")) == ["flagged"]  # by the second


def test_a_protection_that_is_over_protects_no_more_even_before_the_night(acme):
    first = approved(acme, days=-1)
    assert first.state == "approved"
    assert flags(submitted(acme, acme.partner_b)) == ["clear"]


def test_the_last_day_of_a_protection_counts(acme):
    approved(acme, days=0)
    assert flags(submitted(acme, acme.partner_b)) == ["flagged"]


def test_drafts_are_in_nobodys_way(acme):
    drafted(acme)
    assert flags(submitted(acme, acme.partner_b)) == ["clear"]


def test_the_order_of_the_checks_does_not_matter(acme, told):
    first, second, third = (
        submitted(acme, partner, check=False) for partner in (acme.partner_a, acme.partner_b, acme.partner_b)
    )
    for pk in (third.pk, first.pk, second.pk):
        actions.check(pk)
    assert flags(first, second, third) == ["clear", "flagged", "flagged"]
    pairs = set(Conflict.everything.values_list("registration", "other"))
    assert pairs == {(second.pk, first.pk), (third.pk, first.pk), (third.pk, second.pk)}
    assert [registration for _moment, registration, _step in told] == [third, first, second]


def test_the_sweep_checks_what_the_queue_left(acme, told):
    made = submitted(acme, check=False)
    actions.check_waiting()
    actions.check_waiting()
    assert flags(made) == ["clear"]
    assert len(told) == 1


def test_tenders_may_be_shared_by_the_policy(acme):
    ruled(rfp="shared")
    submitted(acme, is_rfp=True)
    assert flags(submitted(acme, acme.partner_b, is_rfp=True)) == ["possible"]
    assert flags(submitted(acme, acme.partner_b, is_rfp=False)) == ["flagged"]


# ── Deals ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def known(deal, **fields):
    Customer.everything.filter(pk=deal.customer_id).update(**fields)


def test_an_open_deal_of_another_partner_is_in_the_way(acme, deal_for):  # noqa: F811
    deal = deal_for(acme.partner_b, customer_name="CTS", product_line=line())
    known(deal, domain="https://www.contoso.de")
    made = submitted(acme)
    assert (made.flag, made.may_exist) == ("flagged", True)
    assert Conflict.everything.get().deal == deal


@pytest.mark.parametrize(
    "other",
    [{"stage": "won"}, {"stage": "lost", "lost_reason": "Price"}, {"product_line": None}, {"customer_name": ""}],
)
def test_other_deals_are_not(acme, deal_for, other):  # noqa: F811
    deal = deal_for(acme.partner_b, **{"customer_name": "Contoso", "product_line": line(), **other})
    if deal.customer_id:
        known(deal, country="DE")
    assert submitted(acme).flag == "clear"


def test_a_deal_whose_customer_has_no_country_is_possible(acme, deal_for):  # noqa: F811
    deal_for(acme.partner_b, customer_name="Contoso", product_line=line())
    assert submitted(acme).flag == "possible"


def test_the_partners_own_deal_is_there_to_be_linked(acme, deal_for):  # noqa: F811
    deal = deal_for(acme.partner_a, customer_name="Contoso", product_line=line())
    known(deal, country="DE", domain="contoso.de")
    made = submitted(acme)
    assert made.flag == "clear"
    assert list(queries.linkable_deals(made, acme.users[Role.OPERATIONS])) == [deal]


@pytest.mark.parametrize(("reopens", "flag"), [(True, "clear"), (False, "flagged")])
def test_a_deal_whose_protection_has_ended_is_open_to_others_if_the_policy_says_so(acme, reopens, flag):
    ruled(reopens=reopens)
    first = approved(acme)
    Customer.everything.filter(pk=fresh(first).deal.customer_id).update(country="DE")
    actions.expire(on=first.expires_on + dt.timedelta(days=1))
    assert submitted(acme, acme.partner_b).flag == flag


def test_a_registered_deal_is_in_the_way_once(acme):
    approved(acme)
    submitted(acme, acme.partner_b)
    assert Conflict.everything.get().deal is None


# ── The family ───────────────────────────────────────────────────────────────────────────────────────────────────────


def branch_of(acme, parent):
    branch = make_partner(acme, "C", name="Branch", parent=parent, cam=acme.users[Role.CAM])
    return branch, make_team(acme, branch, "C")[Role.PARTNER_SELLER]


def test_ones_own_family_is_told_in_full_and_strangers_not_at_all(acme):
    branch, its_seller = branch_of(acme, acme.partner_a)
    first = submitted(acme)
    second = submitted(acme, branch, by=its_seller)
    assert (second.flag, second.may_exist) == ("flagged", False)
    told = queries.of_own_family(second)
    assert [(one.what, one.partner, one.own_family) for one in told] == [(first.reference, acme.partner_a.name, True)]
    third = submitted(acme, acme.partner_b)
    assert (third.may_exist, queries.of_own_family(third)) == (True, [])


def test_a_family_goes_up_and_down(acme):
    branch, _seller = branch_of(acme, acme.partner_a)
    twig = make_partner(acme, "D", name="Twig", parent=branch)
    kin = {acme.partner_a.pk, branch.pk, twig.pk}
    assert queries.family(acme.partner_a.pk) == queries.family(branch.pk) == queries.family(twig.pk) == kin


# ── For those who decide ─────────────────────────────────────────────────────────────────────────────────────────────


def test_who_decides_sees_both_sides(acme):
    first, second = submitted(acme), submitted(acme, acme.partner_b)
    chief = acme.users[Role.CHIEF]
    (ahead,) = queries.candidates(second, chief)
    assert (ahead.ahead, ahead.partner, ahead.what) == (True, acme.partner_a.name, first.reference)
    assert (ahead.since, ahead.lines, ahead.similarity) == (first.submitted_at, ("Servers",), Decimal(1))
    (behind,) = queries.candidates(first, chief)
    assert (behind.ahead, behind.partner, behind.what) == (False, acme.partner_b.name, second.reference)


def test_who_decides_sees_also_partners_of_other_regions_here(acme):
    chief = acme.users[Role.CHIEF]
    chief.region_limits.create(region=acme.partner_b.region)
    submitted(acme)
    second = submitted(acme, acme.partner_b)
    assert set(Registration.objects.visible_to(chief)) == {second}
    assert [one.partner for one in queries.candidates(second, chief)] == [acme.partner_a.name]


def test_nobody_else_sees_conflicts(acme):
    submitted(acme)
    second = submitted(acme, acme.partner_b)
    for user in (acme.cam_b, seller(acme, acme.partner_b), acme.users_b[Role.PARTNER_CHAMPION]):
        assert not Conflict.objects.visible_to(user).exists()
        with pytest.raises(PermissionDenied):
            queries.candidates(second, user)


# ── The database looks first ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_database_leaves_out_nothing_that_matches(acme):
    from tests.dealdesk.test_matching import PAIRS, sides

    for pair in PAIRS:
        first, second = sides(pair)
        if not second.country:
            continue
        made = drafted(acme, customer_name=pair["name_b"], domain=pair["domain_b"], country=second.country)
        Registration.everything.filter(pk=made.pk).update(state="submitted", submitted_at=made.created_at, flag="clear")
        if match(first, second):
            assert made.pk in search.registrations_like(first), pair


def test_customers_are_found_by_name_in_any_script_and_by_domain(acme):
    rows = {
        name: Customer.everything.create(partner=acme.partner_b, name=name, domain=domain).pk
        for name, domain in [
            ("Газдобыча", ""), ("Fabrikam", "https://www.bücher.example/x"), ("Contoso Logistik", ""), ("Blue", ""), ("Nord", ""),
        ]
    }  # fmt: skip
    assert search.customers_like(company("Газдобыча"), "Газдобыча") == [rows["Газдобыча"]]
    assert search.customers_like(company("X", "xn--bcher-kva.example"), "X") == [rows["Fabrikam"]]
    assert search.customers_like(company("Contoso"), "Contoso") == [rows["Contoso Logistik"]]
    assert search.customers_like(company("Blue Yonder"), "Blue Yonder") == [rows["Blue"]]
    assert search.customers_like(company("…"), "…") == []


def test_the_check_asks_no_more_where_there_is_more(acme, told, django_assert_max_num_queries):
    for n in range(12):
        submitted(acme, customer_name=f"Contoso {n}", domain="", need=f"{n}", check=False, expected_close=today())
    actions.check_waiting()
    last = submitted(acme, acme.partner_b, check=False)
    with django_assert_max_num_queries(40):
        actions.check(last.pk)
    assert Conflict.everything.filter(registration=last).count() == 12
