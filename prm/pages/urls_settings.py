from django.urls import path

from prm.pages import audit, calendar, currencies, general, thresholds, webhooks

app_name = "settings"
urlpatterns = [
    path("", general.home, name="home"),
    path("general/", general.edit, name="general"),
    path("general/logo/", general.logo, name="logo"),
    path("calendar/", calendar.holidays, name="calendar"),
    path("calendar/<int:pk>/remove/", calendar.remove, name="holiday_remove"),
    path("currencies/", currencies.rates, name="currencies"),
    path("currencies/<int:pk>/remove/", currencies.remove, name="rate_remove"),
    path("thresholds/", thresholds.thresholds, name="thresholds"),
    path("thresholds/<int:pk>/remove/", thresholds.remove, name="thresholds_remove"),
    path("webhooks/", webhooks.endpoints, name="webhooks"),
    path("webhooks/new/", webhooks.add, name="webhook_add"),
    path("webhooks/<int:pk>/", webhooks.endpoint, name="webhook"),
    path("webhooks/<int:pk>/edit/", webhooks.edit, name="webhook_edit"),
    path("webhooks/<int:pk>/secret/", webhooks.rotate, name="webhook_rotate"),
    path("webhooks/<int:pk>/switch/", webhooks.switch, name="webhook_switch"),
    path("webhooks/<int:pk>/test/", webhooks.test, name="webhook_test"),
    path("webhooks/<int:pk>/replay/", webhooks.replay_failed, name="webhook_replay_failed"),
    path("webhooks/<int:pk>/remove/", webhooks.remove, name="webhook_remove"),
    path("webhooks/messages/<int:pk>/", webhooks.delivery, name="webhook_delivery"),
    path("webhooks/messages/<int:pk>/replay/", webhooks.replay, name="webhook_replay"),
    path("audit/", audit.log, name="audit"),
    path("audit/export/<str:kind>/", audit.export, name="audit_export"),
]
