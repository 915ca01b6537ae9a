"""The program worksheet by API: the worked examples to the number, and the one that is kept."""

from accounts.permissions import Role
from prm.common.vendor import fiscal_calendar, today

COLUMN = {"response": "0.02", "mql": "0.4", "sal": "0.6", "sql": "0.5", "win": "0.25", "deal_size": "18000"}
NEED = {"mql": "0.1", "sal": "0.8", "sql": "0.4", "win": "0.1", "deal_size": "100000"}


def compute(api_for, acme, role=Role.MARKETING, **body):
    response = api_for(acme.users[role]).post("/marketing/worksheet", body)
    return response


def test_backward(acme, api_for):
    found = compute(api_for, acme, columns={"base": NEED}, revenue="10000000").json()
    assert found["base"]["backward"] == {
        "wins": 100, "counted": 1000, "mgo": 1000, "sal": 2500, "mql": 3125, "inquiry": 31250, "reach": None,
        "reasons": {"reach": "No number, or 0: Response."},
    }  # fmt: skip
    assert found["bleak"]["column"]["win"] == "0.08"
    assert found["stretch"]["column"]["sal"] == "0.96"


def test_exact_ceilings_and_one_factor(acme, api_for):
    found = compute(
        api_for, acme, columns={"base": {"win": "0.7", "deal_size": "1", "factors": ["0.85"]}}, revenue="21"
    ).json()
    assert found["base"]["backward"]["counted"] == 30
    assert found["base"]["backward"]["mgo"] == 36  # 30 ÷ 0.85 = 35.29…
    both = compute(
        api_for, acme, columns={"base": {"win": "1", "deal_size": "1", "factors": [{"share": "0.5"}, {"name": "Staffed", "share": "0.9"}]}},
        revenue="100",
    ).json()  # fmt: skip
    assert (both["base"]["column"]["factor"], both["base"]["backward"]["mgo"]) == ("0.45", 223)


def test_forward(acme, api_for):
    found = compute(api_for, acme, columns={"base": COLUMN}, start={"stage": "reach", "count": "20000"}).json()["base"]
    assert found["forward"] == {
        "reach": "20000.0", "inquiry": "400.0", "mql": "160.0", "sal": "96.0", "mgo": "48.0", "counted": "48.0", "wins": "12.0",
        "revenue": "216000.00", "reasons": {},
    }  # fmt: skip


def test_a_column_sent_in_part_follows_the_base_in_the_rest(acme, api_for):
    found = compute(api_for, acme, columns={"base": NEED, "bleak": {"win": "0.05", "sql": None}}, revenue="1").json()
    assert found["bleak"]["column"] == {
        "response": None, "mql": "0.08", "sal": "0.64", "sql": None, "win": "0.05", "deal_size": "80000", "factor": None,
    }  # fmt: skip
    assert (found["bleak"]["own"], found["stretch"]["own"]) == (["sql", "win"], [])


def test_numbers_of_any_size_are_computed(acme, api_for):
    most = "9999999999999999999"
    column = {"win": "1", "deal_size": most}
    found = compute(api_for, acme, columns={"base": column}, start={"stage": "mgo", "count": most}).json()
    assert found["base"]["forward"]["revenue"] == f"{int(most) ** 2}.00"


def test_splits(acme, api_for):
    def parts(**asked):
        return compute(api_for, acme, columns={"base": NEED}, revenue="10000000", split=asked).json()["split"]

    assert parts(over="quarters") == [250] * 4
    assert parts(over="months") == [84] * 4 + [83] * 8
    assert parts(total=100, over="weeks") == [8] * 9 + [7] * 4
    assert parts(total=10, parts=3) == [4, 3, 3]
    assert parts(total=7, weights=["0.5", "0.25", "0.25"]) == [3, 2, 2]
    assert parts(total=5, weights=["0", "0"]) is None


def test_what_cannot_be_is_refused_by_its_name(acme, api_for):
    over = compute(api_for, acme, columns={"base": {"win": "1.01"}}, revenue="1")
    assert over.status_code == 422
    assert over.json()["errors"][0]["field"] == "columns.base.win"
    assert compute(api_for, acme, columns={"base": {}}, revenue="-1").status_code == 422
    assert compute(api_for, acme, columns={"base": {}}, split={"total": 5}).status_code == 422


def test_the_one_that_is_kept(acme, api_for):
    year = fiscal_calendar().year_of(today()).key
    writer = api_for(acme.users[Role.MARKETING])
    body = {
        "revenue": "10000000",
        "base": NEED,
        "bleak": {"win": "0.05"},
        "way": "tier",
        "weights": {"gold": 3},
        "revision": 0,
    }
    kept = writer.put(f"/marketing/worksheets/{year}", body)
    assert kept.status_code == 200, kept.text
    found = api_for(acme.users[Role.CAM]).get(f"/marketing/worksheets/{year}").json()
    assert (found["revision"], found["base"]["backward"]["mgo"], found["bleak"]["column"]["win"]) == (1, 1000, "0.05")
    assert [each["mgos"] for each in found["quarters"]] == [250] * 4
    assert found["quarters"][0]["months"] == [84, 83, 83]
    assert found["partners"] == [{"partner": acme.partner_a.pk, "mgos": 500}]
    assert (found["bleak"]["own"], found["stretch"]["own"]) == (["win"], [])
    assert found["base"]["forward"]["mgo"] == "0.0"
    assert writer.put(f"/marketing/worksheets/{year}", body).status_code == 412
    assert api_for(acme.users[Role.CAM]).delete(f"/marketing/worksheets/{year}").status_code == 403
    assert writer.delete(f"/marketing/worksheets/{year}").status_code == 204
    assert writer.get(f"/marketing/worksheets/{year}").json()["revision"] == 0
    assert writer.get("/marketing/worksheets/2027-03").status_code == 404
