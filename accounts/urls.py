from django.urls import path

from accounts.views import links

app_name = "accounts"
urlpatterns = [
    path("l/<str:token>/", links.open_link, name="open_link"),
]
