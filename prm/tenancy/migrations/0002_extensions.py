from django.db import migrations


class Migration(migrations.Migration):
    """Extensions belong to the public schema: created by a tenant's migration they would land in the first tenant's."""

    dependencies = [("tenancy", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public",
            migrations.RunSQL.noop,
        ),
    ]
