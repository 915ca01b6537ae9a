from django.urls import path

from accounts.views import invitation, links, profile

app_name = "accounts"
urlpatterns = [
    path("l/<str:token>/", links.open_link, name="open_link"),
    path("l/<str:token>/new/", links.renew_link, name="renew_link"),
    path("welcome/<int:pk>/", invitation.accept, name="accept_invitation"),
    path("profile/", profile.profile, name="profile"),
    path("profile/tokens/", profile.token_list, name="tokens"),
    path("profile/tokens/<int:pk>/revoke/", profile.token_revoke, name="token_revoke"),
]
