from django.urls import path

from partners.views import imports

app_name = "imports"
urlpatterns = [
    path("", imports.import_list, name="list"),
    path("<int:pk>/", imports.run, name="run"),
    path("<int:pk>/progress/", imports.progress, name="progress"),
    path("<int:pk>/again/", imports.again, name="again"),
    path("<int:pk>/cancel/", imports.cancel, name="cancel"),
    path("<int:pk>/discard/", imports.discard, name="discard"),
    path("<int:pk>/sheet/", imports.sheet, name="sheet"),
    path("<int:pk>/columns/", imports.columns, name="columns"),
    path("<int:pk>/check/", imports.check, name="check"),
    path("<int:pk>/decide/", imports.decide, name="decide"),
    path("<int:pk>/rows/<str:kind>/", imports.failing_rows, name="rows"),
    path("<int:pk>/commit/", imports.commit, name="commit"),
    path("<int:pk>/result/", imports.result, name="result"),
    path("<int:pk>/undo/", imports.undo_import, name="undo"),
]
