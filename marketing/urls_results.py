"""Addresses of the worksheet, of where leads and deals come from, and of what came of activities."""

from django.urls import path

from marketing.views import attributing, program, returns, rollup

urlpatterns = [
    path("go/<slug:code>/", attributing.go, name="go"),
    path("leads/<int:pk>/source/", attributing.lead_source, name="lead_source"),
    path("deals/<int:pk>/source/", attributing.deal_source, name="deal_source"),
    path("marketing/returns/", returns.returns, name="returns"),
    path("marketing/returns/xlsx/", returns.returns_xlsx, name="returns_xlsx"),
    path("marketing/activities/", returns.activities, name="activities"),
    path("marketing/activities/export/<str:kind>/", returns.activities_export, name="activities_export"),
    path("rollups/marketing/", rollup.rollup, name="rollup"),
    path("rollups/marketing/xlsx/", rollup.rollup_xlsx, name="rollup_xlsx"),
    path("rollups/marketing/partners/", rollup.rollup_partners, name="rollup_partners"),
    path("rollups/marketing/partners/xlsx/", rollup.rollup_partners_xlsx, name="rollup_partners_xlsx"),
    path("marketing/worksheet/", program.worksheet, name="worksheet"),
]
