from django.apps import AppConfig


class MdfConfig(AppConfig):
    name = "mdf"
    verbose_name = "MDF"

    def ready(self) -> None:
        from accounts.views.links import PAGES
        from mdf import beside, letters, rounds, spending, tables, trail  # noqa: F401  they register themselves
        from mdf.queries import waiting  # noqa: F401  it registers itself

        PAGES.update(letters.PAGES)
