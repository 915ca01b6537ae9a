from django.apps import AppConfig


class AccountPlansConfig(AppConfig):
    name = "accountplans"

    def ready(self) -> None:
        from accountplans import catalogue, hub, sight, start, tables, tasks  # noqa: F401  they register themselves
