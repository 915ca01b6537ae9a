from django.apps import AppConfig


class PipelineConfig(AppConfig):
    name = "pipeline"

    def ready(self) -> None:
        from pipeline import start  # noqa: F401  they register themselves
        from pipeline.deals import hub  # noqa: F401
