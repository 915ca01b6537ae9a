from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "prm.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        import prm.celery  # noqa: F401  the Celery app must exist before any task is sent
