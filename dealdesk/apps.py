from django.apps import AppConfig


class DealDeskConfig(AppConfig):
    name = "dealdesk"

    def ready(self) -> None:
        from dealdesk import rounds  # noqa: F401  registers itself
