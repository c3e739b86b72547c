"""What people say instead of the catalogue's words. Phrases are written as `words_of` leaves them."""

from collections.abc import Mapping

# Metrics and families of percentiles (a family is named without its rank), with further phrases.
METRIC_WORDS: Mapping[str, tuple[str, ...]] = {
    "queries": ("inbound messages", "incoming messages", "incoming queries", "customer questions", "customer queries",
                "traffic", "enquiries", "demand"),
    "cases": ("customer cases", "case volume", "new cases", "opened cases", "cases opened"),
    "customers": ("different customers", "distinct customers", "active customers", "customer count"),
    "alpha": ("alpha value", "alpha rate", "resolution share", "solved without a person", "resolve rate",
              "solved without people", "resolved without people", "resolved by itself", "resolved alone",
              "automatic resolution rate", "autonomous resolution", "self service"),
    "resolved_cases": ("resolved cases", "cases resolved", "solved cases", "cases solved", "cases without a person",
                       "resolved without a person", "resolved without people", "resolved for good"),
    "workload": ("work left", "work left for people", "left for people", "manual work", "human work"),
    "escalations": ("escalated queries", "queries escalated", "handed to people", "handed over", "handed to a person",
                    "handed to consultants", "passed to people", "went to people", "escalated to people",
                    "sent to people", "escalated to a person", "escalated cases", "handover"),
    "escalation_rate": ("rate of escalations", "rate of escalation", "escalation share", "escalation percentage",
                        "handoff rate", "hand over rate"),
    "open_escalations": ("unanswered escalations", "pending escalations", "escalations waiting"),
    "overdue_escalations": ("escalations past due", "escalations that are late", "escalations late"),
    "handling_time": ("handle time", "consultants need", "people need", "handling duration", "escalation duration"),
    "answer_time": ("reply speed", "answer speed", "speed of answers", "waiting time", "wait time", "answering time",
                    "customers wait", "time until answer", "time to reply", "response speed", "customers waited"),
    "first_answer_time": ("first reply", "first response", "first answer", "time until first answer",
                          "time until first reply", "time to first reply", "time to first response"),
    "resolution_time": ("solution time", "time until resolution", "time to solve", "time to solution"),
    "run_latency": ("agent takes", "agent response time", "run time", "run duration", "duration of runs", "runs"),
    "call_latency": ("model response time", "latency of models", "latency of calls", "model call time"),
    "insight_latency": ("latency of summaries", "summary response time", "summaries take", "summary duration"),
    "thumbs_down_rate": ("thumbs down", "thumb down", "unhelpful replies", "unhappy ratings", "dissatisfied ratings",
                         "replies not helpful", "not helpful replies", "negative feedback", "bad feedback"),
    "reply_ratings": ("feedbacks", "rated replies", "reply feedback"),
    "summary_helpfulness": ("helpful are the summaries", "helpful are summaries", "helpful summaries are",
                            "helpfulness of summaries", "helpfulness of the summaries", "summaries helpful",
                            "summary quality", "summary ratings", "usefulness of summaries", "useful are the summaries",
                            "useful are summaries", "summaries were helpful", "summaries are helpful"),
    "summary_miss_rate": ("summaries missed", "summary misses", "unhelpful summary rate", "useless summaries"),
    "insights": ("summaries told", "summaries made", "summaries given", "summary count", "told summaries"),
    "adoption": ("adoption by agents", "uptake", "usage of summaries"),
    "draft_acceptance": ("acceptance of drafts", "drafts accepted", "drafts accept", "drafts used", "accept drafts",
                         "accepted suggestions", "suggestions accepted", "drafts get accepted", "drafts were accepted",
                         "drafts are accepted", "drafts do consultants accept", "draft acceptance share"),
    "drafts_unchanged": ("drafts unchanged", "drafts without changes", "drafts were sent unchanged",
                         "drafts are sent unchanged", "unedited drafts"),
    "cost": ("spent", "spend on models", "model cost", "model costs", "paid for models", "expense", "bill", "ledger",
             "spendings", "expenditure", "usd", "budget used"),
    "cost_per_reply": ("reply cost", "does a reply cost", "does one reply cost", "cost of a reply", "cost of one reply",
                       "does an answer cost", "cost of an answer", "price of a reply"),
    "cost_per_resolution": ("cost of a resolution", "does a resolution cost", "cost per solved case"),
    "cost_per_call": ("cost of a call", "does a call cost", "cost of a model call", "price per call"),
    "cost_per_insight": ("cost of a summary", "does a summary cost", "price per summary"),
    "tokens": ("token consumption", "tokens used", "used tokens"),
    "attempts": ("model requests", "calls to models", "calls of models", "llm calls", "requests to models"),
    "call_error_rate": ("failing calls", "failure rate of calls", "error share", "model errors", "call errors",
                        "error rate of models", "calls failed", "calls fail"),
    "timeouts": ("timed out", "time outs"),
    "run_error_rate": ("runs failed", "runs fail", "failure share", "agent failures"),
    "failed_queries": ("queries failed", "queries that failed", "failed questions"),
    "fallback_rate": ("fall back rate", "fallback share", "fallback model rate", "fallback use"),
    "pending_queries": ("queries waiting", "waiting queries", "unanswered queries", "open queries", "pending queries"),
    "answered_by_agent": ("answered by the agent", "answered by the machine", "agent replies", "machine replies",
                          "replies by the agent", "replies of the agent", "agent answers", "answered alone"),
    "auto_answer_rate": ("automatic answer rate", "automated share", "auto reply rate", "share of automatic replies"),
    "clarification_rate": ("asked back rate", "questions back", "share asked back", "clarification share"),
    "reopened_rate": ("reopened cases", "cases reopened", "reopened share", "reopened"),
    "return_rate": ("came back", "customers come back", "customers came back", "come back rate", "repeat rate",
                    "repeated contacts", "recontacts", "comeback rate"),
    "confidence": ("confidence", "mean score", "mean confidence", "average confidence"),
    "judge_relevance": ("relevance of replies", "relevant are the replies", "relevance of answers"),
    "judge_accuracy": ("accuracy of replies", "accurate are the replies", "accuracy of answers", "accurate replies",
                       "correctness", "how accurate"),
    "judge_safety": ("safety of replies", "safe are the replies", "safety of answers"),
    "availability": ("up time", "how available", "service availability"),
    "result_cache_hit_rate": ("cache rate", "cache hit share", "cache hit ratio"),
    "queries_per_case": ("queries a case", "questions per case"),
}  # fmt: skip

# Words for things rather than figures: beside a figure they only say what it is of.
NOUNS: Mapping[str, str] = {
    word: metric
    for metric, words in {
        "queries": ("query", "queries", "question", "questions", "message", "messages", "request", "requests",
                    "inquiry", "inquiries", "enquiries", "contacts"),
        "cases": ("case", "cases", "conversation", "conversations", "thread", "threads", "ticket", "tickets",
                  "matter", "matters"),
        "customers": ("customer", "customers", "people", "user", "users", "client", "clients"),
        "answered_by_agent": ("reply", "replies"),
        "attempts": ("call", "calls"),
        "insights": ("summary", "summaries", "insight", "insights"),
        "escalations": ("escalation", "escalations", "handover", "handovers", "handoff", "handoffs"),
        "draft_rate": ("draft", "drafts"),
        "run_latency": ("run", "runs"),
    }.items()
    for word in words
}  # fmt: skip
# Which things the figures of a view are of.
NOUNS_OF_VIEW: Mapping[str, frozenset[str]] = {
    "queries": frozenset({"queries", "answered_by_agent", "customers", "run_latency"}),
    "cases": frozenset({"cases", "queries", "customers"}),
    "escalations": frozenset({"escalations", "queries", "draft_rate", "customers"}),
    "attempts": frozenset({"attempts", "run_latency"}),
    "insights": frozenset({"insights", "customers"}),
}
# After "how many" the thing must be what the figure counts.
HEADS: Mapping[str, frozenset[str]] = {
    "escalations": frozenset({"queries", "escalations"}), "open_escalations": frozenset({"escalations"}),
    "overdue_escalations": frozenset({"escalations"}), "failed_queries": frozenset({"queries"}),
    "pending_queries": frozenset({"queries"}), "answered_by_agent": frozenset({"queries", "answered_by_agent"}),
    "resolved_cases": frozenset({"cases"}), "alpha": frozenset({"cases"}), "timeouts": frozenset({"attempts"}),
    "escalation_rate": frozenset({"queries"}), "overdue_rate": frozenset({"escalations"}),
    "auto_answer_rate": frozenset({"queries"}), "reopened_rate": frozenset({"cases"}),
}  # fmt: skip
SHARE_OF = {"escalations": "escalation_rate", "answered_by_agent": "auto_answer_rate", "resolved_cases": "alpha",
            "overdue_escalations": "overdue_rate"}  # fmt: skip
COUNT_OF = {"alpha": "resolved_cases", "escalation_rate": "escalations", "overdue_rate": "overdue_escalations",
            "auto_answer_rate": "answered_by_agent"}  # fmt: skip

# Phrases that are read as others before anything else. Patterns over the words.
_WHOSE = r"(?:the |our |all )?"
_DONE = r"(?:(?:that |which )?(?:were|was|are|is|got|get|had to be|have been|has been|been|did we|do we|we|to be) )*"
REWRITES: tuple[tuple[str, str], ...] = (
    (r"(cases|tickets|conversations) (?:were |was |got |have been |are )?(?:opened|created|started)", "cases"),
    (r"(?:replies|answers) (?:has|did|does) the agent (?:send|sent|give|given|write|written|make|made)", "answered by the agent"),
    (r"(?:due to|because of|caused by)", "for"),
    (r"breakdown of", ""),
    (r"(?:has|did|does|could) the (?:agent|machine) (?:answer|answered|reply|replied)(?: to)?(?: alone| itself| automatically| by itself)?", "answered by the agent"),
    (r"(?:summaries|summary) (?:were|was|are|is|have been)? ?(?:found|rated|called|considered|judged) (?:to be )?(?:helpful|useful)", "summary helpfulness"),
    (r"(?:summaries|summary) (?:were|was|are|is|have been)? ?(?:found|rated|called|considered|judged) (?:to be )?(?:not helpful|unhelpful|useless)", "summary miss rate"),
    (rf"why (?:were|are|did|do) {_WHOSE}(?:queries|questions|messages|cases|we) (?:get )?(?:escalated|escalate|handed over)", "escalations by reason"),
    (r"(?:the )?reasons (?:for|of|behind) (?:the |our )?escalations?", "escalations by reason"),
    (rf"(queries|questions|messages|inquiries) {_DONE}(?:escalated|handed (?:over|to (?:people|a person|consultants|humans))|passed to people)", "escalations"),
    (rf"(cases|tickets|conversations|matters) {_DONE}(?:resolved|solved|settled|closed) (?:without (?:a person|people|humans?|help)|by the agent|for good|alone|automatically)", "resolved cases"),
    (r"(?:how|what) (?:quickly|fast|soon) (?:do|did|does|have|are) (?:we|the agent|our agent|customers|you) (?:answer|answered|reply|replied|respond|responded|get an answer|get answers|get a reply)(?: to)?", "answer time"),
    (r"how long (?:do|did|does) (?:it take (?:us |the agent )?(?:to|until we) (?:answer|reply|respond)|(?:a |our |the )?customers? (?:have to )?wait(?: for (?:an answer|a reply|answers|replies))?)", "answer time"),
    (r"how long (?:does|did|do) (?:it take )?(?:people|consultants|a person)(?: need| take)?(?: to (?:handle|answer|close)(?: an escalation| escalations)?)?", "handling time"),
    (r"how long (?:does|did) it take to (?:resolve|solve|settle) (?:a case|cases|a matter)", "resolution time"),
    (r"how (?:much|many dollars) (?:money )?(?:did|do|have|has) (?:we|it) (?:spend|spent|pay|paid|cost)(?: for models| on models| on (?:the )?llms?)?", "cost"),
    (r"(?:did|do|have) we (?:spend|spent|pay|paid)(?: for models| on models)?", "cost"),
    (r"how (?:expensive|costly) (?:is|was|are|were) (?:a|an|one|our|the) (?:reply|replies|answers?)", "cost per reply"),
    (r"how (?:expensive|costly) (?:is|was) (?:a|one) (?:summary)", "cost per summary"),
    (r"how much of the work (?:is|was|were|has been|stays|remains) (?:left )?(?:for|to|with) people", "workload"),
    (r"(drafts?|suggestions|suggested replies) (?:(?:do|did|that|are|were|is|have|been|our|the|by) )*(?:(?:consultants|people) )?(?:accept|accepted|take over|taken over|use|used)", "draft acceptance"),
    (r"how often (?:do|did|are|were) (?:our |the )?(?:consultants|people) (?:accept|use)(?: the| our)? drafts", "draft acceptance"),
    (r"how (?:helpful|useful|good) (?:are|were|is|did) (?:the |our )?summar(?:y|ies)(?: rated)?", "summary helpfulness"),
    (r"how (?:relevant|on topic) (?:are|were) (?:the |our )?(?:replies|answers)", "judge relevance"),
    (r"how (?:accurate|correct|faithful) (?:are|were) (?:the |our )?(?:replies|answers)", "judge accuracy"),
    (r"how safe (?:are|were) (?:the |our )?(?:replies|answers)", "judge safety"),
    (r"how (?:confident|sure) (?:is|was|were) (?:the |our )?agent", "confidence score"),
    (r"how (?:often|many times) (?:do|did|have) (?:our |the )?customers? (?:reopen|reopened) (?:a case|cases|their cases|their case)", "reopened rate"),
    (r"how (?:often|many times) (?:do|did|have) (?:our |the )?customers? (?:come|came) back", "return rate"),
    (r"(?:do|did) (?:our |the )?customers? (?:come|came) back", "return rate"),
    (r"how (?:busy|loaded) (?:is it|was it|were we|are we)", "queries"),
    (r"how (?:slow|fast|quick) (?:is|was|are|were) (?:the |our )?(?:agent|runs?)", "run latency"),
    (r"how (?:slow|fast|quick) (?:is|was|are|were) (?:the |our )?(?:models?|model calls)", "call latency"),
    (r"how (?:slow|fast|quick) (?:is|was|are|were) (?:the |our )?summar(?:y|ies)", "summary latency"),
    (r"(?:at|in) (?:what|which) (?:time|hour)s?(?: of (?:the )?day)?", "which hour of day"),
    (r"(?:on|in) (?:what|which) (?:day of the week|weekdays?)", "which weekday"),
    (r"what time of (?:the )?day", "which hour of day"),
    (r"grew|grow|fallen|risen|changed|change", "over time"),
)  # fmt: skip

# Values by what they mean, on top of the catalogue's labels: (dimension, value).
VALUE_WORDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("reason", "asked_for_person"): ("request for a person", "asked for a person", "asking for a person",
                                     "wanted a person", "request for a human", "asked for a human",
                                     "requests for a person", "wish for a person"),
    ("reason", "angry_frustrated_tone"): ("angry tone", "anger", "angry customers", "frustration"),
    ("reason", "urgency"): ("urgent",),
    ("reason", "no_knowledge"): ("missing knowledge", "no knowledge", "lack of knowledge"),
    ("answered_by", "consultant"): ("answered by consultants", "answered by a consultant", "answered by people"),
    ("area", "speech"): ("speech", "transcription", "transcriptions"),
    ("area", "judge"): ("judging", "the judge"),
    ("area", "insight"): ("summarising", "for summaries"),
    ("category", "complaint"): ("complaint", "complaints"),
    ("category", "returns"): ("return", "returns", "refund", "refunds"),
    ("category", "technical"): ("technical", "technical problems", "technical issues"),
    ("category", "account"): ("account", "accounts"),
    ("category", "product"): ("product", "products", "product questions"),
    ("category", "billing"): ("billing", "payments", "payment", "invoices"),
    ("category", "orders"): ("order", "orders", "delivery", "deliveries"),
}  # fmt: skip
MAIL_WORDS = ("email", "emails", "mail", "mails", "e mail")
CHAT_WORDS = ("chat", "chats", "live chat", "web chat", "the widget")

# Values of these are understood only right after the name of their dimension: their words mean other things as well.
GUARDED = frozenset({"status", "decision", "answered_by", "outcome", "cache", "purpose", "provider", "hour_of_day",
                     "weekday", "ivr_intent", "queue", "area", "prompt_version", "scope", "rating_reason"})  # fmt: skip
DIMENSION_WORDS: Mapping[str, tuple[str, ...]] = {
    "channel": ("way of contact", "contact channel"),
    "category": ("kind of question", "kind of query", "theme", "subject matter"),
    "weekday": ("day of week", "days of the week"),
    "hour_of_day": ("hour of day", "hours of day", "hour of the day", "time of the day"),
    "service_level": ("customer tier", "service tier", "customer segment"),
    "prompt_version": ("version of the prompt", "prompt hash"),
    "model": ("llms", "language model"),
    "queue": ("work queue",),
    "reason": ("escalation reasons", "main reason"),
    "answered_by": ("who answered",),
}
NOT_DIMENSIONS = frozenset(
    {
        "why",
        "type",
        "use",
        "part",
        "result",
        "level",
        "version",
        "way in",
        "author",
        "team",
        "source",
        "state",
        "cause",
        "subject",
        "engine",
        "intent",
        "kind of matter",
    }
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILLERS = _words(
    "a an the of in on for at to with from as is are was were be been being am do does did done have has had having "
    "i we you us our ours my me your their they them it its this that these those there here please pls kindly can "
    "could would should may might shall let lets show shows showing give gives tell tells display see look need "
    "want wants like know find get got getting gets make makes draw plot chart charts graph graphs visualise "
    "visualize diagram report list figure figures number numbers value values total totals overall altogether sum "
    "any some and or so then how what which when whats hows much many now currently moment right really actually "
    "roughly about around approximately hello hi hey thanks thank ok okay well long often come came comes coming "
    "arrive arrived arrives receive received receives take takes took happen happened happens occur occurred go "
    "goes went going develop developed develops look looked looking used using during while into onto via through "
    "data statistics statistic kpi metric metrics analysis overview quick quickly brief exactly exact latest recent "
    "recently one ones way tell told sent send wrote write answer answered answers compute computed calculate "
    "calculated interested company business dear analyst individual various whole entire just say evolve evolved "
    "evolves reach reached stand wise side sorted sort ranked rank order ordered was's turn turned thing things "
    "there're generated caused incurred customers' each's amount quantity level's rate us-all current ask asked "
    "asking made due still rest-of "
)
# Words that change a meaning when they are passed over.
NEVER_FILLER = _words(
    "not without except excluding no than more less fewer above below over under greater smaller minus plus times "
    "divided ratio "
)  # fmt: skip
