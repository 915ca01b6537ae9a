from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "planning"

    def ready(self) -> None:
        from accounts.views.links import PAGES
        from planning import chasing, facts, hub, outdated, start  # noqa: F401  they register themselves
        from planning.signing import PARTNER_LINK, VENDOR_LINK

        PAGES[VENDOR_LINK] = "planning:sign"
        PAGES[PARTNER_LINK] = "planning:portal_sign"
