from django.urls import path

from prm.common import views

app_name = "common"
urlpatterns = [
    path("jobs/", views.job_list, name="jobs"),
    path("jobs/<uuid:pk>/", views.job_detail, name="job"),
    path("jobs/<uuid:pk>/cancel/", views.job_cancel, name="job_cancel"),
    path("jobs/<uuid:pk>/again/", views.job_again, name="job_again"),
    path("jobs/<uuid:pk>/file/", views.job_file, name="job_file"),
    path("notifications/", views.notifications, name="notifications"),
    path("theme.css", views.theme_css, name="theme"),
    path("logo", views.logo, name="logo"),
    path("components/", views.components, name="components"),
]
