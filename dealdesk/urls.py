from django.urls import URLPattern

app_name = "dealdesk"
urlpatterns: list[URLPattern] = []
