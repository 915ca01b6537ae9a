"""Imports through the database: what is written, what is taken back, and when either is refused."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.permissions import Role
from partners import actions
from partners.models import Contact, Fact, Partner, PartnerType, Placement, Region, Tier
from prm.common.models import AuditEntry, Job
from prm.common.vendor import today
from prm.imports import engine, undo
from prm.imports.fields import NEW_CHOICE, NO_CHOICE
from prm.imports.formats import ColumnFormat, DateOrder
from prm.imports.messages import UnreadableFile
from prm.imports.models import ImportRun
from tests.imports.support import checked, csv, imported, run_job, tables, undone, xlsx

pytestmark = pytest.mark.django_db

STANDING = {"partner_type": "reseller", "stage": "recruit"}


@pytest.fixture
def admin(acme):
    return acme.users[Role.ADMIN]


def partners() -> dict[str, Partner]:
    return {row.name: row for row in Partner.objects.unscoped("the test's").select_related("parent", "cam", "region")}


def reasons(run: ImportRun) -> list[tuple[int, str, str]]:
    return [
        (row.number, reason["column"], reason["message"]["text"] % reason["message"]["params"])
        for row in run.kept_rows.filter(outcome="failing")
        for reason in row.reasons
    ]


def test_every_field_of_a_partner_comes_in_and_a_second_time_changes_nothing(acme, admin):
    cam = acme.users[Role.CAM]
    lines = (
        "External ID,Name,Website,Type,Tier,Stage,Region,Owner,Parent,Signed on,Country,City,Street,Street 2,Phone,Employees,Annual Revenue,Currency,Founded,Notes",
        f"N-1,Tailspin GmbH,https://www.tailspin.example/de,MSP,Gold,Onboarding,West,{cam.email.upper()},N-2,2024-05-31,Germany,Köln,Ring 1,3rd floor,+49 221 1,1.200,12.500 EUR,EUR,1998,Good",
        f"N-2,Tailspin Holding,,Reseller,,Mature,east,{cam.name},,31.12.2023,DE,,,,,,,,,",
    )
    lines = tuple(line.replace(",", ";") for line in lines)
    run = imported(csv(*lines), admin)
    assert run.counts["new"] == 2
    there = partners()
    one, two = there["Tailspin GmbH"], there["Tailspin Holding"]
    assert (one.external_id, one.domain, one.name_key) == ("N-1", "tailspin.example", "tailspin")
    assert (one.partner_type.key, one.tier.key, one.stage.key, one.region.key) == ("msp", "gold", "onboard", "west")
    assert (one.cam, one.parent, one.signed_on) == (cam, two, dt.date(2024, 5, 31))
    assert (one.country, one.city, one.address) == ("DE", "Köln", "Ring 1, 3rd floor")
    assert (one.employees, one.annual_revenue, one.annual_revenue_currency) == (1200, Decimal("12500"), "EUR")
    assert (one.year_opened, one.internal_note, one.phone) == (1998, "Good", "+49 221 1")
    assert (two.cam, two.region.key, two.tier, two.signed_on) == (cam, "east", None, dt.date(2023, 12, 31))
    placed = Placement.objects.unscoped("the test's").get(partner=one)
    assert (placed.starts_on, placed.stage.key, placed.cam, placed.by) == (today(), "onboard", cam, admin)
    again = checked(csv(*lines), admin)
    assert (again.counts["unchanged"], again.to_write, again.left_open) == (2, 0, 0)
    with pytest.raises(engine.ImportRefused, match="nothing to import"):
        engine.commit(again, by=admin)


def test_what_a_file_changes_is_shown_written_placed_and_audited(acme, admin):
    a = acme.partner_a
    run = checked(csv("id,city,tier,owner", f"{a.external_id},Ulm,Silver,{acme.cam_b.email}"), admin)
    (row,) = run.kept_rows.all()
    assert (row.outcome, row.record_id) == ("changed", a.pk)
    assert row.changes == {
        "city": ["", "Ulm"],
        "tier": ["Gold", "Silver"],
        "cam": [a.cam.name, acme.cam_b.name],
    }
    engine.commit(run, by=admin)
    run = run_job(run)
    before = a.updated_at
    a.refresh_from_db()
    assert (a.city, a.tier.key, a.cam, a.name) == ("Ulm", "silver", acme.cam_b, "Northwind ACME-A")
    assert a.updated_at > before
    assert Placement.objects.unscoped("the test's").get(partner=a).tier.key == "silver"
    entry = AuditEntry.objects.get(verb="partner.imported", partner_id=a.pk)
    assert (entry.actor, entry.changes["tier"], entry.note) == (admin, ["Gold", "Silver"], "partners.csv")
    assert AuditEntry.objects.get(verb="import.committed").target_id == str(run.pk)


def test_unknown_types_become_new_ones_known_ones_or_nothing_as_the_user_says(admin):
    file = csv("name,type,region", "One,Bike shop,Nordics", "Two,bike  SHOP,", "Three,Depot,?")
    run = engine.create(file=file, kind="partner", by=admin)
    asked = engine.questions(run, run.mapping)
    assert asked.unknown == {
        "partner_type": {"Bike shop": 1, "bike  SHOP": 1, "Depot": 1},
        "region": {"Nordics": 1, "?": 1},
    }
    assert [field.name for field in asked.for_all] == ["stage", "tier", "region", "cam"]
    assert asked.needed == {"stage"}
    before = tables()
    said = {
        "partner_type": {"Bike shop": NEW_CHOICE, "bike  SHOP": NEW_CHOICE, "Depot": "distributor"},
        "region": {"Nordics": NEW_CHOICE, "?": NO_CHOICE},
    }
    engine.choose_columns(run, mapping=run.mapping, meanings=said, defaults={"stage": "recruit", "region": ""})
    run = engine.check(run)
    assert run.counts["new"] == 3
    assert not PartnerType.objects.filter(name="Bike shop").exists(), "a dry run adds nothing"
    engine.commit(run, by=admin)
    run = run_job(run)
    there = partners()
    assert [there[name].partner_type.name for name in ("One", "Two", "Three")] == [
        "Bike shop",
        "Bike shop",
        "Distributor",
    ]
    assert [str(there[name].region) for name in ("One", "Two", "Three")] == ["Nordics", "None", "None"]
    assert Region.objects.get(name="Nordics").key == "nordics"
    undone(run, admin)
    assert tables() == before


def test_what_only_the_user_can_know_is_asked(admin):
    file = csv("name,signed on,annual revenue", "One,03/04/2026,1,234".replace("1,234", '"1,234"'), "Two,,")
    run = engine.create(file=file, kind="partner", by=admin)
    asked = engine.questions(run, run.mapping)
    assert {name: form.certain for name, form in asked.formats.items()} == {"signed_on": False, "annual_revenue": False}
    assert "annual_revenue_currency" in asked.needed
    defaults = {**STANDING, "annual_revenue_currency": "EUR"}
    engine.choose_columns(
        run, mapping=run.mapping, formats={"signed_on": ColumnFormat(DateOrder.MDY)}, defaults=defaults
    )
    run = engine.check(run)
    engine.commit(run, by=admin)
    run_job(run)
    one, two = partners()["One"], partners()["Two"]
    assert (one.signed_on, one.annual_revenue, one.annual_revenue_currency) == (dt.date(2026, 3, 4), 1234, "EUR")
    assert (two.annual_revenue, two.annual_revenue_currency) == (None, "")


TEN_BAD_ROWS = (
    "id,name,website,type,owner,parent,country,employees,annual revenue,signed on",
    "B-1,,,Reseller,,,,,,",
    "B-2,No address,not a domain,Reseller,,,,,,",
    "B-3,No type,,Spaceship,,,,,,",
    "B-4,No such owner,,Reseller,nobody@acme.example,,,,,",
    "B-5,No parent,,Reseller,,Nowhere Inc,,,,",
    "B-6,No country,,Reseller,,,Atlantis,,,",
    "B-7,Negative,,Reseller,,,,-5,,",
    "B-8,No number,,Reseller,,,,,plenty,",
    "B-9,No day,,Reseller,,,,,,31/02/2026",
    "B-9,Said twice,,Reseller,,,,,,",
    "B-11,Torn,,Reseller",
    f"B-12,{'x' * 201},,Reseller,,,,,,",
    "B-13,Good,,Reseller,,,,12,,2026-01-31",
    "B-14,Its child,,Reseller,,Negative,,,,",
)


def test_each_bad_row_is_named_by_row_column_and_reason_and_the_good_ones_go_in_only_if_one_says_so(admin):
    before = tables()
    run = checked(csv(*TEN_BAD_ROWS), admin, defaults={"stage": "recruit"})
    assert reasons(run) == [
        (2, "name", "Name is missing."),
        (3, "website", "“not a domain” is not a web address or domain."),
        (4, "type", "“Spaceship” is not one of: Reseller, Managed service provider, Systems integrator, Independent software vendor, Distributor, Referral partner, Agency."),
        (5, "owner", "“nobody@acme.example” is not one of: Cam ACME, Camilla ACME-B."),
        (6, "parent", "Parent partner “Nowhere Inc” is not known."),
        (7, "country", "“Atlantis” is not a country. Use its English name or its ISO code."),
        (8, "employees", "-5 is negative; 0 is the least."),
        (9, "annual revenue", "“plenty” is not a number (expected: 1,234.50)."),
        (10, "signed on", "“31/02/2026” is not a date (expected: 31/12/2026, 2026-12-31)."),
        (11, "id", "The same External id as in row 10, but not the same values."),
        (12, "", "The row has 4 cells, the header 10: perhaps a text holds an unquoted delimiter.".replace("delimiter", "line break")),
        (13, "name", "201 characters; 200 is the most."),
        (15, "parent", "It refers to row 8, which will not be imported."),
    ]  # fmt: skip
    assert (run.counts["new"], run.counts["failing"]) == (1, 13)
    with pytest.raises(engine.ImportRefused, match="13 rows can’t go in as they are"):
        engine.commit(run, by=admin)
    assert tables() == before
    engine.commit(run, by=admin, partial=True)
    run = run_job(run)
    assert (run.state, run.job.state) == ("committed", Job.State.DONE)
    assert {name for name in partners() if not name.endswith(("-A", "-B"))} == {"Good"}


def test_undo_leaves_every_table_as_counted_before_and_every_value_as_it_was(acme, admin):
    a = acme.partner_a
    actions.move_partners(by=admin, partners=Partner.objects.visible_to(admin).filter(pk=a.pk), what="tier", value=Tier.objects.get(key="platinum"), reason="Grew")  # fmt: skip
    a.refresh_from_db()
    before = tables()
    values = Partner.objects.unscoped("the test's").filter(pk=a.pk).values().get()
    places = list(Placement.objects.unscoped("the test's").order_by("pk").values())
    run = imported(
        csv("id,name,tier,parent,annual revenue", f"{a.external_id},Northwind new,Silver,New Co,1.5", "X-1,New Co,Gold,,", "X-2,Branch,Gold,New Co,"),
        admin, defaults={**STANDING, "annual_revenue_currency": "USD"},
    )  # fmt: skip
    a.refresh_from_db()
    assert (a.name, a.tier.key, a.parent.name, a.annual_revenue) == (
        "Northwind new",
        "silver",
        "New Co",
        Decimal("1.5"),
    )
    Fact.objects.unscoped("derived").create(partner=partners()["Branch"], month="2026-11-01", metric="test", value=1)
    run = undone(run, admin)
    assert (run.state, run.undone_by, run.job.state) == ("undone", admin, Job.State.DONE), run.job.error
    assert tables() == before
    now = Partner.objects.unscoped("the test's").filter(pk=a.pk).values().get()
    assert {**now, "updated_at": 0} == {**values, "updated_at": 0}
    assert list(Placement.objects.unscoped("the test's").order_by("pk").values()) == places
    assert AuditEntry.objects.filter(verb="partner.import_undone").count() == 3
    with pytest.raises(engine.ImportRefused, match="not imported"):
        undo.undo(run, by=admin)
    assert imported(csv("id,name", "X-1,New Co"), admin, defaults=STANDING).counts["new"] == 1, "and it can come again"


def test_undo_is_refused_naming_what_was_built_on_it(acme, admin):
    a = acme.partner_a
    run = imported(csv("id,name,tier", f"{a.external_id},,Silver", "X-1,New Co,", "X-2,Other Co,", "X-3,Moved Co,"), admin, defaults=STANDING)  # fmt: skip
    there = partners()
    actions.add_action(by=admin, partner=there["New Co"], title="Call them")
    actions.add_contact(by=admin, partner=there["New Co"], name="Ann Bell")
    actions.update_partner(by=admin, partner=there["Other Co"], changes={"city": "Ulm"})
    actions.update_partner(by=admin, partner=a, changes={"tier": Tier.objects.get(key="platinum")})
    before = tables()
    assert [(blocker.record, blocker.what) for blocker in undo.blockers(run)] == [
        ("New Co", "Contact: Ann Bell"),
        ("New Co", "Action: Call them"),
        ("Northwind ACME-A", "changed since: tier"),
        ("Other Co", "changed since: city"),
        ("Northwind ACME-A from 2026-11-21".replace("2026-11-21", str(today())), "changed since: tier"),
    ]
    run = undone(run, admin)
    assert (run.state, run.job.state) == ("committed", Job.State.FAILED)
    assert "New Co (Action: Call them)" in run.job.error
    assert tables() == before
    assert undo.blockers(run)[0].url == there["New Co"].get_absolute_url()


def test_undo_is_refused_once_a_partner_moved_on_even_if_back(acme, admin):
    a = acme.partner_a
    run = imported(csv("id,tier", f"{a.external_id},Silver"), admin)
    Placement.objects.unscoped("the import was yesterday").update(starts_on=today() - dt.timedelta(days=1))
    for key in ("gold", "silver"):
        actions.update_partner(by=admin, partner=a, changes={"tier": Tier.objects.get(key=key)})
    (blocker, *_rest) = [b for b in undo.blockers(run) if b.record == a.name]
    assert blocker.what == f"moved since, on {today()}"


def test_what_looks_alike_waits_for_a_decision(acme, admin):
    run = checked(csv("name,city", "Northwind ACME A Systems,Ulm"), admin, defaults=STANDING)
    (row,) = run.kept_rows.all()
    assert (row.outcome, [c["id"] for c in row.candidates]) == ("proposed", [acme.partner_a.pk])
    with pytest.raises(engine.ImportRefused, match="1 row can’t go in"):
        engine.commit(run, by=admin)
    assert engine.decide(run, {2: acme.partner_a.pk}, by=admin).counts["changed"] == 1
    assert engine.decide(run, {2: None}, by=admin).counts["new"] == 1


def test_the_import_plans_again_with_what_is_there_by_then(acme, admin):
    lines = ("id,name,city", "X-1,New Co,Ulm")
    first, second = (checked(csv(*lines), admin, defaults=STANDING) for _n in range(2))
    for run in (first, second):
        engine.commit(run, by=admin)
    first, second = run_job(first), run_job(second)
    assert (first.counts["new"], second.counts["new"], second.counts["unchanged"]) == (1, 0, 1)
    late = checked(csv("name,parent", "Child,New Co"), admin, defaults=STANDING)
    engine.commit(late, by=admin)
    undone(first, admin)
    late = run_job(late)
    assert (late.state, late.job.state) == ("checked", Job.State.FAILED)
    assert "The data changed since the check. 1 row can’t go in" in late.job.error
    assert "Child" not in partners()


def test_a_record_added_at_the_same_moment_makes_the_import_fail_whole(acme, admin, monkeypatch):
    run = checked(csv("id,name", "X-1,New Co", "X-2,Next Co"), admin, defaults=STANDING)
    engine.commit(run, by=admin)
    from prm.imports import writing

    plans = writing.plans

    def and_meanwhile(*args, **kwargs):
        for found in plans(*args, **kwargs):
            Partner.objects.create(name="Quick", external_id="X-2", partner_type=acme.partner_a.partner_type, stage=acme.partner_a.stage)  # fmt: skip
            yield found

    monkeypatch.setattr(writing, "plans", and_meanwhile)
    run = run_job(run)
    assert run.job.state == Job.State.FAILED
    assert "Nothing was imported: run it again" in run.job.error
    assert "New Co" not in partners()


def test_contacts_find_their_partner_and_a_new_main_contact_takes_the_place_of_the_old(acme, admin):
    a, b = acme.partner_a, acme.partner_b
    old = actions.add_contact(by=admin, partner=a, name="Old Main", email="Old@main.example", is_primary=True)
    before = tables()
    lines = (
        "Account ID,First name,Last name,Email,Title,Department,Primary",
        f"{a.external_id},Ann,Bell,ann@bell.example,CEO,Executive,yes",
        f"https://{a.domain}/,Old,Main,old@main.example,Boss,,",
        f"{b.name.upper()},Bob,Cole,,,Sales,x",
        "Nobody Ltd,Eve,Dean,,,,",
    )
    run = checked(csv(*lines), admin, "contact")
    assert reasons(run) == [(5, "Account ID", "Partner “Nobody Ltd” is not known.")]
    engine.commit(run, by=admin, partial=True)
    run = run_job(run)
    assert (run.counts["new"], run.counts["changed"]) == (2, 1)
    ann = Contact.objects.unscoped("the test's").get(email="ann@bell.example")
    assert (ann.partner, ann.name, ann.title, ann.function, ann.is_primary) == (a, "Ann Bell", "CEO", "executive", True)
    old.refresh_from_db()
    assert (old.title, old.is_primary) == ("Boss", False)
    assert checked(csv(*lines[:4]), admin, "contact").counts["unchanged"] == 3
    undone(run, admin)
    old.refresh_from_db()
    assert (old.title, old.is_primary) == ("", True)
    assert tables() == before


def test_two_main_contacts_of_one_partner_are_refused(acme, admin):
    a = acme.partner_a
    run = checked(csv("partner,name,primary", f"{a.name},Ann,1", f"{a.name},Bob,1"), admin, "contact")
    assert reasons(run) == [(3, "primary", "Row 2 is the partner’s main contact already.")]


def test_a_sheet_can_be_chosen_and_a_file_thrown_away(admin):
    file = xlsx(("name", "id"), ("New Co", 7))
    run = engine.create(file=file, kind="partner", by=admin)
    assert (run.sheets, run.sheet, run.rows, run.mapping) == (["Sheet"], "Sheet", 1, ["name", "external_id"])
    with pytest.raises(UnreadableFile):
        engine.choose_sheet(run, "Other", by=admin)
    engine.choose_sheet(run, "Sheet", by=admin)
    storage, name = run.file.storage, run.file.name
    assert storage.exists(name)
    engine.discard(run)
    assert not ImportRun.objects.exists()


def test_an_unreadable_file_leaves_nothing(admin):
    from django.core.files.base import ContentFile

    with pytest.raises(UnreadableFile, match="PDF"):
        engine.create(file=ContentFile(b"%PDF-1.7", name="a.csv"), kind="partner", by=admin)
    assert not ImportRun.objects.exists()


def test_a_long_file_is_read_and_checked_in_the_background(admin, monkeypatch):
    monkeypatch.setattr(engine, "DIRECT_ROWS", 2)
    run = engine.create(file=csv("name", "One", "Two", "Three"), kind="partner", by=admin)
    assert (run.rows, run.job.state) == (None, Job.State.QUEUED)
    with pytest.raises(engine.ImportRefused, match="still going on"):
        engine.choose_columns(run, mapping=["name"])
    run = run_job(run)
    assert (run.rows, run.mapping) == (3, ["name"])
    run = engine.choose_columns(run, mapping=run.mapping, defaults=STANDING)
    run = engine.start_check(run, by=admin)
    assert run.state == "mapped"
    again = engine.start_check(run, by=admin)
    assert again.job == run.job, "a second click starts nothing"
    run = run_job(run)
    assert (run.state, run.counts["new"], run.job.result) == ("checked", 3, {"new": 3})


def test_an_import_stays_in_its_vendor(acme, globex, admin):
    with globex:
        before = tables()
    with acme:
        imported(csv("name", "New Co"), admin, defaults=STANDING)
    with globex:
        assert tables() == before
        assert not ImportRun.objects.exists()
