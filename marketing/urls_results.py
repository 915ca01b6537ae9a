"""Addresses of the worksheet, of where leads and deals come from, and of what came of activities."""

from django.urls import path

from marketing.views import attributing, program

urlpatterns = [
    path("go/<slug:code>/", attributing.go, name="go"),
    path("leads/<int:pk>/source/", attributing.lead_source, name="lead_source"),
    path("deals/<int:pk>/source/", attributing.deal_source, name="deal_source"),
    path("marketing/worksheet/", program.worksheet, name="worksheet"),
]
