"""Messages of ours as interactions."""

from conversations.models import Interaction, Message

_AUTHORS = {Message.Author.CUSTOMER, Message.Author.ASSISTANT, Message.Author.CONSULTANT}


def message_record(message: Message, *, customer_id: str) -> Interaction | None:
    """Note a message that a customer wrote or was sent; in the transaction that stores it.

    Notes among staff are no touch with the customer, and notices of the system ("a person will answer") say nothing of
    the matter: None. `customer_id` is whose conversation it is by its locked row: a merge may have moved it meanwhile.
    """
    if message.direction == Message.Direction.NOTE or message.author not in _AUTHORS:
        return None
    return Interaction.objects.create(
        customer_id=customer_id,
        message=message,
        source=Interaction.Source.MESSAGE,
        channel=message.channel_id,
        author=message.author,
        occurred_at=message.received_at,
    )
