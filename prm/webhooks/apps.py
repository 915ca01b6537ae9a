from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "prm.webhooks"

    def ready(self) -> None:
        from prm.webhooks import actions, outbox  # noqa: F401  a worker must know its tasks, and a page its kinds
