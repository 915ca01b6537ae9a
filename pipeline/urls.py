from django.urls import include, path

app_name = "pipeline"
urlpatterns = [
    path("", include("pipeline.urls_deals")),
]
