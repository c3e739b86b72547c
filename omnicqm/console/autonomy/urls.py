from django.contrib import admin
from django.urls import path

from omnicqm.console.autonomy import views

app_name = "autonomy"
urlpatterns = [
    path("", admin.site.admin_view(views.autonomy_view), name="page"),
    path("rehearsal.json", admin.site.admin_view(views.rehearsal_view), name="rehearsal"),
    path("choose/", admin.site.admin_view(views.choose_view), name="choose"),
    path("apply/", admin.site.admin_view(views.apply_view), name="apply"),
    path("breaker/", admin.site.admin_view(views.breaker_view), name="breaker"),
    path("shadow/", admin.site.admin_view(views.shadow_view), name="shadow"),
]
