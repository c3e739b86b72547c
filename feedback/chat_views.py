"""The chat page's door to what its customer has said of replies; they are given through the API."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from conversations.chat.selectors import conversation_get
from conversations.chat.session import browser_get
from feedback.selectors import ratings_in
from omnicqm.common.api.problems import problem_response
from omnicqm.common.errors import NotAuthenticated, OmniError


@never_cache
@require_GET
def ratings(request: HttpRequest, conversation_id: str) -> HttpResponse:
    """``{"ratings": {request_id: {feedback, reason}}}`` of one of the browser's own conversations."""
    try:
        browser = browser_get(request.session)
        if browser is None:
            raise NotAuthenticated("Open the chat page first; it gives your browser a session.")
        conversation = conversation_get(browser=browser, conversation_id=conversation_id)
        told = ratings_in(conversation_id=conversation.pk, rater=f"customer:{conversation.customer_id}")
        return JsonResponse({"ratings": told})
    except OmniError as error:
        answer = problem_response(error)
        assert answer is not None
        return answer
