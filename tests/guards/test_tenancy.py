"""What keeps vendors apart, apart from the pages."""

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, models, transaction

from partners.models import Partner
from prm.common.models import VendorSettings
from prm.common.scoping import PartnerOwned, Unscoped

OURS = {
    "prm",
    "accounts",
    "partners",
    "pipeline",
    "scorecards",
    "planning",
    "leads",
    "marketing",
    "mdf",
    "accountplans",
    "dealdesk",
    "qbr",
    "cadence",
}
SHARED = {apps.get_app_config(name.rsplit(".", 1)[-1]).label for name in settings.SHARED_APPS}


def test_no_foreign_key_from_a_vendors_table_to_a_shared_one():
    for model in apps.get_models():
        if model._meta.app_label in SHARED:
            continue
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey):
                assert field.related_model._meta.app_label not in SHARED, f"{model.__name__}.{field.name}"


def test_keys_are_big_integers_or_uuids():
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in OURS]
    for model in ours:
        key = model._meta.pk
        while isinstance(key, models.ForeignKey):
            key = key.target_field
        assert isinstance(key, models.BigAutoField | models.UUIDField) or model is VendorSettings, model._meta.label


def test_search_path_is_set_once_and_every_cache_key_names_the_vendor():
    assert settings.TENANT_LIMIT_SET_CALLS
    assert {alias["KEY_FUNCTION"] for alias in settings.CACHES.values()} == {"django_tenants.cache.make_key"}
    assert settings.ACCOUNT_EMAIL_CONFIRMATION_HMAC is False
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
    assert settings.SESSION_COOKIE_DOMAIN is None


def test_a_value_cached_by_one_vendor_is_not_the_others(acme, globex):
    with acme:
        cache.set("secret", "acme's")
    with globex:
        assert cache.get("secret") is None


def test_a_file_of_one_vendor_is_not_the_others(acme, globex):
    with acme:
        name = default_storage.save("secret.txt", ContentFile(b"acme's"))
    with globex:
        assert not default_storage.exists(name)


def test_after_a_savepoint_rollback_the_rows_are_still_this_vendors(acme, globex):
    with acme:
        point = transaction.savepoint()
        list(Partner.objects.unscoped("guard"))
        transaction.savepoint_rollback(point)
        assert {p.name for p in Partner.objects.unscoped("guard")} == {acme.partner_a.name, acme.partner_b.name}
    with globex:
        assert {p.name for p in Partner.objects.unscoped("guard")} == {globex.partner_a.name, globex.partner_b.name}


def test_migrations_are_written(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


PARTNER_OWNED = [model for model in apps.get_models() if issubclass(model, PartnerOwned)]


@pytest.mark.parametrize("model", PARTNER_OWNED, ids=lambda model: model.__name__)
def test_what_a_partner_owns_cant_be_read_without_a_scope(acme, model):
    for read in (
        list,
        lambda q: q.count(),
        lambda q: q.exists(),
        lambda q: q.first(),
        lambda q: q.aggregate(n=models.Count("pk")),
    ):
        with pytest.raises(Unscoped):
            read(model.objects.all())
    assert isinstance(model.objects.unscoped("guard").count(), int)


def test_every_table_that_points_to_a_partner_is_scoped():
    for model in apps.get_models():
        if any(isinstance(f, models.ForeignKey) and f.related_model is Partner for f in model._meta.get_fields()):
            assert issubclass(model, PartnerOwned), model._meta.label


def test_one_request_never_leaves_its_schema_behind(acme, client_for):
    from accounts.permissions import Role

    client_for(acme.users[Role.CAM]).get("/")
    assert client_for(None, host="nobody.localhost").get("/").status_code == 404
    assert connection.schema_name == "public"
