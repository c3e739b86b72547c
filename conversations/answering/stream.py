"""The reply as it is being written, shown to the chat pages of a conversation."""

from conversations.chat.events import delta_announce, retract_announce, status_announce
from conversations.chat.stops import stop_requested
from conversations.models import Channel, Query
from conversations.services.people_only import people_only_holds


class ReplyStream:
    """Sends sentences to the page and takes them back when they did not become a reply.

    On channels without a live page every method does nothing. The claimed query names the stream: a rerun has another,
    so its sentences are never mixed with withdrawn ones.
    """

    def __init__(self, claim: Query) -> None:
        self._live = claim.channel.reply_by == Channel.ReplyBy.LIVE
        self._conversation_id, self._channel_id = claim.conversation_id, claim.channel_id
        self._name = claim.pk
        self._shown = claim.tries > 1  # a worker that died may have shown something
        self._parts = 0

    def begin(self) -> None:
        self.take_back()
        if self._live:
            status_announce(self._conversation_id, "Looking into it…")

    def sentence(self, text: str) -> None:
        if self._live and not self.is_stopped() and not people_only_holds(self._channel_id):
            self._shown = True
            self._parts += 1
            delta_announce(self._conversation_id, self._name, text, self._parts)

    def is_stopped(self) -> bool:
        """Whether the customer, who saw the beginning, wants no more of it."""
        return self._shown and stop_requested(conversation_id=self._conversation_id, run=self._name)

    def take_back(self) -> None:
        if self._live and self._shown:
            self._shown, self._parts = False, 0
            retract_announce(self._conversation_id, self._name)

    def end(self) -> None:
        if self._live:
            status_announce(self._conversation_id, "")
