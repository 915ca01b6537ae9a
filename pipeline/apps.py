from django.apps import AppConfig


class PipelineConfig(AppConfig):
    name = "pipeline"

    def ready(self) -> None:
        from pipeline import (  # noqa: F401  they register themselves
            catalogue,
            facts,
            generation,
            places,
            start,
            tables,
            tasks,
        )
