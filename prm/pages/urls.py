from django.urls import path

from prm.pages import jobs, look, notifications, views

app_name = "common"
urlpatterns = [
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<uuid:pk>/", jobs.job_detail, name="job"),
    path("jobs/<uuid:pk>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<uuid:pk>/again/", jobs.job_again, name="job_again"),
    path("jobs/<uuid:pk>/file/", jobs.job_file, name="job_file"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("views/", views.views, name="views"),
    path("views/save/", views.save, name="view_save"),
    path("views/change/", views.change, name="view_change"),
    path("theme.css", look.theme_css, name="theme"),
    path("logo", look.logo, name="logo"),
    path("components/", look.components, name="components"),
]
