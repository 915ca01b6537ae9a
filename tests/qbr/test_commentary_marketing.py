"""What is said of marketing, leads and accounts: by hand, and that no sentence stands without its figure."""

from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from prm.common.money import Money
from prm.common.templatetags.numbers import format_money, format_number, format_percent
from qbr import commentary_marketing as rules
from qbr.commentary_marketing import Accounts, Leads, Marketing

COUNT = st.integers(0, 3000)
NUMBER = st.one_of(st.none(), st.decimals(-1000, 10**9, places=2))
MONEY = st.one_of(st.none(), st.decimals(0, 10**15, places=2).map(lambda value: Money(value, "EUR")))


def test_marketing_by_hand():
    of = Marketing(
        approved=3, verified=2, unverified=1, mgos=D(30), mgos_share=D("62.5"), revenue=Money(D(90_000), "USD"),
        revenue_share=D("41.67"), roi=D("10.25"), roi_forecast=D(23), cost=Money(D(8000), "USD"), cost_forecast=Money(D(9000), "USD"), mdf_used=Money(D(4000), "USD"),
        mdf_reserved=Money(D(500), "USD"),
    )  # fmt: skip
    assert rules.marketing(of) == [
        "2 of 3 approved activities are verified.",
        "They brought 30 MGOs, 63% of the forecast.",
        "Their revenue is USD 90,000.00, 42% of the forecast.",
        "Revenue ROI is 10.3 against a forecast of 23.0.",
        "They cost USD 8,000.00; USD 9,000.00 was planned.",
        "USD 4,000.00 of MDF was used in the quarter.",
        "USD 500.00 of MDF is approved and not claimed yet.",
        "1 activity has ended without verified results.",
    ]
    assert rules.marketing(Marketing(1, 0, 0)) == ["1 activity was approved and isn’t verified yet."]
    assert rules.marketing(Marketing(0, 0, 0)) == []


def test_leads_by_hand():
    of = Leads("Northwind", 8, 10, 8, 5, 2, 1, acceptance=D(80), conversion=D(25), contact="4 h 0 min")
    assert rules.leads(of) == [
        "Northwind accepted 8 of 10 leads offered (80%).",
        "Northwind holds 8 leads of the quarter (contacted: 5).",
        "The median time to first contact is 4 h 0 min.",
        "2 became deals or registrations (25%); won: 1.",
    ]
    assert rules.leads(Leads("Northwind", 1, 0, 0, 0, 0, 0)) == [
        "Northwind holds 1 lead of the quarter (contacted: 0).",
        "1 lead has not become a deal yet.",
    ]


def test_accounts_by_hand():
    of = Accounts(12, 3, late=1, undated=2, best="Backup at Contoso", points=71)
    assert rules.accounts(of) == [
        "The account plan has 12 customers and 3 targets.",
        "1 target is past its date.",
        "2 targets have no date.",
        "The best chance that is no target yet: Backup at Contoso, 71 points.",
    ]
    assert rules.accounts(Accounts(1, 1)) == ["The account plan has 1 customer and 1 target."]


@given(COUNT, COUNT, COUNT, NUMBER, NUMBER, MONEY, NUMBER, NUMBER, NUMBER, MONEY)
def test_each_sentence_on_marketing_names_its_figure(
    approved, verified, open_, mgos, mgos_share, revenue, revenue_share, roi, forecast, used
):
    verified = min(verified, approved)
    said = rules.marketing(
        Marketing(approved, verified, open_, mgos, mgos_share, revenue, revenue_share, roi, forecast, mdf_used=used)
    )
    expected = []
    if verified:
        expected.append((format_number(verified), format_number(approved)))
    elif approved:
        expected.append((format_number(approved),))
    if mgos is not None and mgos_share is not None:
        expected.append((format_number(mgos), format_percent(mgos_share)))
    if revenue is not None and revenue_share is not None:
        expected.append((format_money(revenue), format_percent(revenue_share)))
    if roi is not None and forecast is not None:
        expected.append((format_number(roi, 1), format_number(forecast, 1)))
    if used is not None and used.amount:
        expected.append((format_money(used),))
    if open_:
        expected.append((format_number(open_),))
    assert len(said) == len(expected)
    for sentence, figures in zip(said, expected, strict=True):
        assert all(figure in sentence for figure in figures)


@given(COUNT, COUNT, COUNT, COUNT, COUNT, COUNT)
def test_each_sentence_on_leads_names_its_figure(given_, offers, accepted, contacted, converted, won):
    shares = {
        "acceptance": D(accepted) * 100 / offers if offers else None,
        "conversion": D(converted) * 100 / given_ if given_ else None,
    }
    said = rules.leads(Leads("P", given_, offers, accepted, contacted, converted, won, **shares, contact="1 d 2 h"))
    expected = []
    if offers:
        expected.append((format_number(accepted), format_number(offers), format_percent(shares["acceptance"])))
    if given_:
        expected.append((format_number(given_), format_number(contacted)))
    if contacted:
        expected.append(("1 d 2 h",))
    if given_ and converted:
        expected.append((format_number(converted), format_percent(shares["conversion"]), format_number(won)))
    elif given_:
        expected.append((format_number(given_),))
    assert len(said) == len(expected)
    for sentence, figures in zip(said, expected, strict=True):
        assert all(figure in sentence for figure in figures)
