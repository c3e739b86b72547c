"""A recorded file in the chat."""

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from conversations.chat.session import Browser, browser_get
from conversations.models import Transcription
from conversations.speech.doors import MOST_OF_ONE, SCOPE, holder_of, recording_count
from conversations.speech.listening import MOST_BYTES, recording_hear
from conversations.speech.selectors import transcription_document
from conversations.speech.services import Owner, transcription_create
from omnicqm.common.api.problems import problem_response
from omnicqm.common.errors import InvalidInput, NotAuthenticated
from omnicqm.common.networks import network_of

MOST_LANGUAGE_CHARS = 20


@never_cache
@require_POST
def voice_upload(request: HttpRequest) -> HttpResponseBase:
    """``POST /chat/voice/``, field ``audio``: the text of it, for the customer to correct and send."""
    try:
        browser = browser_get(request.session)
        if browser is None:
            raise NotAuthenticated("Open the chat page first; it gives your browser a session.")
        return JsonResponse(transcription_document(_heard(request, browser)))
    except Exception as error:
        answer = problem_response(error)
        if answer is None:
            raise
        return answer


def _heard(request: HttpRequest, browser: Browser) -> Transcription:
    file = request.FILES.get("audio")
    if file is None:
        raise InvalidInput("Send a recording as the field 'audio'.", param="audio", code="required")
    recording_count(visitor=browser.visitor, network=network_of(request))
    transcript = recording_hear(
        data=file.read(MOST_BYTES + 1),
        language=request.POST.get("language", "")[:MOST_LANGUAGE_CHARS],
        scope=SCOPE,
        holder=holder_of(browser.visitor),
        most=MOST_OF_ONE,
    )
    return transcription_create(
        transcript=transcript, owner=Owner(visitor=browser.visitor), source=Transcription.Source.UPLOAD
    )
