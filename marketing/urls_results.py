"""Addresses of the worksheet, of where leads and deals come from, and of what came of activities."""

from django.urls import path

from marketing.views import program

urlpatterns = [
    path("marketing/worksheet/", program.worksheet, name="worksheet"),
]
