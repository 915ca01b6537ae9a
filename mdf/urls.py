from django.urls import path

from mdf import request_urls
from mdf.views import lists

app_name = "mdf"
urlpatterns = [
    *request_urls.urlpatterns,
    path("mdf/funds/", lists.requests, name="funds"),
    path("mdf/funds/<int:pk>/", lists.requests, name="fund"),
]
