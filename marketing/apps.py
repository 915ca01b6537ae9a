from django.apps import AppConfig


class MarketingConfig(AppConfig):
    name = "marketing"

    def ready(self) -> None:
        from marketing import facts, following, hub, start, tables, tasks  # noqa: F401  they register themselves
