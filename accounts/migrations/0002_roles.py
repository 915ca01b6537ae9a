from django.db import migrations

ROLES = [
    "admin",
    "operations",
    "chief",
    "cam",
    "marketing",
    "distributor",
    "partner_executive",
    "partner_marketer",
    "partner_seller",
    "partner_champion",
]


def create(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    group.objects.bulk_create(
        [group(name=name) for name in ROLES], ignore_conflicts=True
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
