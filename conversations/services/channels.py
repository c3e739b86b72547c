"""The channels every installation starts with."""

from conversations.models import Channel

_DEFAULTS: dict[str, dict[str, str]] = {
    "outlook": {
        "kind": Channel.Kind.EMAIL,
        "title": "Outlook e-mail",
        "sender_trust": Channel.SenderTrust.GATEWAY,
        "reply_by": Channel.ReplyBy.MAIL,
    },
    "chat": {
        "kind": Channel.Kind.CHAT,
        "title": "Website chat",
        "sender_trust": Channel.SenderTrust.GATEWAY,
        "reply_by": Channel.ReplyBy.LIVE,
    },
    "api": {
        "kind": Channel.Kind.API,
        "title": "API",
        "sender_trust": Channel.SenderTrust.GATEWAY,
        "reply_by": Channel.ReplyBy.CALLBACK,
    },
    "admin": {
        "kind": Channel.Kind.API,
        "title": "Questions of staff",
        "sender_trust": Channel.SenderTrust.GATEWAY,
        "reply_by": Channel.ReplyBy.CALLBACK,
    },
}


def channels_ensure_defaults() -> list[str]:
    """Make the channels `outlook`, `chat`, `api` and `admin` where they are missing; returns the ids of those it made.

    A row that exists is left as its owners have set it. `chat`, `api` and `admin` trust the token of whoever posts to
    them; in the browser the session says who has signed in. On `admin` staff ask, also for figures.
    """
    return [
        channel_id
        for channel_id, fields in _DEFAULTS.items()
        if Channel.objects.get_or_create(id=channel_id, defaults=fields)[1]
    ]
