from django.apps import AppConfig


class QbrConfig(AppConfig):
    name = "qbr"
    verbose_name = "QBR"

    def ready(self) -> None:
        from accounts.views.links import PAGES
        from qbr import hub, tables, tasks  # noqa: F401  they register themselves
        from qbr.letters import READ_LINK

        PAGES[READ_LINK] = "qbr:portal_qbr"
