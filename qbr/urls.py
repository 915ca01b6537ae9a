from django.urls import URLPattern

app_name = "qbr"
urlpatterns: list[URLPattern] = []
