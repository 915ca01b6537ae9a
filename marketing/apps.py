from django.apps import AppConfig


class MarketingConfig(AppConfig):
    name = "marketing"

    def ready(self) -> None:
        from accounts.views.links import PAGES
        from marketing import hub, reminding, start, tables, tasks  # noqa: F401  they register themselves

        PAGES[reminding.VENDOR_LINK] = "marketing:results"
        PAGES[reminding.PARTNER_LINK] = "marketing:portal_results"
