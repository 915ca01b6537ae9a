from django.urls import path

from partners.views import users

app_name = "people"
urlpatterns = [
    path("settings/users/", users.user_list, name="users"),
    path("settings/users/export/<str:kind>/", users.user_export, name="users_export"),
    path("settings/users/invite/", users.invite, name="invite"),
    path("settings/users/invite-partner/", users.invite_partner_user, name="invite_partner_user"),
    path("settings/users/<int:pk>/", users.user, name="user"),
    path("settings/users/<int:pk>/deactivate/", users.user_deactivate, name="user_deactivate"),
    path("settings/users/<int:pk>/reactivate/", users.user_reactivate, name="user_reactivate"),
    path("settings/users/<int:pk>/resend/", users.user_resend, name="user_resend"),
    path("portal/team/", users.team, name="team"),
    path("portal/team/invite/", users.team_invite, name="team_invite"),
    path("portal/team/<int:pk>/", users.team_user, name="team_user"),
    path("portal/team/<int:pk>/deactivate/", users.team_deactivate, name="team_deactivate"),
    path("portal/team/<int:pk>/reactivate/", users.team_reactivate, name="team_reactivate"),
    path("portal/team/<int:pk>/resend/", users.team_resend, name="team_resend"),
]
