from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "partners"

    def ready(self) -> None:
        from partners import facts, importing, importing_learning, start, tables, telling, visibility  # noqa: F401  they register themselves
        from partners.learning import forms, places  # noqa: F401
        from partners.learning import tables as learning  # noqa: F401
        from partners.objectives import places as objectives  # noqa: F401
        from partners.objectives import tables as objective_tables  # noqa: F401
