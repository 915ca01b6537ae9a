from django.urls import URLPattern

app_name = "mdf"
urlpatterns: list[URLPattern] = []
