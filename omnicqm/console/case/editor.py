"""What the editor of the case page begins with: a text, and the draft that it was made of."""

from dataclasses import dataclass

from django.http import HttpRequest

from conversations.assisting.suggestions import suggestion_get
from conversations.escalations.drafts import Draft, draft_find
from conversations.models import Suggestion
from omnicqm.common.ids import is_id
from omnicqm.console.case.conflict import reply_kept
from omnicqm.console.case.page import CasePage


@dataclass(frozen=True)
class Editor:
    """`draft` is what the reader was shown when they wrote `text`; the page may offer another one by now. `is_kept`
    says that it was typed or chosen a moment ago, and the browser's copy is older."""

    text: str
    draft: Draft
    is_kept: bool = False


def editor_open(request: HttpRequest, page: CasePage, *, typed: str | None) -> Editor:
    """What was typed and refused, what was chosen by its address, what came back unsent, or what is offered."""
    if typed is not None:
        return Editor(typed, _made_of(page, request.POST.get("draft", "")), is_kept=True)
    chosen = _chosen(request, page)
    if chosen is not None:
        return chosen
    kept = reply_kept(page.escalation)
    if kept is not None:
        return Editor(kept.text, _made_of(page, kept.draft_key))
    return Editor(page.draft.text, page.draft)


def suggestion_asked(request: HttpRequest, page: CasePage) -> Suggestion | None:
    """Without JavaScript a suggestion is looked at by its address."""
    found = suggestion_get(suggestion_id=request.GET.get("suggestion", ""), user=request.user)
    return found if found is not None and found.escalation_id == page.escalation.pk else None


def _chosen(request: HttpRequest, page: CasePage) -> Editor | None:
    """Without JavaScript a text is taken by another address; what was to be shorter waits in the editor meanwhile."""
    taken = _taken(request, page)
    if taken is not None and taken.text:
        return Editor(taken.text, taken, is_kept=True)
    asked = suggestion_asked(request, page)
    if asked is not None and asked.given:
        return Editor(asked.given, _made_of(page, request.GET.get("draft", "")), is_kept=True)
    return None


def _taken(request: HttpRequest, page: CasePage) -> Draft | None:
    key = request.GET.get("use", "")
    if is_id(key, "sug") and suggestion_get(suggestion_id=key, user=request.user) is None:
        return None
    return draft_find(page.escalation, key)


def _made_of(page: CasePage, key: str) -> Draft:
    return draft_find(page.escalation, key) or page.draft
