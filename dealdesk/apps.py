from django.apps import AppConfig


class DealDeskConfig(AppConfig):
    name = "dealdesk"
