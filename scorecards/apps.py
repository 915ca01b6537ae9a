from django.apps import AppConfig


class ScorecardsConfig(AppConfig):
    name = "scorecards"

    def ready(self) -> None:
        from accounts.views.links import PAGES
        from scorecards import start  # noqa: F401  registers itself
        from scorecards.actions import LINK_PURPOSE

        PAGES[LINK_PURPOSE] = "scorecards:portal_answer"
