from django.apps import AppConfig


class DealDeskConfig(AppConfig):
    name = "dealdesk"

    def ready(self) -> None:
        from accounts.views.links import PAGES
        from dealdesk import cells, finding, hub, importing, letters, rounds, tables, tasks  # noqa: F401  they register themselves

        PAGES[letters.DECIDE] = "dealdesk:decide"
        PAGES[letters.RENEW] = "dealdesk:portal_renew"
        PAGES[letters.REGISTER] = "dealdesk:portal_by_link"
