"""What is rated: an insight or a reply, found by the ids that systems and people have of it."""

from dataclasses import dataclass

from conversations.chat.selectors import query_get as query_get_for_browser
from conversations.chat.session import Browser
from conversations.errors import QueryNotFound
from conversations.insights.selectors import insight_find
from conversations.selectors import query_get_for_client
from feedback.errors import NothingToRate, TargetNotFound
from omnicqm.common.ids import is_id


@dataclass(frozen=True)
class Target:
    """Either an insight, or a query whose reply is rated."""

    insight_id: str | None = None
    query_id: str | None = None

    @property
    def request_id(self) -> str:
        return self.insight_id or self.query_id or ""


@dataclass(frozen=True)
class Wanted:
    """How a target is named: by exactly one of `request_id`, `unique_process_id`, or both others."""

    request_id: str = ""
    unique_process_id: str = ""
    contact_id: str = ""
    customer_account: str = ""


def target_for_client(wanted: Wanted, *, client: str) -> Target:
    """An insight, or the reply to a query that `client` sent.

    What one system asked for may be rated in another (Connect asks, Salesforce shows), so an insight may be anybody's;
    of several that fit, the client's own comes first, then the latest. Raises `TargetNotFound`, `NothingToRate`.
    """
    if is_id(wanted.request_id, "qry"):
        try:
            query = query_get_for_client(request_id=wanted.request_id, client=client)
        except QueryNotFound as error:
            raise TargetNotFound(error.message, param="request_id") from error
        return _reply(query.pk, query.reply_id)
    return Target(insight_id=_insight_id(wanted, client))


def target_for_browser(wanted: Wanted, *, browser: Browser) -> Target:
    """A reply to the customer of the chat. Raises `TargetNotFound`, `NothingToRate`."""
    try:
        query = query_get_for_browser(browser=browser, request_id=wanted.request_id)
    except QueryNotFound as error:
        raise TargetNotFound(error.message, param="request_id") from error
    return _reply(query.pk, query.reply_id)


def _insight_id(wanted: Wanted, client: str) -> str:
    given = {
        "request_id": wanted.request_id or None,
        "unique_process_id": wanted.unique_process_id or None,
        "contact_id": wanted.contact_id or None,
        "account_number": wanted.customer_account or None,
    }
    insight = insight_find(**given, client=client) or insight_find(**given)
    if insight is None:
        named = next(name for name, value in vars(wanted).items() if value)
        raise TargetNotFound(f"There is no answer with this {named}.", param=named)
    return insight.pk


def _reply(query_id: str, reply_id: str | None) -> Target:
    if reply_id is None:
        raise NothingToRate("This query has no reply that could be rated yet.", param="request_id")
    return Target(query_id=query_id)
