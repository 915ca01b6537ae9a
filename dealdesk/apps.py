from django.apps import AppConfig


class DealDeskConfig(AppConfig):
    name = "dealdesk"

    def ready(self) -> None:
        from dealdesk import bell, rounds  # noqa: F401  they register themselves
