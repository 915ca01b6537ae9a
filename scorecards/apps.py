from django.apps import AppConfig


class ScorecardsConfig(AppConfig):
    name = "scorecards"

    def ready(self) -> None:
        from accounts.views.links import PAGES
        from scorecards import hub, lift, peer_snapshot, start  # noqa: F401  they register themselves
        from scorecards.actions import LINK_PURPOSE, PERFORMANCE_LINK
        from scorecards.performance_rollups import snapshot  # noqa: F401  it registers itself
        from scorecards.tiers import history, overrides, tryout  # noqa: F401  they register themselves

        PAGES[LINK_PURPOSE] = "scorecards:portal_answer"
        PAGES[PERFORMANCE_LINK] = "scorecards:portal_performance"
