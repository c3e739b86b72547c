"""How often somebody may ask: buckets in Valkey, so that all processes count together.

A bucket holds as many tokens as may be asked for in a minute and fills evenly; each request takes one. Taking is one
round trip. When Valkey does not answer, everything is let through for a moment: a limit is not worth an outage.
"""

from omnicqm.common.rates.buckets import USE_KEY, Rate, rate_take
from omnicqm.common.rates.connections import client_get
from omnicqm.common.rates.together import rate_take_async

__all__ = ["USE_KEY", "Rate", "client_get", "rate_take", "rate_take_async"]
