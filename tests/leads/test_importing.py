"""Leads out of files: graded, given out an hour later, recognised when they come again, taken back."""

import datetime as dt

from django.utils import timezone

from leads.models import Lead, LeadSource, LeadStep
from leads.tasks import run_due
from pipeline.models import ProductLine
from prm.imports.fields import NEW_CHOICE
from prm.imports.outcome import Outcome
from tests.imports.support import checked, csv, imported, undone

HEAD = "Company,First Name,Last Name,Email,Lead Source,Lead Score,Country,Product,Consent,Consent Date,Lead ID,Created Date"


def row(
    company="Contoso",
    *,
    score="80",
    number="L-1",
    consent="Fair",
    mail="ana@contoso.example",
    product="Suite",
    source="Web",
):
    return f"{company},Ana,Berg,{mail},{source},{score},Norway,{product},{consent},2026-01-02,{number},2026-01-05"


def lead_file(*rows, head=HEAD):
    return csv(head, *rows)


def test_a_file_of_leads(admin):
    line = ProductLine.objects.create(key="suite", name="Suite")
    run = imported(
        lead_file(row(), row("Fabrikam", score="", number="L-2", mail="bo@fabrikam.example")), admin, kind="lead"
    )
    assert run.counts[Outcome.NEW] == 2
    first, second = Lead.everything.order_by("pk")
    assert (first.person, first.email, first.country, first.grade) == ("Ana Berg", "ana@contoso.example", "NO", "A")
    assert (first.consent_from, first.consent_on) == ("Fair", dt.date(2026, 1, 2))
    assert first.created_at == dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
    assert list(first.product_lines.all()) == [line]
    assert second.score == LeadSource.objects.get(key="web").default_score
    assert [step.kind for step in LeadStep.everything.filter(lead=first)] == ["added"]
    now = timezone.now()
    assert run_due(now)["given_out"] == 0
    assert run_due(now + dt.timedelta(hours=1, minutes=1))["given_out"] == 2


def test_known_again_by_its_id_and_by_person_and_company(admin):
    ProductLine.objects.create(key="suite", name="Suite")
    imported(lead_file(row(), row("Fabrikam", number="", mail="bo@fabrikam.example")), admin, kind="lead")
    again = lead_file(
        row(score="20"), row("FABRIKAM Ltd", number="", mail="bo@fabrikam.example"), row("New", number="L-9", mail="")
    )
    run = imported(again, admin, kind="lead")
    assert (run.counts[Outcome.NEW], run.counts[Outcome.CHANGED]) == (1, 2)
    assert Lead.everything.get(external_id="L-1").grade == "D"
    assert Lead.everything.count() == 3


def test_a_number_without_consent_does_not_come_in(admin):
    ProductLine.objects.create(key="suite", name="Suite")
    run = checked(lead_file(row(consent="")), admin, kind="lead")
    failing = run.kept_rows.get()
    assert failing.outcome == Outcome.FAILING
    assert "agreed" in str(failing.reasons)


def test_a_new_source_comes_along_and_all_can_be_taken_back(admin):
    ProductLine.objects.create(key="suite", name="Suite")
    run = imported(lead_file(row(source="Webinar")), admin, kind="lead", meanings={"source": {"Webinar": NEW_CHOICE}})
    assert Lead.everything.get().source.name == "Webinar"
    assert undone(run, admin).job.error == ""
    assert not Lead.everything.exists()
    assert not LeadSource.objects.filter(name="Webinar").exists()
