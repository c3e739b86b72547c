from django.urls import path

from knowledge.api import views

urlpatterns = [
    path("api/v1/knowledge/documents", views.DocumentsView.as_view(), name="knowledge-documents"),
    path("api/v1/knowledge/documents/<id:document_id>", views.DocumentView.as_view(), name="knowledge-document"),
    path("api/v1/knowledge/uploads/<id:upload_id>", views.UploadView.as_view(), name="knowledge-upload"),
    path("api/v1/knowledge/search", views.SearchView.as_view(), name="knowledge-search"),
]
