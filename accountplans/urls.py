from django.urls import URLPattern

app_name = "accountplans"
urlpatterns: list[URLPattern] = []
