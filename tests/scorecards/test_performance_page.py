"""The one-page performance scorecard: who sees what on it, its reviews, its files, its mail; one sheet of paper in the worst case."""

import datetime as dt
import io
import re
from collections.abc import Iterator
from decimal import Decimal as D
from typing import Any

import openpyxl
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from accounts.permissions import Role
from partners.models import Action, Certificate, Contact, Partner, Task, Touch
from pipeline.models import Deal, DealShare, DealStage, Metric, MetricValue, SalesResult, TargetMonth, TargetVersion
from prm.common.events import on
from prm.common.models import Notification, OutgoingMail, Policy
from prm.common.vendor import fiscal_calendar, today
from scorecards.events import PerformanceReviewed
from scorecards.models import PerformanceReview

pytestmark = pytest.mark.django_db
SECRET = "INTERNAL"


def text(response: Any) -> str:
    body = re.sub(r"<(style|script|title)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def aim(partner: Partner, amount: str, metric: str = "revenue") -> None:
    year = fiscal_calendar().year_of(today())
    version = TargetVersion.everything.create(
        partner=partner, metric=metric, source="operations", number=1, first_month=year.start
    )
    TargetMonth.everything.bulk_create(
        TargetMonth(version=version, month=month.start, value=D(amount), currency="USD") for month in year.months
    )


def plan_to_date(month: str) -> D:
    """The target of the fiscal year so far, by hand: full months and the days of this one."""
    day = today()
    first = fiscal_calendar().year_of(day).start
    full = (day.year - first.year) * 12 + day.month - first.month
    days = ((day.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)).day
    return D(month) * full + D(month) * day.day / days


def sell(partner: Partner, amount: str, day: dt.date | None = None) -> None:
    SalesResult.everything.create(partner=partner, on=day or today(), amount=D(amount), currency="USD")


def strike(partner: Partner, name: str, amount: str = "1000", days: int = 30) -> Deal:
    deal = Deal.everything.create(
        partner=partner, name=name, stage=DealStage.objects.get(key="proposal"), amount=D(amount), currency="USD",
        expected_close=today() + dt.timedelta(days=days), created_on=today() - dt.timedelta(days=60), stage_since=today(),
    )  # fmt: skip
    DealShare.everything.create(deal=deal, partner=partner, percent=100)
    return deal


@pytest.fixture
def cam(acme: Any) -> Any:
    return acme.users[Role.CAM]


@pytest.fixture
def partner(acme: Any) -> Partner:
    """Sold 250.50 against targets of 100 a month, and much about it that is the vendor's own."""
    found: Partner = acme.partner_a
    aim(found, "100")
    sell(found, "250.50")
    found.internal_note = f"{SECRET} note"
    found.sales_reps = 3
    found.save()
    margin = Metric.objects.create(key="margin", name=f"{SECRET} margin", internal=True)
    usage = Metric.objects.create(key="usage", name="App usage", unit="percent")
    for metric in (margin, usage):
        MetricValue.everything.create(partner=found, metric=metric, on=today(), value=D("41"))
        aim(found, "50", metric.key)
    Policy.objects.create(
        kind="composite", starts_on="2020-01-01",
        data={"cap": 120, "stages": {"default": {"performance_to_plan": 1, "margin": 1, "usage": 1}}},
    )  # fmt: skip
    Policy.objects.create(kind="benchmark", starts_on="2020-01-01", data={"reseller": "1000"})
    for shared, word in ((True, "Open"), (False, SECRET)):
        Touch.everything.create(partner=found, on=today(), note=f"{word} touch", shared=shared)
        Action.everything.create(partner=found, title=f"{word} action", shared=shared)
        PerformanceReview.everything.create(
            partner=found, on=today() - dt.timedelta(days=20 + shared), note=f"{word} review", shared=shared
        )
    return found


@pytest.fixture
def program(partner: Partner) -> None:
    """Gold asks for a metric the partner may see and for one it may not; silver for nothing."""
    asked = [
        {"type": "metric", "key": "usage", "name": "Usage", "metric": "usage", "aggregate": "latest", "window": "as_of",
         "minimum": "50"},
        {"type": "metric", "key": "margin", "name": "Margin", "metric": "margin", "aggregate": "latest",
         "window": "as_of", "minimum": "7777"},
        {"type": "people", "key": "eng", "name": "Engineers", "certificates": ["eng"], "minimum": 2,
         "unit": "certified engineers", "unit_one": "certified engineer", "effort": "3"},
    ]  # fmt: skip
    Certificate.objects.create(key="eng", name="Engineer")
    tiers = [{"tier": "silver", "requirements": []}, {"tier": "gold", "requirements": asked}]
    Policy.objects.create(kind="tiers", starts_on="2020-01-01", data={"name": "P", "tiers": tiers})


@pytest.fixture
def url(partner: Partner) -> str:
    return f"/partners/{partner.pk}/performance/"


@pytest.fixture
def ours(client_for: Any, cam: Any) -> Client:
    client: Client = client_for(cam)
    return client


@pytest.fixture
def theirs(acme: Any, client_for: Any) -> Client:
    client: Client = client_for(acme.users_a[Role.PARTNER_EXECUTIVE])
    return client


# ── The page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_says_how_the_partner_stands(ours, url, partner, program):
    strike(partner, "Rollout", "9000", days=-3)
    page = text(ours.get(url))
    for part in ("Performance to plan", "Pipeline to target", "Program level", "Composite"):
        assert part in page
    assert "250.50 of" in page
    assert "0 of 3 requirements of Gold met" in page
    assert "2 more certified engineers" in page
    assert "Engineers: 2 more certified engineers effort 6" in page
    assert "Rollout" in page
    assert "9,000.00 in deals that should have closed by now" in page
    for internal in ("note", "touch", "action", "review", "margin"):
        assert f"{SECRET} {internal}" in page
    assert "Growth potential" in page


def test_each_number_leads_to_its_explanation(ours, url, partner, program):
    page = ours.get(url).content.decode()
    found = set(re.findall(rf'href="({re.escape(url)}figures/[^"]+)"', page))
    assert len(found) > 20
    for address in found:
        assert ours.get(address).status_code == 200, address
    level = text(ours.get(f"{url}figures/program_level/"))
    assert "0 ÷ 3 × 100" in level
    assert re.search(rf'href="/partners/{partner.pk}/level/gold/eng/"', page)


def test_who_may_open_it(acme, client_for, url, partner):
    by_role = {role: client_for(user).get(url).status_code for role, user in acme.users.items()}
    assert by_role == {
        Role.ADMIN: 200, Role.OPERATIONS: 200, Role.CHIEF: 200, Role.CAM: 200, Role.MARKETING: 403,
    }  # fmt: skip
    assert client_for(acme.cam_b).get(url).status_code == 404
    assert client_for(acme.users_a[Role.PARTNER_SELLER]).get(url).status_code == 403
    other = acme.users_b[Role.PARTNER_EXECUTIVE]
    assert client_for(other).get(f"/portal/performance/{partner.pk}/").status_code == 404
    assert client_for(other).get(f"/portal/performance/{partner.pk}/scorecard.pdf").status_code == 404
    for role, user in acme.users_a.items():
        assert client_for(user).get("/portal/performance/").status_code == 200, role


def test_the_partner_sees_nothing_internal_on_page_file_or_explanation(theirs, partner, program):
    strike(partner, "Shared deal")
    response = theirs.get("/portal/performance/")
    page = text(response)
    for shared in ("Open touch", "Open action", "Open review", "App usage", "Shared deal", "250.50 of"):
        assert shared in page
    for hidden in (SECRET, "Growth potential", "Rank value", "Days since the last touch", "7777", "7,777"):
        assert hidden not in response.content.decode()
    assert "Reviewed with partner" in page
    base = f"/portal/performance/{partner.pk}/"
    links = set(re.findall(rf'href="({re.escape(base)}figures/[^"]+)"', response.content.decode()))
    assert len(links) > 15
    for address in links:
        explained = theirs.get(address)
        assert explained.status_code == 200
        assert SECRET not in explained.content.decode()
    for key in ("growth_potential", "metric:margin", "rank_value"):
        assert theirs.get(f"{base}figures/{key}/").status_code == 404
    assert SECRET not in pdf_text(theirs.get(f"{base}scorecard.pdf"))
    assert SECRET not in repr(list(cells(theirs.get(f"{base}scorecard.xlsx"))))
    assert "7777" not in repr(list(cells(theirs.get(f"{base}scorecard.xlsx"))))


def test_the_composite_of_the_partners_side_leaves_internal_metrics_out(ours, theirs, url):
    assert "of 3 metrics, weighed" in text(ours.get(url))
    assert "of 2 metrics, weighed" in text(theirs.get("/portal/performance/"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [("nonsense", "Enter a valid date"), ("2026-02-31", "Enter a valid date"), ("1066-10-14", "from the year 2000 on")],
)
def test_a_day_that_is_none_is_refused_and_today_shown(ours, url, asked, said):
    response = ours.get(url, {"on": asked})
    assert response.status_code == 422
    assert said in text(response)
    assert "250.50 of" in text(response)
    assert ours.get(f"{url}scorecard.pdf", {"on": asked}).status_code == 200


def test_a_day_to_come_is_refused(ours, url):
    tomorrow = today() + dt.timedelta(days=1)
    assert "Choose today or a day before" in text(ours.get(url, {"on": tomorrow.isoformat()}))


def test_a_past_day_shows_what_was_sold_by_then(ours, url, partner):
    then = today() - dt.timedelta(days=400)
    response = ours.get(url, {"on": then.isoformat()})
    assert response.status_code == 200
    assert "You see a past day" in text(response)
    assert "250.50" not in text(response)
    assert f"figures/performance_to_plan/?on={then.isoformat()}" in response.content.decode()


def test_no_data_is_a_dash_with_its_reason_and_never_0(acme, client_for):
    client = client_for(acme.cam_b)
    page = text(client.get(f"/partners/{acme.partner_b.pk}/performance/"))
    assert "No target for these months." in page
    assert "The vendor has no program of tiers in force on this day." in page
    assert "No results and no targets in these months." in page
    assert not re.findall(r".{60}(?<!\d)0%.{20}", page)
    assert client.get(f"/partners/{acme.partner_b.pk}/performance/scorecard.pdf").status_code == 200
    assert client.get(f"/partners/{acme.partner_b.pk}/performance/scorecard.xlsx").status_code == 200


def test_a_family_adds_up_only_where_there_are_branches(acme, client_for, partner, url):
    chief = client_for(acme.users[Role.CHIEF])
    assert "With branches" not in text(chief.get(url))
    acme.partner_b.parent = partner
    acme.partner_b.save()
    sell(acme.partner_b, "1000")
    alone, together = chief.get(url), chief.get(url, {"family": "1"})
    assert "With branches" in text(alone)
    assert "250.50 of" in text(alone)
    assert "1,250.50 of" in text(together)
    assert "family=1" in together.content.decode()


def test_new_data_is_there_at_once_though_the_figures_are_kept(ours, url, partner):
    assert "250.50 of" in text(ours.get(url))
    sell(partner, "49.50")
    page = text(ours.get(url))
    assert "300.00 of" in page
    assert "300.00 behind" not in page


def test_the_chip_in_the_header_stands_on_every_tab(ours, url, partner):
    expected = round(D("250.50") / plan_to_date("100") * 100)
    assert f"Performance to plan Now: {expected}%" in text(ours.get(url))
    assert f"Perf {expected} " in text(ours.get(f"/partners/{partner.pk}/"))
    cache.clear()
    assert f"Perf {expected} " in text(ours.get(f"/partners/{partner.pk}/people/"))


def test_what_the_page_costs_does_not_grow(ours, url, partner, program):
    def count() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert ours.get(url).status_code == 200
        # Which vendor a host is for is asked anew every half minute.
        return len([row for row in queries if "tenancy_domain" not in row["sql"] and "SET search" not in row["sql"]])

    Task.objects.create(key="first", name="First")
    count()
    few = count()
    for n in range(3):
        sell(partner, "10")
        strike(partner, f"Deal {n}")
        MetricValue.everything.create(
            partner=partner, metric=Metric.objects.create(key=f"m{n}", name=f"Metric {n}"), on=today(), value=1
        )
        Task.objects.create(key=f"t{n}", name=f"Task {n}")
        Touch.everything.create(partner=partner, on=today())
        Action.everything.create(partner=partner, title=f"Action {n}")
        Contact.everything.create(partner=partner, name=f"Person {n}", email=f"p{n}@x.example")
        PerformanceReview.everything.create(partner=partner, on=today() - dt.timedelta(days=n))
    assert count() <= few
    with CaptureQueriesContext(connection) as kept:
        ours.get(url)
    assert len(kept) < few - 15


# ── Reviewed with the partner ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def news() -> Iterator[list[PerformanceReviewed]]:
    heard: list[PerformanceReviewed] = []
    on(PerformanceReviewed)(heard.append)
    yield heard
    heard.clear()


def give(client: Client, url: str, **fields: Any) -> Any:
    data = {f"review-{name}": value for name, value in {"on": today().isoformat(), "note": "", **fields}.items()}
    return client.post(f"{url}review/", data)


def test_a_review_keeps_the_figures_of_its_day(ours, theirs, url, partner, news, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert give(ours, url, note="Two joint visits", shared="on").status_code == 302
    review = PerformanceReview.everything.get(on=today())
    assert review.shared
    assert news == [PerformanceReviewed(partner.pk, today())]
    kept = review.figures["figures"]
    assert D(kept["actual"]["value"]) == D("250.50")
    assert "growth_potential" in kept
    assert "growth_potential" not in review.figures["shared"]
    assert "metric:margin" not in review.figures["shared"]
    was = kept["performance_to_plan"]["shown"]
    sell(partner, "100000")
    assert f"plan {was:,}%" in text(ours.get(url))
    page = text(theirs.get("/portal/performance/"))
    assert "Two joint visits" in page
    assert f"plan {was:,}%" in page


def test_a_note_that_is_not_shared_stays_the_vendors(ours, theirs, url):
    give(ours, url, note="Watch their cash")
    assert "Watch their cash" in text(ours.get(url))
    page = text(theirs.get("/portal/performance/"))
    assert "Watch their cash" not in page
    assert "Reviewed with partner" in page


def test_a_review_of_a_day_to_come_or_twice_is_refused_and_keeps_what_was_typed(ours, url):
    tomorrow = today() + dt.timedelta(days=1)
    for fields, said in (
        ({"on": tomorrow.isoformat()}, "something that has happened"),
        ({"on": "yesterday"}, "Enter a valid date"),
        ({"on": (today() - dt.timedelta(days=20)).isoformat()}, "There is a review of this day already"),
    ):
        response = give(ours, url, note="kept words", **fields)
        assert response.status_code == 422
        assert said in text(response)
        assert "kept words" in response.content.decode()


def test_only_those_who_review_may(acme, client_for, url, partner):
    assert give(client_for(acme.users[Role.CHIEF]), url).status_code == 403
    assert "review-note" not in client_for(acme.users[Role.CHIEF]).get(url).content.decode()
    assert give(client_for(acme.cam_b), url).status_code == 404


def test_a_review_is_taken_back_by_its_author_or_operations_on_the_same_day(
    acme, ours, client_for, url, news, django_capture_on_commit_callbacks
):
    def undo(client: Client) -> bool:
        review = PerformanceReview.everything.get(on=today())
        with django_capture_on_commit_callbacks(execute=True):
            client.post(f"/performance-reviews/{review.pk}/undo/")
        return not PerformanceReview.everything.filter(pk=review.pk).exists()

    give(ours, url)
    acme.partner_a.cover = acme.cam_b
    acme.partner_a.save()
    assert not undo(client_for(acme.cam_b))
    assert undo(ours)
    assert news[-1].undone
    give(ours, url)
    assert undo(client_for(acme.users[Role.OPERATIONS]))
    give(ours, url)
    PerformanceReview.everything.filter(on=today()).update(at=dt.datetime.now(dt.UTC) - dt.timedelta(days=2))
    assert not undo(ours)


# ── Mail ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def post_mail(client: Client, url: str, to: str, message: str = "") -> Any:
    return client.post(f"{url}mail/", {"mail-to": to, "mail-message": message})


def test_a_user_of_the_partner_gets_the_figures_and_a_link_without_password(acme, ours, client_for, url, program):
    seller = acme.users_a[Role.PARTNER_SELLER]
    assert post_mail(ours, url, f"user-{seller.pk}", "See you on Monday").status_code == 302
    mail = OutgoingMail.objects.get()
    assert mail.to == seller.email
    for part in (mail.text, mail.html):
        assert "See you on Monday" in part
        assert "250.50 of" in part
        assert "2 more certified engineers" in part
        assert SECRET not in part
        assert "7777" not in part
    assert Notification.objects.filter(user=seller, text__contains="performance scorecard").exists()
    link = re.search(r"http://[^/\s]+(/\S+)", mail.text)
    assert link
    visitor = client_for(None)
    page = visitor.get(link[1], follow=True)
    assert page.status_code == 200
    assert "250.50 of" in text(page)
    assert SECRET not in page.content.decode()
    partner = acme.partner_a
    assert visitor.get(f"/portal/performance/{partner.pk}/scorecard.pdf").status_code == 200
    assert visitor.get(f"/portal/performance/{partner.pk}/figures/composite/").status_code == 200
    assert visitor.get(f"/portal/performance/{acme.partner_b.pk}/").status_code == 404
    assert visitor.get("/portal/").status_code == 302


def test_a_contact_without_access_gets_the_figures_alone(ours, url, partner):
    contact = Contact.everything.create(partner=partner, name="Ana Lima", email="ana@x.example")
    Contact.everything.create(partner=partner, name="Without address")
    page = ours.get(url).content.decode()
    assert f"contact-{contact.pk}" in page
    assert "Without address (" not in page
    post_mail(ours, url, f"contact-{contact.pk}")
    mail = OutgoingMail.objects.get()
    assert mail.to == "ana@x.example"
    assert "250.50 of" in mail.text
    assert "http" not in mail.text


def test_nobody_else_can_be_mailed_to(acme, ours, url):
    stranger = acme.users_b[Role.PARTNER_SELLER]
    other = Contact.everything.create(partner=acme.partner_b, name="Other", email="o@x.example")
    for to in (f"user-{stranger.pk}", f"contact-{other.pk}", "", "user-0"):
        assert post_mail(ours, url, to).status_code == 422
    assert not OutgoingMail.objects.exists()


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_pdf(response: Any) -> PdfReader:
    assert response["Content-Type"] == "application/pdf"
    return PdfReader(io.BytesIO(response.content))


def pdf_text(response: Any) -> str:
    return " ".join(page.extract_text() for page in read_pdf(response).pages)


def cells(response: Any) -> Iterator[tuple[str, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    for sheet in book:
        for row in sheet.iter_rows(values_only=True):
            yield sheet.title, *map(str, row)


@pytest.fixture
def worst(partner: Partner, cam: Any) -> Partner:
    """Everything as long and as many as it gets."""
    words = "Überregionale Vertriebsgesellschaft für Unternehmenssoftware und Netzwerktechnik "
    partner.name = (words * 3)[:200]
    partner.save()
    for n in range(16):
        metric = Metric.objects.create(key=f"long{n}", name=f"{n} {words}"[:80], unit="money", summary="sum", order=n)
        MetricValue.everything.create(
            partner=partner, metric=metric, on=today(), value=D("987654321.12"), currency="USD"
        )
        aim(partner, "123456789.12", metric.key)
        strike(partner, f"{n} {words * 3}"[:250], "987654321.99", days=n - 8)
        Touch.everything.create(partner=partner, on=today(), note=words * 5, people=words[:80], shared=True)
        Action.everything.create(
            partner=partner, title=(words * 3)[:250], owner=cam, due_on=today() - dt.timedelta(days=3), shared=True
        )
        Task.objects.create(key=f"task{n}", name=f"{n} {words}"[:80])
        Certificate.objects.create(key=f"c{n}", name=f"{n} {words}"[:80])
    asked = [
        {"type": "people", "key": f"r{n}", "name": f"{n} {words}"[:120], "certificates": [f"c{n}"], "minimum": 50,
         "unit": words[:80], "effort": "3"}
        for n in range(16)
    ]  # fmt: skip
    tiers = [{"tier": "gold", "requirements": asked, "certificates": {f"c{n}": 9 for n in range(16)}}]
    Policy.objects.create(kind="tiers", starts_on="2020-01-01", data={"name": "P", "tiers": tiers})
    return partner


@pytest.mark.pdf
@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_the_worst_case_is_one_sheet_of_paper(ours, theirs, url, worst, paper, size):
    for client, address in ((ours, url), (theirs, f"/portal/performance/{worst.pk}/")):
        found = read_pdf(client.get(f"{address}scorecard.pdf", {"paper": paper}))
        assert len(found.pages) == 1
        box = found.pages[0].mediabox
        assert (round(box.width), round(box.height)) == size
        printed = found.pages[0].extract_text()
        for part in ("Performance to plan", "Cheapest path", "Deals moving", "Open actions", "Last touches"):
            assert part in printed


@pytest.mark.pdf
@pytest.mark.parametrize(("country", "width"), [("DE", 595), ("US", 612), ("CA", 612)])
def test_paper_is_what_the_partners_country_uses(ours, url, partner, country, width):
    partner.country = country
    partner.save()
    assert round(read_pdf(ours.get(f"{url}scorecard.pdf")).pages[0].mediabox.width) == width


@pytest.mark.pdf
def test_on_paper_the_vendors_own_is_marked_and_can_be_left_out(ours, url, program):
    own, handed = (
        pdf_text(ours.get(f"{url}scorecard.pdf")),
        pdf_text(ours.get(f"{url}scorecard.pdf", {"for": "partner"})),
    )
    assert "Internal: not for the partner" in own
    assert SECRET in own
    assert "Growth potential" in own
    assert "Internal" not in handed
    assert SECRET not in handed
    assert "Growth potential" not in handed
    assert "250.50 of" in handed
    assert SECRET not in repr(list(cells(ours.get(f"{url}scorecard.xlsx", {"for": "partner"}))))


def test_the_workbook_has_every_figure_with_its_formula_and_numbers(ours, url, program):
    rows = list(cells(ours.get(f"{url}scorecard.xlsx")))
    assert {row[0] for row in rows} == {"Figures", "Quarters", "Months"}
    actual = next(row for row in rows if row[:2] == ("Figures", "Actual this fiscal year"))
    assert D(actual[2]) == D("250.5")
    assert "250.50" in actual[7]
    plan = next(row for row in rows if row[:2] == ("Figures", "Performance to plan"))
    assert "÷" in plan[6]
    level = next(row for row in rows if row[:2] == ("Figures", "Program level"))
    assert D(level[2]) == 0
    year = [row for row in rows if row[:3] == ("Quarters", "Performance to plan", "Year to date")]
    assert len(year) == 1
    assert D(year[0][5]) == D("250.5")
    assert D(year[0][4]) == 1200
    months = [row for row in rows if row[0] == "Months" and row[1] != "Month"]
    assert len(months) == 13
    assert D(months[-1][2]) == D("250.5")
    assert D(months[-1][3]) == 100
