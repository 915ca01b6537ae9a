from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leads"

    def ready(self) -> None:
        from accounts.views.links import PAGES
        from leads import catalogue, hub, importing, mailing, start, tasks, trial  # noqa: F401  they register themselves

        PAGES[mailing.OFFER_LINK] = "leads:portal_offer"
        PAGES[mailing.LEAD_LINK] = "leads:portal_lead"
