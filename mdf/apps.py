from django.apps import AppConfig


class MdfConfig(AppConfig):
    name = "mdf"
    verbose_name = "MDF"

    def ready(self) -> None:
        from mdf import rounds  # noqa: F401  it registers itself
        from mdf.queries import waiting  # noqa: F401  it registers itself
