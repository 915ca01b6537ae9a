"""Registrations by file: drafts or submitted at once, refused by row, and taken back."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.permissions import Role
from dealdesk.models import Registration
from pipeline.models import ProductLine
from prm.common.vendor import today
from prm.imports import undo
from tests.dealdesk.making import line, ruled, seller, submitted
from tests.dealdesk.test_pages import text
from tests.imports.support import checked, csv, imported, tables, undone
from tests.imports.test_engine import reasons

pytestmark = pytest.mark.django_db
KIND = "registration"
HEAD = "Partner,Company,Website,Country,Product,Amount,Currency,Expected close,Description,Email,RFP,Status"
SAID = {"state": "draft"}


@pytest.fixture
def admin(acme):
    line()
    return acme.users[Role.ADMIN]


def row(acme, *, company="Contoso GmbH", amount="25000", close=60, status="Submit", need="New servers") -> str:
    day = today() + dt.timedelta(days=close)
    return f"{acme.partner_a.external_id},{company},contoso.de,Germany,Servers,{amount},USD,{day},{need},rosa@contoso.de,no,{status}"


def made() -> list[Registration]:
    return list(Registration.everything.order_by("pk"))


def test_a_row_is_a_draft_or_submitted_with_all_that_it_says(acme, admin):
    run = imported(
        csv(HEAD, row(acme), row(acme, company="Litware", status="Draft", amount="")), admin, KIND, defaults=SAID
    )
    first, draft = made()
    assert run.counts["new"] == 2
    assert (first.state, first.channel, first.partner, first.by_vendor) == ("submitted", "file", acme.partner_a, True)
    assert (first.customer_name, first.domain, first.country, first.amount, first.currency) == (
        "Contoso GmbH", "contoso.de", "DE", 25_000, "USD",
    )  # fmt: skip
    assert (first.need, first.contact_email, [str(one) for one in first.product_lines.all()]) == (
        "New servers", "rosa@contoso.de", ["Servers"],
    )  # fmt: skip
    assert (draft.state, draft.amount) == ("draft", None)


def test_the_files_order_is_the_place(acme, admin):
    names = ("Fourth Coffee", "Alpine Ski House", "Lucerne Publishing")
    imported(csv(HEAD, *(row(acme, company=name) for name in names)), admin, KIND, defaults=SAID)
    assert [one.customer_name for one in sorted(made(), key=lambda one: one.submitted_at)] == list(names)


def test_a_second_time_and_twice_in_a_file_make_nothing_new(acme, admin):
    submitted(acme)
    run = checked(csv(HEAD, row(acme, company="Contoso AG"), row(acme, company="Litware"), row(acme, company="LITWARE", need="x")), admin, KIND, defaults=SAID)  # fmt: skip
    assert (run.counts["unchanged"], run.counts["new"], run.counts["repeated"]) == (1, 1, 1)


def test_what_the_policy_refuses_fails_its_row_and_says_why(acme, admin):
    ruled(minimum="1000", slots=1)
    lines = (
        row(acme, company="Small", amount="5"),
        row(acme, company="Past", close=-1),
        row(acme, company="No need", need=""),
    )
    run = checked(csv(HEAD, *lines, row(acme), row(acme, company="One too many")), admin, KIND, defaults=SAID)
    assert (run.counts["failing"], run.counts["new"]) == (4, 1)
    said = " ".join(str(one) for one in reasons(run))
    for words in ("below the smallest amount", "This day has passed", "needed to submit", "as many registrations open"):
        assert words in said


def test_drafts_are_taken_back_and_what_was_submitted_stays(acme, admin):
    before = tables()
    run = imported(csv(HEAD, row(acme, status="Draft")), admin, KIND, defaults=SAID)
    undone(run, admin)
    assert tables() == before
    run = imported(csv(HEAD, row(acme)), admin, KIND, defaults=SAID)
    assert undo.blockers(run)
    undone(run, admin)
    assert len(made()) == 1


# ── A partner's own file ─────────────────────────────────────────────────────────────────────────────────────────────

OWN = "/portal/registrations/file/"
COLUMNS = "Company,Website,Country,Product Line,Amount,Currency,Close Date,Description,Colour"


def sent(client, *lines: str, **ticks: str):
    return client.post(
        OWN, {"file": SimpleUploadedFile("deals.csv", "\n".join([COLUMNS, *lines]).encode()), **ticks}, follow=True
    )


@pytest.fixture
def own(acme, client_for):
    line()
    line("backup")
    return client_for(seller(acme))


def day(days: int) -> str:
    return (today() + dt.timedelta(days=days)).isoformat()


def test_a_partners_own_file_becomes_drafts_or_is_submitted_where_complete(acme, own):
    lines = (
        f"Contoso GmbH,contoso.de,Germany,Servers; Backup,25000,EUR,{day(60)},New servers,blue",
        f"Litware,,France,Backup,900,EUR,{day(9)},,blue",
    )
    page = text(sent(own, *lines, submit="on"))
    assert "1 submitted. 1 draft. Not understood, and left out: Colour." in page
    assert "What they need: This is needed to submit it." in page
    first, second = made()
    assert (first.state, first.channel, first.by_vendor, first.product_lines.count()) == ("submitted", "file", False, 2)
    assert second.state == "draft"
    assert "2 were there already." in text(sent(own, *lines))
    assert len(made()) == 2


def test_product_lines_may_stand_between_commas_as_in_our_own_lists(acme, own):
    ProductLine.objects.create(key="care", name="Care, worldwide")
    sent(
        own,
        f'Contoso GmbH,,Germany,"Servers, Backup",1,EUR,{day(60)},Both,blue',
        f'Litware,,France,"Care, worldwide; Servers",1,EUR,{day(9)},Service,blue',
    )
    assert [sorted(str(line) for line in row.product_lines.all()) for row in made()] == [
        ["Backup", "Servers"], ["Care, worldwide", "Servers"],
    ]  # fmt: skip


def test_a_row_that_is_wrong_is_named_and_the_others_wait(own):
    lines = (
        f"Contoso,,Atlantis,Servers,5,EUR,{day(9)},x,",
        f"Litware,,France,Anvils,5,EUR,{day(9)},x,",
        f"Fine,,France,Servers,5,EUR,{day(9)},x,",
    )
    page = sent(own, *lines)
    assert page.status_code == 422
    assert "There is no product line “Anvils”." in text(page)
    assert "“Atlantis” is not a country" in text(page)
    assert made() == []
    sent(own, *lines, partial="on")
    assert [one.customer_name for one in made()] == ["Fine"]
