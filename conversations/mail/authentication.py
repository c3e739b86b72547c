"""Whether a mail server we trust says that a mail is from the domain it claims (Authentication-Results, RFC 8601)."""

import re

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*(dmarc|dkim)\s*=\s*pass\b", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(header\.(?:from|d|i))\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)


def is_authenticated(results: str, *, server: str, address: str) -> bool:
    """Whether the header value `results`, when it was written by `server`, vouches for the domain of `address`.

    DMARC for that very domain counts, and a DKIM signature by it. SPF alone does not: it speaks of the envelope.
    """
    written_by, _, told = _COMMENT.sub(" ", results).partition(";")
    if written_by.lower().split()[:1] != [server.lower()]:
        return False
    domain = address.rpartition("@")[2].lower()
    return any(domain in _domains(result) for result in told.split(";") if _RESULT.match(result))


def _domains(result: str) -> set[str]:
    """The domains a passed result is about: for DMARC the From header's, for DKIM the signer's."""
    method = _RESULT.match(result)
    wanted = {"header.from"} if method and method[1].lower() == "dmarc" else {"header.d", "header.i"}
    found = ((name.lower(), value.lower()) for name, value in _PROPERTY.findall(result))
    return {value.rpartition("@")[2] for name, value in found if name in wanted}
