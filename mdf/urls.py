from mdf import request_urls

app_name = "mdf"
urlpatterns = [*request_urls.urlpatterns]
