from pipeline import urls_data, urls_deals

app_name = "pipeline"
urlpatterns = [*urls_data.urlpatterns, *urls_deals.urlpatterns]
