from django.urls import path

from prm.pages import audit, calendar, currencies, general, thresholds

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
    path("audit/", audit.log, name="audit"),
    path("audit/export/<str:kind>/", audit.export, name="audit_export"),
]
