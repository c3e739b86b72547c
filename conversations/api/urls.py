from django.urls import path

from conversations.api.interactions import InteractionsView
from conversations.api.views import (
    ConversationView,
    CustomerMergeView,
    CustomerSplitView,
    CustomersView,
    CustomerView,
    MessagesView,
    QueryCreateView,
    QueryView,
    preferring_wait,
)
from conversations.insights.api.views import InsightCreateView
from conversations.speech.api.views import TranscriptionCreateView

urlpatterns = [
    path("query", preferring_wait(QueryCreateView.as_view(), QueryView.as_view()), name="query-create"),
    path("queries/<id:request_id>", QueryView.as_view(), name="query"),
    path("conversations/<id:conversation_id>", ConversationView.as_view(), name="conversation"),
    path("conversations/<id:conversation_id>/messages", MessagesView.as_view(), name="conversation-messages"),
    path("interactions", InteractionsView.as_view(), name="interactions"),
    path("customers", CustomersView.as_view(), name="customers"),
    path("customers/<id:customer_id>", CustomerView.as_view(), name="customer"),
    path("customers/<id:customer_id>/merge", CustomerMergeView.as_view(), name="customer-merge"),
    path("customers/<id:customer_id>/split", CustomerSplitView.as_view(), name="customer-split"),
    path("voice/transcriptions", TranscriptionCreateView.as_view(), name="transcription-create"),
    path("omni-channel-insights", InsightCreateView.as_view(), name="insight-create"),
]
