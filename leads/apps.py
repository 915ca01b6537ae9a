from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leads"

    def ready(self) -> None:
        from leads import catalogue, importing, start, tasks, trial  # noqa: F401  they register themselves
