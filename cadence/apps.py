from django.apps import AppConfig


class CadenceConfig(AppConfig):
    name = "cadence"

    def ready(self) -> None:
        from cadence import conversations, hub, mdf_watch, news, start, watching  # noqa: F401  they register themselves

        news.listen()
