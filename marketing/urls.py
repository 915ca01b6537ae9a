from django.urls import URLPattern

from marketing.urls_results import urlpatterns as results

app_name = "marketing"
urlpatterns: list[URLPattern] = [*results]
