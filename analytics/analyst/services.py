"""Asking. The doors call `question_ask`, and `spec_ask` where somebody changed a spec by hand."""

from dataclasses import replace

from django.utils import timezone

from analytics.analyst.catalogue import lexicon_now
from analytics.analyst.charts import chart_make
from analytics.analyst.dialogues import dialogue_begin, dialogue_keep, dialogue_read
from analytics.analyst.explaining import explain
from analytics.analyst.grammar.asked import Asked, Missed
from analytics.analyst.grammar.lexicon import Lexicon
from analytics.analyst.grammar.reading import question_read
from analytics.analyst.grammar.understanding import understand
from analytics.analyst.model import model_understand
from analytics.analyst.sentences import answer_say
from analytics.analyst.suggesting import suggestions_after, suggestions_for
from analytics.analyst.types import Answer, Asker
from analytics.analyst.wording import spec_say
from analytics.errors import SpecInvalid
from analytics.querying import QuerySpec, spec_run
from omnicqm.common.errors import ServiceUnavailable
from omnicqm.common.logs import get_logger
from omnicqm.common.text import line_clean

log = get_logger(__name__)
MAX_QUESTION_CHARS = 500


def question_ask(*, question: str, asker: Asker, conversation: str = "") -> Answer:
    """The answer to `question`, which may go on from what `asker` asked before in `conversation` (a name of theirs;
    empty begins a new one). Always an answer: what is not understood, not known or takes too long is said in it."""
    name = conversation or dialogue_begin()
    text = line_clean(question)
    if not text or len(text) > MAX_QUESTION_CHARS:
        missed = Missed("Ask a question." if not text else f"Ask in at most {MAX_QUESTION_CHARS} characters.")
        return _refused(text[:MAX_QUESTION_CHARS], missed, lexicon_now(), name)
    lexicon = lexicon_now()
    if explained := explain(text, lexicon):
        return replace(explained, conversation=name)
    previous = dialogue_read(asker, name)
    found = _understood(text, previous, lexicon, asker)
    if isinstance(found, Missed):
        return _refused(text, found, lexicon, name)
    return _answered(found, asker, name, lexicon)


def spec_ask(*, spec: QuerySpec, asker: Asker, conversation: str, chart: str = "") -> Answer:
    """The answer to a checked `spec`; the next question of `conversation` goes on from it."""
    name = conversation or dialogue_begin()
    return _answered(Asked(spec, chart), asker, name, lexicon_now())


def _understood(text: str, previous: Asked | None, lexicon: Lexicon, asker: Asker) -> Asked | Missed:
    """The grammar answers for every word or not at all, so what it understood needs no model."""
    today = timezone.localdate()
    found = understand(question_read(text, lexicon, today), previous, today=today, lexicon=lexicon, text=text)
    if isinstance(found, Asked):
        return found
    return model_understand(text, previous, today=today, lexicon=lexicon, asker=asker) or found


def _answered(asked: Asked, asker: Asker, name: str, lexicon: Lexicon) -> Answer:
    try:
        result = spec_run(asked.spec)
    except (SpecInvalid, ServiceUnavailable) as error:
        return _refused(asked.spec.text, Missed(error.message, asked.spec.metric), lexicon, name)
    chart, kind, remark = chart_make(result, asked.chart)
    dialogue_keep(asker, name, replace(asked, chart=asked.chart if not remark else ""))
    remarks = (*asked.remarks, *([remark] if remark else []))
    text = " ".join([answer_say(result), *result.notes, *remarks])
    log.info("analyst_answered", metric=asked.spec.metric, rows=len(result.rows), chart=kind)
    return Answer(
        text=text, conversation=name, spec=asked.spec, result=result, chart=chart, chart_kind=kind,
        in_words=spec_say(asked.spec), definitions=result.definitions, suggestions=suggestions_after(asked.spec),
        remarks=remarks,
    )  # fmt: skip


def _refused(question: str, missed: Missed, lexicon: Lexicon, name: str) -> Answer:
    log.info("analyst_refused", metric=missed.metric)
    return Answer(missed.reason, conversation=name, suggestions=suggestions_for(question, missed, lexicon))
