from django.apps import AppConfig


class PipelineConfig(AppConfig):
    name = "pipeline"

    def ready(self) -> None:
        from pipeline import (  # noqa: F401  they register themselves
            catalogue,
            facts,
            generation,
            importing,
            places,
            start,
            tables,
            tasks,
        )
        from pipeline.deals import hub, search, telling  # noqa: F401
        from pipeline.deals import tables as deals  # noqa: F401
