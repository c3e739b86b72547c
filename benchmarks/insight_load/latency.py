"""How long the simulated model thinks: lognormal, the same for a customer whenever it is asked.

So whoever sent a request knows how much of its time was the model's.
"""

import math
import re
from hashlib import blake2b
from statistics import NormalDist

MEDIAN_SECONDS, P95_SECONDS = 1.8, 3.5
_NORMAL = NormalDist()
_SIGMA = math.log(P95_SECONDS / MEDIAN_SECONDS) / _NORMAL.inv_cdf(0.95)
MARKER = re.compile(r"\bR\d{7}\b")  # the order that stands in every event of a customer


def model_seconds(marker: str) -> float:
    """For the customer whose events hold `marker`."""
    share = (int.from_bytes(blake2b(marker.encode(), digest_size=6).digest()) + 0.5) / 2**48
    return MEDIAN_SECONDS * math.exp(_SIGMA * _NORMAL.inv_cdf(share))


def marker_of(account: str) -> str:
    """Accounts are called ``A0000001``, their orders ``R0000001``."""
    return f"R{account[1:]}"
