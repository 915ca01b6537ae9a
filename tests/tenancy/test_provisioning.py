"""Making, suspending, exporting and deleting vendors."""

import io
import re
import tarfile
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from accounts.permissions import Role
from partners.models import LifeStage, Partner
from prm.common.models import OutgoingMail, VendorSettings
from prm.tenancy import provisioning
from prm.tenancy.middleware import _known
from prm.tenancy.models import TEMPLATE_SCHEMA, Domain, Vendor


@pytest.fixture(autouse=True)
def _forget_hosts():
    yield
    _known.clear()


@pytest.fixture
def public(db):
    connection.set_schema_to_public()


def command(*args, **options) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def create(schema="contoso", admin="") -> Vendor:
    command("create_vendor", schema, f"{schema}.localhost", name="Contoso", admin=admin, now=True)
    return Vendor.objects.get(schema_name=schema)


STRUCTURE = {
    "constraints": """
        SELECT t.relname, c.conname, pg_get_constraintdef(c.oid)
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = c.connamespace
        WHERE n.nspname = %(schema)s""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %(schema)s",
    "columns": """
        SELECT table_name, column_name, data_type, is_nullable, identity_generation, column_default
        FROM information_schema.columns WHERE table_schema = %(schema)s""",
    "migrations": "SELECT app, name FROM {schema}.django_migrations",
}


def _plain(value: str | None, schema: str) -> str | None:
    """Without the schema, and without the casts that PostgreSQL prints anew each time it reads its own print."""
    return value and re.sub(r"::(text|character varying)(\[\])?|[()]", "", value.replace(f"{schema}.", ""))


@pytest.mark.parametrize("what", STRUCTURE)
def test_a_replayed_schema_is_what_migrations_make_names_included(public, what):
    def read(schema: str) -> set[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(STRUCTURE[what].format(schema=schema), {"schema": schema})
            return {tuple(_plain(value, schema) for value in row) for row in cursor.fetchall()}

    made_by_migrations, replayed = read(TEMPLATE_SCHEMA), read("acme")
    assert len(made_by_migrations) > 30
    assert replayed == made_by_migrations


def test_a_new_vendor_has_what_every_vendor_starts_with_and_an_invited_admin(public, client_for):
    vendor = create(admin="Ada@contoso.example")
    assert (vendor.state, vendor.state_note) == (Vendor.State.READY, "")
    connection.set_tenant(vendor)
    assert VendorSettings.objects.get().name == "Contoso"
    assert LifeStage.objects.count() == 6
    ada = User.objects.get()
    assert (ada.email, ada.roles, ada.is_invited) == ("ada@contoso.example", {Role.ADMIN}, True)
    mail = OutgoingMail.objects.get()
    link = next(line for line in mail.text.splitlines() if line.startswith("http"))
    assert link.startswith("http://contoso.localhost/l/")
    client = client_for(None, host="contoso.localhost")
    form = client.get(client.get(link)["Location"])
    assert form.status_code == 200
    answer = {"name": "Ada", "password": "purple monkey dishwasher", "language": "en", "time_zone": ""}
    assert client.post(form.wsgi_request.path, answer).status_code == 302
    assert client.get("/").status_code == 200


def test_rows_of_a_new_vendor_begin_where_no_old_ones_are(public):
    vendor = create()
    connection.set_tenant(vendor)
    User.objects.create_user("first@contoso.example", "x", name="First")
    assert User.objects.get().pk >= 1
    connection.set_schema("acme")
    assert not User.objects.filter(email="first@contoso.example").exists()


@pytest.mark.parametrize(
    ("schema", "host"),
    [
        ("Contoso", "contoso.localhost"),
        ("1contoso", "contoso.localhost"),
        ("con-toso", "contoso.localhost"),
        ("public", "contoso.localhost"),
        ("information_schema", "contoso.localhost"),
        ("pg_contoso", "contoso.localhost"),
        (TEMPLATE_SCHEMA, "contoso.localhost"),
        ("acme", "contoso.localhost"),
        ("contoso", "acme.localhost"),
        ("contoso", "http://contoso.localhost"),
        ("contoso", "contoso.localhost:8000"),
        ("contoso", "con toso"),
    ],
)
def test_a_name_or_host_that_cant_be_is_refused_and_nothing_is_left(public, schema, host):
    before = Vendor.objects.count(), Domain.objects.count()
    with pytest.raises(CommandError):
        command("create_vendor", schema, host, name="Contoso", now=True)
    assert (Vendor.objects.count(), Domain.objects.count()) == before


def test_a_host_is_found_however_it_is_written(public, client_for):
    command("create_vendor", "contoso", "Contoso.LocalHost", name="Contoso", now=True)
    assert client_for(None, host="CONTOSO.localhost:8000").get("/login/").status_code == 200


def test_a_failure_is_kept_with_its_reason_and_the_next_try_goes_on(public, client_for, monkeypatch):
    def broken(*args):
        raise RuntimeError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(provisioning, "start_data", broken)
        with pytest.raises(RuntimeError):
            create()
    vendor = Vendor.objects.get(schema_name="contoso")
    assert (vendor.state, vendor.state_note) == (Vendor.State.FAILED, "disk full")
    assert "disk full" in command("vendors")
    _known.clear()
    assert client_for(None, host="contoso.localhost").get("/login/").status_code == 503
    provisioning.provision_vendor(vendor)
    assert vendor.state == Vendor.State.READY
    _known.clear()
    assert client_for(None, host="contoso.localhost").get("/login/").status_code == 200


def test_a_vendor_that_is_being_prepared_says_so(public, client_for):
    provisioning.create_vendor(schema_name="contoso", name="Contoso", host="contoso.localhost")
    response = client_for(None, host="contoso.localhost").get("/")
    assert response.status_code == 503
    assert "prepared" in response.content.decode()
    assert "being prepared" not in command("vendors")
    assert "provisioning" in command("vendors")


def test_without_pg_dump_migrations_make_the_schema(public, monkeypatch):
    def missing():
        raise provisioning.PgDumpMissing("pg_dump was not found")

    made = []
    monkeypatch.setattr(provisioning, "_template_sql", missing)
    monkeypatch.setattr(provisioning, "call_command", lambda *args, **options: made.append(options["schema_name"]))
    provisioning._make_schema("contoso")
    assert made == ["contoso"]
    assert provisioning._exists("contoso")


def test_suspending_and_resuming(public, client_for, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert "suspended" in command("suspend_vendor", "acme", why="unpaid")
    assert client_for().get("/login/").status_code == 503
    assert client_for(None, host="globex.localhost").get("/login/").status_code == 200
    assert "unpaid" in command("vendors")
    with django_capture_on_commit_callbacks(execute=True):
        assert "ready" in command("suspend_vendor", "acme", resume=True)
    assert client_for().get("/login/").status_code == 200


def test_an_export_holds_the_database_and_the_files(acme, tmp_path):
    default_storage.save("partners/contract.txt", ContentFile(b"signed"))
    connection.set_schema_to_public()
    target = tmp_path / "acme.tar.gz"
    command("export_vendor", "acme", str(target))
    with tarfile.open(target) as tar:
        assert tar.extractfile("files/partners/contract.txt").read() == b"signed"
        sql = tar.extractfile("schema.sql").read().decode()
    assert "CREATE TABLE acme.partners_partner" in sql
    assert "globex" not in sql


def test_deleting_takes_everything_of_one_vendor_and_nothing_of_another(
    acme, globex, client_for, django_capture_on_commit_callbacks
):
    name = default_storage.save("secret.txt", ContentFile(b"x"))
    path = default_storage.path(name)
    with globex:
        kept = default_storage.path(default_storage.save("secret.txt", ContentFile(b"x")))
    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE"
        )  # a command runs in no transaction, so there nothing is deferred
    with pytest.raises(CommandError, match="Nothing was deleted"):
        command("delete_vendor", "acme")
    with pytest.raises(CommandError, match="Nothing was deleted"):
        command("delete_vendor", "acme", yes="globex")
    with django_capture_on_commit_callbacks(execute=True):
        command("delete_vendor", "acme", yes="acme")
    assert not Vendor.objects.filter(schema_name="acme").exists()
    assert not Domain.objects.filter(domain="acme.localhost").exists()
    assert not provisioning._exists("acme")
    assert not Path(path).exists()
    assert Path(kept).exists()
    assert client_for().get("/").status_code == 404
    with globex:
        assert Partner.objects.unscoped("test").count() == 2


def test_commands_name_only_vendors(public):
    for schema in ("nobody", "public", TEMPLATE_SCHEMA):
        with pytest.raises(CommandError, match="no vendor"):
            command("suspend_vendor", schema)
    listed = command("vendors")
    assert TEMPLATE_SCHEMA not in listed
    assert "acme.localhost" in listed


def test_creating_hands_the_work_to_a_worker(public, monkeypatch):
    from prm.tenancy.management.commands import create_vendor

    sent = []
    monkeypatch.setattr(create_vendor.provision, "delay", lambda *args: sent.append(args))
    out = command("create_vendor", "contoso", "contoso.localhost", name="Contoso", admin="a@b.example")
    vendor = Vendor.objects.get(schema_name="contoso")
    assert sent == [(vendor.pk, "a@b.example")]
    assert "being prepared" in out
    assert vendor.state == Vendor.State.PROVISIONING


def test_wrong_names_raise_before_anything_is_made(public):
    with pytest.raises(ValidationError):
        provisioning.create_vendor(schema_name="x" * 60, name="X", host="x.localhost")
