"""Makes customers with ten interactions each, in the database that settings name.

    DJANGO_SETTINGS_MODULE=omnicqm.settings python -m benchmarks.insight_load.customers COUNT

Accounts are ``A0000000`` and so on. Every text is a customer's own: it names its order, with its own
amounts and dates.
"""

import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import batched

import django

from benchmarks.insight_load.latency import marker_of

EVENTS = 10
CHANNELS = ("phone", "email", "ivr", "chat", "branch", "whatsapp")
FIRST = (
    "I ask where order {order} is, which was to come on {day}.",
    "Order {order} came with a scratch on the left side of the table.",
    "I want a refund of ${amount} for order {order}.",
    "Customer called about order {order} and the delivery between 9 and 12.",
    "Customer asked to change the address of order {order} before it is sent.",
)
ANSWERS = (
    "We have asked the carrier about order {order} and will write again by {day}.",
    "A replacement for order {order} was ordered and arrives within five working days.",
    "Told the customer that the refund of ${amount} for order {order} takes up to ten days.",
    "Booked the assembly for order {order} on {day}.",
)
MORE = (
    "The tracking says it was delivered on {day}, but nobody was at home and the neighbours have nothing.",
    "It cost ${amount} with delivery, paid by card on {day}.",
    "Nobody has phoned back so far although that was promised twice last week.",
    "Please call me on +1 213 555 01{two} in the evening, or write to me.",
    "The box was open on one side and two of the screws were missing.",
    "I have been a customer for {years} years and never had this before.",
    "The confirmation went to the address we have on file.",
    "Is there a way to pick it up in the store instead?",
    "The warranty card says {years} years, so this should be covered.",
)


def events_of(account: str, now: datetime) -> Iterator[tuple[str, str, datetime, str]]:
    """Channel, author, moment and text of each, oldest first."""
    chance, order = random.Random(account), marker_of(account)
    for number in range(EVENTS):
        by_customer = number % 2 == 0
        day = f"{now - timedelta(days=chance.randint(1, 60)):%-d %B}"
        first, more = chance.choice(FIRST if by_customer else ANSWERS), chance.sample(MORE, chance.randint(1, 4))
        words = {"order": order, "day": day, "amount": f"{chance.randint(5, 900)}.{chance.randint(10, 99)}"}
        words |= {"two": f"{chance.randint(10, 99)}", "years": str(chance.randint(2, 9))}
        text = " ".join((first, *more)).format(**words)
        moment = now - timedelta(days=6 * (EVENTS - number), minutes=chance.randint(0, 600))
        yield chance.choice(CHANNELS), "customer" if by_customer else "consultant", moment, text


def customers_make(count: int) -> None:
    from django.utils import timezone

    from conversations.models import Customer, Identity, Interaction

    now = timezone.now()
    for accounts in batched((f"A{number:07}" for number in range(count)), 1000):
        customers = Customer.objects.bulk_create([Customer(display_name="") for _ in accounts])
        known = zip(customers, accounts, strict=True)
        identities = [Identity(customer=customer, kind="account", value=account) for customer, account in known]
        Identity.objects.bulk_create(identities)
        Interaction.objects.bulk_create(
            [
                Interaction(
                    customer=identity.customer,
                    identity=identity,
                    source=Interaction.Source.CSV,
                    channel=channel,
                    author=author,
                    occurred_at=moment,
                    intent="order_status",
                    detail=text,
                    external_id=f"{identity.value}-{number}",
                )
                for identity in identities
                for number, (channel, author, moment, text) in enumerate(events_of(identity.value, now))
            ],
            batch_size=2000,
        )


if __name__ == "__main__":
    django.setup()
    customers_make(int(sys.argv[1]))
