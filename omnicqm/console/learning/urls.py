from django.contrib import admin
from django.urls import path

from omnicqm.console.learning import views

app_name = "learning"
urlpatterns = [
    path("article/from/<id:source_id>/", admin.site.admin_view(views.article_from_view), name="article_from"),
    path("export/", admin.site.admin_view(views.export_view), name="export"),
]
