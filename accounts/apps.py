from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import actions, start  # noqa: F401  start registers itself
        from accounts.views.links import PAGES

        PAGES[actions.INVITATION] = "accounts:accept_invitation"
