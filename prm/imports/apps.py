from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "prm.imports"
    label = "imports"

    def ready(self) -> None:
        from prm.imports import tasks  # noqa: F401  the jobs register themselves
