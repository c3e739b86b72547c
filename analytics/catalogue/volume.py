from analytics.catalogue.definition import Metric
from analytics.catalogue.making import COUNT, DOWN, NONE, SHARE, UP, count, share

VOLUME = (
    Metric(
        name="queries", title="Queries", unit=COUNT, view="queries", numerator=count(),
        description="Messages of customers that want an answer, by the moment they arrived. Automatic mail, such as "
        "out-of-office notes, is left out.",
        synonyms=("questions", "inquiries", "messages", "requests", "volume", "inbound", "contacts"),
    ),
    Metric(
        name="cases", title="Cases", unit=COUNT, view="cases", numerator=count(),
        description="Conversations in which a customer asked something, by the moment of the first query.",
        synonyms=("conversations", "threads", "tickets", "matters"),
    ),
    Metric(
        name="customers", title="Customers", unit=COUNT, view="queries", numerator="count(DISTINCT customer_id)",
        description="Different canonical customers who asked something. One who came on several days or channels "
        "counts in each of them, and once in the total.",
        synonyms=("people", "users", "clients", "unique customers"),
    ),
    Metric(
        name="answered_by_agent", title="Queries answered by the agent", unit=COUNT, view="queries", direction=UP,
        numerator=count("answered_by = 'agent'"),
        description="Queries whose reply, a question back included, the agent wrote.",
        synonyms=("automatic replies", "automatic answers", "answered automatically", "replies"),
    ),
    Metric(
        name="auto_answer_rate", title="Answered by the agent at once", unit=SHARE, view="queries", direction=UP,
        **share("answered_by = 'agent'", "has_run AND is_final"),
        description="Of the queries that the agent worked on and that have ended, the share whose reply it sent alone. "
        "Nothing is said of whether the matter was settled: that is α.",
        synonyms=("automation rate", "auto-answer rate", "share answered automatically"),
    ),
    Metric(
        name="clarification_rate", title="Asked back", unit=SHARE, view="queries", direction=NONE,
        **share("status = 'clarification'", "has_run AND is_final"),
        description="Of the queries that the agent worked on and that have ended, the share it answered with a "
        "question.",
        synonyms=("clarifications", "question back rate", "clarify rate"),
    ),
    Metric(
        name="pending_queries", title="Queries waiting", unit=COUNT, view="queries", direction=DOWN,
        numerator=count("status IN ('received', 'working')"),
        description="Queries of the period that nobody has answered or handed over yet.",
        synonyms=("waiting", "pending", "backlog", "unanswered"),
    ),
)  # fmt: skip
