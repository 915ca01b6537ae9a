from django.apps import AppConfig


class MarketingConfig(AppConfig):
    name = "marketing"

    def ready(self) -> None:
        from marketing import facts, following, hub, start, tables, tasks  # noqa: F401  they register themselves
        from marketing.returns import ahead  # noqa: F401  likewise
        from accounts.views.links import PAGES
            facts,
            following,
            hub,
            reminding,
            start,
            tables,
            tasks,
        )

        PAGES[reminding.VENDOR_LINK] = "marketing:results"
        PAGES[reminding.PARTNER_LINK] = "marketing:portal_results"
