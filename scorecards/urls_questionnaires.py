from django.urls import path

from scorecards.views import builder
from scorecards.views import questionnaires as pages

app_name = "questionnaires"
urlpatterns = [
    path("", pages.questionnaires, name="list"),
    path("new/", pages.new, name="new"),
    path("new/file/", pages.new_from_file, name="new_from_file"),
    path("template.<str:kind>", pages.template, name="template"),
    path("<int:pk>/", pages.questionnaire, name="questionnaire"),
    path("<int:pk>/versions/<int:number>/", pages.preview, name="preview"),
    path("<int:pk>/versions/<int:number>/file.<str:kind>", pages.file, name="file"),
    path("<int:pk>/edit/", pages.edit, name="edit"),
    path("<int:pk>/upload/", pages.upload, name="upload"),
    path("<int:pk>/publish/", pages.publish, name="publish"),
    path("<int:pk>/discard/", pages.discard, name="discard"),
    path("<int:pk>/retire/", pages.retire, name="retire"),
    path("<int:pk>/draft/", builder.builder, name="builder"),
    path("<int:pk>/draft/add/<str:level>/", builder.add, name="add"),
    path("<int:pk>/draft/<str:level>/<str:key>/", builder.thing, name="thing"),
    path("<int:pk>/draft/<str:level>/<str:key>/move/", builder.move, name="move"),
    path("<int:pk>/draft/<str:level>/<str:key>/copy/", builder.copy, name="copy"),
    path("<int:pk>/draft/<str:level>/<str:key>/delete/", builder.delete, name="delete"),
]
