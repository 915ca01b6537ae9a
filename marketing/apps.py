from django.apps import AppConfig


class MarketingConfig(AppConfig):
    name = "marketing"

    def ready(self) -> None:
        from accounts.views.links import PAGES
        from marketing import (  # noqa: F401  they register themselves
            facts,
            following,
            hub,
            reminding,
            start,
            tables,
            tasks,
        )
        from marketing.returns import ahead  # noqa: F401  likewise

        PAGES[reminding.VENDOR_LINK] = "marketing:results"
        PAGES[reminding.PARTNER_LINK] = "marketing:portal_results"
