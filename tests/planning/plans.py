"""Plans for tests, as documents: one with everything in it, and any that Hypothesis thinks of."""

from typing import Any

from hypothesis import strategies as st

FULL: dict[str, Any] = {
    "texts": {"value_proposition": "Backup that comes back", "verticals": "Care", "competitors": "", "strengths": ""},
    "lines": [
        {
            "key": "l1",
            "name": "Backup",
            "product": None,
            "start": 3,
            "deals": {"kind": "ramp", "first": "1.5", "growth": "7.3", "cap": "6"},
            "sale": {"kind": "one_time", "deal_size": "11873.37", "run_rate": "4321.19", "erosion": "3.7"},
            "margin": "23.4",
            "rebate": "2.9",
            "services": {
                "attach": "37",
                "lag": 2,
                "price": "2911.13",
                "margin": "33.3",
                "managed_price": "187.77",
                "managed_margin": "41.9",
                "managed_churn": None,
            },
        },
        {
            "key": "l2",
            "name": "Cloud",
            "product": None,
            "start": 1,
            "deals": {"kind": "capacity", "share": "61"},
            "sale": {"kind": "recurring", "price": "431.71", "churn": "1.7", "opening_base": "13"},
            "margin": "17.9",
            "rebate": "1.1",
            "services": {
                "attach": "29",
                "lag": 1,
                "price": "1733.39",
                "margin": "27.7",
                "managed_price": "93.41",
                "managed_margin": "36.6",
                "managed_churn": "2.3",
            },
        },
        {
            "key": "l3",
            "name": "Seats",
            "product": None,
            "start": 5,
            "deals": {"kind": "ramp", "first": "3", "growth": "0", "cap": None},
            "sale": {"kind": "recurring", "price": "77.83", "churn": "2.9", "opening_base": "0"},
            "margin": "12.7",
            "rebate": "0",
            "services": {
                "attach": "11",
                "lag": 0,
                "price": "0",
                "margin": "0",
                "managed_price": "19.37",
                "managed_margin": "51.3",
                "managed_churn": None,
            },
        },
    ],
    "sellers": [
        {"key": "s1", "name": "Seller", "count": "2", "start": 1, "rate": "1.3", "ramp": 7, "cost": "91000"},
        {"key": "s2", "name": "Inside seller", "count": "1", "start": 6, "rate": "0.7", "ramp": 0, "cost": "58000"},
    ],
    "people": [{"key": "p1", "name": "Engineer", "count": "0.5", "start": 2, "cost": "77000"}],
    "training": [{"key": "t1", "name": "Certificates", "cost": "4777.77", "month": 2}],
    "marketing": [{"key": "m1", "name": "Events", "monthly": "1313.13", "mdf_share": "47"}],
    "other": [
        {"key": "o1", "name": "Demo system", "cost": "333.33", "month": None},
        {"key": "o2", "name": "Launch", "cost": "7777.77", "month": 4},
    ],
    "terms": 2,
    "scenarios": {
        "bleak": {"deals": "0.6", "deal_size": "0.9", "margin": "0.95", "cost": "1", "delay": 2},
        "base": {"deals": "1", "deal_size": "1", "margin": "1", "cost": "1", "delay": 0},
        "stretch": {"deals": "1.3", "deal_size": "1.1", "margin": "1", "cost": "1.05", "delay": 0},
    },
}


def decimals(most: int, least: int = 0, places: int = 2) -> st.SearchStrategy[str]:
    found = st.decimals(least, most, places=places, allow_nan=False, allow_infinity=False)
    return st.one_of(st.just("0"), found.map(lambda value: f"{value + 0:f}"))


MONTH = st.integers(1, 36)
SERVICES = st.fixed_dictionaries(
    {
        "attach": decimals(100),
        "lag": st.integers(0, 36),
        "price": decimals(20000),
        "margin": decimals(100),
        "managed_price": decimals(2000),
        "managed_margin": decimals(100),
        "managed_churn": st.none() | decimals(100),
    }
)
RAMP = st.fixed_dictionaries(
    {
        "kind": st.just("ramp"),
        "first": decimals(20),
        "growth": decimals(30, -100),
        "cap": st.none() | decimals(50),
    }
)
CAPACITY = st.fixed_dictionaries({"kind": st.just("capacity"), "share": decimals(25)})
ONE_TIME = st.fixed_dictionaries(
    {
        "kind": st.just("one_time"),
        "deal_size": decimals(50000),
        "run_rate": decimals(9000),
        "erosion": decimals(100),
    }
)
RECURRING = st.fixed_dictionaries(
    {
        "kind": st.just("recurring"),
        "price": decimals(3000),
        "churn": decimals(100),
        "opening_base": decimals(80),
    }
)


def lines(
    deals: st.SearchStrategy[Any] = RAMP | CAPACITY,
    sale: st.SearchStrategy[Any] = ONE_TIME | RECURRING,
    most: int = 4,
) -> st.SearchStrategy[list[dict[str, Any]]]:
    line = st.fixed_dictionaries(
        {
            "name": st.just("Line"),
            "product": st.none(),
            "start": MONTH,
            "deals": deals,
            "sale": sale,
            "margin": decimals(100),
            "rebate": decimals(30),
            "services": SERVICES,
        }
    )
    return st.lists(line, max_size=most)


def _rows(least: int = 0, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries({"name": st.just("Row"), **fields}), min_size=least, max_size=2)


SCENARIO = st.fixed_dictionaries(
    {
        "deals": decimals(3),
        "deal_size": decimals(3),
        "margin": decimals(3),
        "cost": decimals(3),
        "delay": st.integers(0, 36),
    }
)


def _keyed(plan: dict[str, Any]) -> dict[str, Any]:
    number = 0
    for rows in plan.values():
        if isinstance(rows, list):
            for row in rows:
                number += 1
                row["key"] = f"r{number}"
    return plan


def documents(of: st.SearchStrategy[list[dict[str, Any]]] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """Documents of plans that can be read."""
    return st.fixed_dictionaries(
        {
            "texts": st.just(dict(FULL["texts"])),
            "lines": lines() if of is None else of,
            "sellers": _rows(
                count=decimals(5), start=MONTH, rate=decimals(8), ramp=st.integers(0, 36), cost=decimals(200000)
            ),
            "people": _rows(count=decimals(5), start=MONTH, cost=decimals(200000)),
            "training": _rows(cost=decimals(30000), month=MONTH),
            "marketing": _rows(monthly=decimals(9000), mdf_share=decimals(100)),
            "other": _rows(cost=decimals(9000), month=st.none() | MONTH),
            "terms": st.integers(0, 36),
            "scenarios": st.fixed_dictionaries({"bleak": SCENARIO, "base": SCENARIO, "stretch": SCENARIO}),
        }
    ).map(_keyed)


def places() -> st.SearchStrategy[int]:
    """Decimals of a currency: JPY, USD, KWD."""
    return st.sampled_from([0, 2, 3])
