"""The vendor the bench runs on: the generator of the demo at full size, kept in a database of its own until it changes."""

import datetime as dt
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django_tenants.utils import schema_context

from demo.build import fill
from demo.profiles import ACME
from leads.models import Lead, LeadOffer, LeadStep
from partners import facts
from pipeline.models import Deal, DealShare, SalesResult, StageChange, TargetMonth, TargetVersion
from prm.tenancy.provisioning import create_vendor, provision_vendor
from scorecards import contenders
from scorecards.models import Answer, Assessment, AssessmentScore

ROOT = Path(__file__).resolve().parents[2]
PROFILE = replace(ACME, name="Bench", partners=10_000, cams=250, coverage=0.75)
LEADS = 100_000
DEALS = 250_000


def use(database: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = database


def prepare() -> str:
    """The name of the filled database; made first where it isn't there, which takes half an hour, else brought to today's tables."""
    name = f"bench_{_key()}"
    with _administering() as (databases, execute):
        if name not in databases:
            for old in databases:
                if old.startswith("bench_"):
                    execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            execute(f'CREATE DATABASE "{name}_building"')
    if name not in databases:
        started = time.monotonic()
        use(f"{name}_building")
        _fill()
        connection.close()
        with _administering() as (_databases, execute):
            execute(f'ALTER DATABASE "{name}_building" RENAME TO "{name}"')
        print(f"Made in {time.monotonic() - started:.0f} s.", flush=True)
    use(name)
    call_command("migrate_vendors", verbosity=0)
    return name


def _key() -> str:
    """Changes with the generator, and the quarter that it ends in; what isn't filled by it (new tables, QBRs) costs no new data."""
    today = dt.date.today()
    digest = hashlib.sha256(f"{today.year} {(today.month - 1) // 3}".encode())
    patterns = ("demo/*.py", "*/start.py", "*/defaults/*.yaml")
    files = {file for pattern in patterns for file in ROOT.glob(pattern)} - {ROOT / "demo/qbrs.py"}
    for file in sorted(files | {Path(__file__)}):
        digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _administering() -> Iterator[tuple[set[str], object]]:
    """The names of all databases, and how to run a statement outside any of them."""
    use("postgres")
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        yield {row[0] for row in cursor.fetchall()}, cursor.execute
    connection.close()


def _fill() -> None:
    call_command("migrate_vendors", verbosity=0)
    vendor = create_vendor(schema_name=PROFILE.schema, name=PROFILE.name, host=PROFILE.host)
    provision_vendor(vendor)
    with schema_context(PROFILE.schema):
        connection.tenant = vendor
        fill(PROFILE, say=lambda text: print(text, flush=True))
        _add_history()
        _add_sales()
        _add_leads()
        started = time.monotonic()
        written = facts.refresh()
        print(f"{written.written:,} facts made in {time.monotonic() - started:.0f} s.", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _add_history() -> None:
    """Two more years before the generated ones: a copy of what was finished, two years older, so that there are 80,000.

    Copied in the database, as the rules that made the first ones would take minutes more.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM scorecards_assessment")
        [(step,)] = cursor.fetchall()
        moved = {
            "id": "id + %(step)s",
            "contends": "false",
            "period": "(left(period, 4)::int - 2)::text || substr(period, 5)",
            **{
                name: f"({name} - interval '2 years')" + ("::date" if name.endswith("_on") else "")
                for name in ("started_at", "last_active_at", "finished_at", "finished_on")
            },
        }
        _copy(cursor, Assessment, moved, "status <> 'draft'", step)
        of_those = "assessment_id IN (SELECT id FROM scorecards_assessment WHERE status <> 'draft' AND id <= %(step)s)"
        _copy(
            cursor, AssessmentScore, {"assessment_id": "assessment_id + %(step)s", "contends": "false"}, of_those, step
        )
        older = {"assessment_id": "assessment_id + %(step)s", "at": "at - interval '2 years'"}
        _copy(cursor, Answer, older, of_those, step)
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('scorecards_assessment', 'id'), max(id)) FROM scorecards_assessment"
        )
    contenders.mark_all()


def _add_sales() -> None:
    """A third year of results and targets before the generated two, and copies of the deals until there are enough, of which
    a fifth is shared with another partner."""
    with connection.cursor() as cursor:
        _copy(
            cursor,
            SalesResult,
            {"source": "'older'", "on": _older("on", 24)},
            "\"on\" > now() - interval '12 months'",
            0,
        )
        cursor.execute("SELECT max(id) FROM pipeline_targetversion")
        [(step,)] = cursor.fetchall()
        first = "number = 1 AND id <= %(step)s"
        moved = {"id": "id + %(step)s", "number": "number + 100", "first_month": _older("first_month", 12)}
        _copy(cursor, TargetVersion, moved, first, step)
        moved = {"version_id": "version_id + %(step)s", "month": _older("month", 12)}
        of_those = f"version_id IN (SELECT id FROM pipeline_targetversion WHERE {first})"
        _copy(cursor, TargetMonth, moved, of_those, step)
        cursor.execute("SELECT max(id), count(*) FROM pipeline_deal")
        [(step, count)] = cursor.fetchall()
        for turn in range(1, DEALS // count + 1):
            _copy_deals(cursor, step, turn, DEALS - turn * count)
        cursor.execute(
            """WITH shared AS (UPDATE pipeline_dealshare SET percent = 70 WHERE mod(deal_id, 5) = 0 RETURNING deal_id, partner_id)
            INSERT INTO pipeline_dealshare (deal_id, partner_id, percent)
            SELECT deal_id, (SELECT id FROM partners_partner p WHERE p.id > s.partner_id ORDER BY id LIMIT 1), 30
            FROM shared s WHERE EXISTS (SELECT FROM partners_partner p WHERE p.id > s.partner_id)"""
        )
        for table in ("pipeline_deal", "pipeline_targetversion"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")


def _copy_deals(cursor: CursorWrapper, step: int, turn: int, most: int) -> None:
    """The first deals again: closed ones some months older, open ones as they are."""
    days = f"(CASE WHEN closed_on IS NULL THEN 0 ELSE {turn * 110} END)"
    older = {
        name: f"({name} - {days})"
        for name in ("created_on", "closed_on", "expected_close", "stage_since", "registered_on")
    }
    copied = f"id <= %(step)s AND id IN (SELECT id FROM pipeline_deal WHERE id <= %(step)s ORDER BY id LIMIT {most})"
    key = f"id + {turn} * %(step)s"
    _copy(cursor, Deal, {"id": key, "source": f"'copy{turn}'", **older}, copied, step)
    of_those = f"deal_id <= %(step)s AND EXISTS (SELECT FROM pipeline_deal d WHERE d.id = deal_id + {turn} * %(step)s)"
    _copy(cursor, DealShare, {"deal_id": f"deal_id + {turn} * %(step)s"}, of_those, step)
    on = {"on": f'("on" - {turn * 110})', "deal_id": f"deal_id + {turn} * %(step)s"}
    _copy(cursor, StageChange, on, of_those, step)


def _add_leads() -> None:
    """Copies of the leads, with their offers and history, until there are enough: closed ones some weeks older each time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id), count(*) FROM leads_lead")
        [(step, count)] = cursor.fetchall()
        for turn in range(1, LEADS // count + 1):
            _copy_leads(cursor, step, turn, LEADS - turn * count)
        cursor.execute("SELECT setval(pg_get_serial_sequence('leads_lead', 'id'), max(id)) FROM leads_lead")


def _copy_leads(cursor: CursorWrapper, step: int, turn: int, most: int) -> None:
    key = f"+ {turn} * %(step)s"
    weeks = f"interval '{turn} weeks'"
    times = ("created_at", "accepted_at", "contact_by", "contacted_at", "qualified_at", "closed_at")
    moved = {name: f"(CASE WHEN closed_at IS NULL THEN {name} ELSE {name} - {weeks} END)" for name in times}
    copied = f"id <= %(step)s AND id IN (SELECT id FROM leads_lead WHERE id <= %(step)s ORDER BY id LIMIT {most})"
    _copy(cursor, Lead, {"id": f"id {key}", "external_id": "NULL", **moved}, copied, step)
    of_those = f"lead_id <= %(step)s AND EXISTS (SELECT FROM leads_lead l WHERE l.id = lead_id {key})"
    of_lead = {"lead_id": f"lead_id {key}"}
    _copy(cursor, Lead.product_lines.through, of_lead, of_those, step)
    _copy(
        cursor, LeadOffer, {**of_lead, "distribution_id": "NULL", "offered_at": f"offered_at - {weeks}"}, of_those, step
    )
    _copy(cursor, LeadStep, {**of_lead, "at": f"at - {weeks}"}, of_those, step)


def _older(name: str, months: int) -> str:
    return f"(\"{name}\" - interval '{months} months')::date"


def _copy(cursor: CursorWrapper, model: type[Model], changes: dict[str, str], where: str, step: int) -> None:
    """The rows again with some columns changed; the key is given by the table where it isn't."""
    names = [str(field.column) for field in model._meta.concrete_fields]
    names = [name for name in names if name in changes or name != "id"]
    quoted = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changes.get(name, f'"{name}"') for name in names)
    table = model._meta.db_table
    cursor.execute(f"INSERT INTO {table} ({quoted}) SELECT {values} FROM {table} WHERE {where}", {"step": step})
