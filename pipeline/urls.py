from pipeline import urls_data

app_name = "pipeline"
urlpatterns = [*urls_data.urlpatterns]
