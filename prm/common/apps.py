from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "prm.common"
    label = "common"

    def ready(self) -> None:
        from prm.common import jobs, lists, mail, schedule  # noqa: F401  a worker must know their tasks
