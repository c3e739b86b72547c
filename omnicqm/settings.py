"""The one settings file. It reads the environment once, typed; `.env.example` explains every variable.

Embedded (default) and distributed mode differ only here: without DATABASE_URL or REDIS_URL the addresses of the
embedded servers are read from the data folder.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from omnicqm.common.api.config import API_SCOPES as API_SCOPES
from omnicqm.common.api.config import OAUTH2_PROVIDER as OAUTH2_PROVIDER
from omnicqm.common.api.config import REST_FRAMEWORK as REST_FRAMEWORK
from omnicqm.common.api.config import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from omnicqm.common.env import Environment
from omnicqm.common.errors import ConfigurationError
from omnicqm.common.logs import logging_config
from omnicqm.console.theme import UNFOLD as UNFOLD
from omnicqm.processes.addresses import addresses_read

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

# --- Where things are ------------------------------------------------------------------------------------------------
OMNICQM_HOME = env.folder("OMNICQM_HOME", BASE_DIR / "var")
OMNICQM_PORT = env.integer("OMNICQM_PORT", 8000, low=1, high=65535)
OMNICQM_BASE_URL = env.text("OMNICQM_BASE_URL", f"http://localhost:{OMNICQM_PORT}").rstrip("/")

EMBEDDED_POSTGRES = not env.text("DATABASE_URL")
EMBEDDED_VALKEY = not env.text("REDIS_URL")
_embedded = addresses_read(OMNICQM_HOME)
_POSTGRES, _REDIS = ("postgresql", "postgres"), ("redis", "rediss")
DATABASE_URL = env.address("DATABASE_URL", _POSTGRES, _embedded.database_url if _embedded else "")
REDIS_URL = env.address("REDIS_URL", _REDIS, _embedded.redis_url if _embedded else "")
OMNICQM_DEMO = env.boolean("OMNICQM_DEMO", default=EMBEDDED_POSTGRES)

# --- Django ----------------------------------------------------------------------------------------------------------
DEBUG = env.boolean("OMNICQM_DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY", _embedded.secret_key if _embedded else "")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")  # what earlier keys signed and sealed stays valid
ALLOWED_HOSTS = [*env.words("OMNICQM_HOSTS"), "localhost", "127.0.0.1", "[::1]", urlsplit(OMNICQM_BASE_URL).hostname]
ROOT_URLCONF = "omnicqm.urls"
ASGI_APPLICATION = "omnicqm.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "omnicqm.console.accounts.apps.ConsoleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "rest_framework",
    "oauth2_provider",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "axes",
    "omnicqm.common",
    "knowledge",
    "agents",
    "conversations",
    "feedback",
    "analytics",
    "omnicqm.console",
    "omnicqm.processes",
    "omnicqm.demo",
    "omnicqm.warehouse",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "omnicqm.common.api.middleware.CorrelationMiddleware",
    "omnicqm.common.api.middleware.body_length_middleware",
    "omnicqm.common.api.rates.rate_headers_middleware",
    "csp.middleware.CSPMiddleware",
    "omnicqm.console.policy.ConsolePolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "conversations.widget.mount.WidgetMountMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "omnicqm.console.viewing.ViewingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_HANDLER = "omnicqm.console.accounts.locks.LockHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = "omnicqm.console.accounts.locks.lock_time"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "omnicqm.console.accounts.locks.lock_address"
AXES_LOCKOUT_CALLABLE = "omnicqm.console.accounts.locks.locked_page"
AXES_RESET_ON_SUCCESS = AXES_DISABLE_ACCESS_LOG = True  # the audit trail tells who came in
AXES_VERBOSE = AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # who keeps trying does not lengthen it
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["omnicqm.formats"]
USE_TZ = True

# --- Data ------------------------------------------------------------------------------------------------------------
_database = dj_database_url.parse(DATABASE_URL or "postgresql://omnicqm@127.0.0.1:1/omnicqm")
_database["OPTIONS"] = {
    **_database.get("OPTIONS", {}),
    "pool": {"min_size": 1, "max_size": env.integer("OMNICQM_DATABASE_POOL", 20, low=2, high=200), "timeout": 10},
}
_database["CONN_HEALTH_CHECKS"] = True  # a pooled connection may have outlived the server
DATABASES = {"default": _database}
BATCHING = True  # what many do to the database in the same moment is done together, in threads of its own
CACHES = {
    "default": {
        "BACKEND": "omnicqm.common.cache.ValkeyCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {
            "socket_connect_timeout": 0.5,  # what it keeps is not worth a wait
            "socket_timeout": 0.5,
            "pool_class": "redis.BlockingConnectionPool",
            "max_connections": 50,
            "timeout": 1,
        },
    }
}
CHANNEL_LAYERS = {"default": {"BACKEND": "omnicqm.common.layer.ValkeyLayer", "CONFIG": {"hosts": [REDIS_URL]}}}
MEDIA_ROOT = OMNICQM_HOME / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # forms; the API has its own limit
FILE_UPLOAD_PERMISSIONS = 0o600

# --- Pages and static files ------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = OMNICQM_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
_https = OMNICQM_BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = False  # the proxy's work
BEHIND_PROXY = env.boolean("OMNICQM_BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31536000 if _https else 0
# The redirect to https is the proxy's work; subdomains and browsers' preload lists are the domain owner's decision.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
CSRF_TRUSTED_ORIGINS = [OMNICQM_BASE_URL]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Mail ------------------------------------------------------------------------------------------------------------
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_BACKEND = f"omnicqm.common.mail.{'SmtpBackend' if EMAIL_HOST else 'FolderBackend'}"
EMAIL_FOLDER = OMNICQM_HOME / "mails"  # what is not sent
EMAIL_PORT = env.integer("EMAIL_PORT", 587, low=1, high=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("OMNICQM_MAIL_FROM", "support@omnicqm.example")

# --- API -------------------------------------------------------------------------------------------------------------
# Asynchronous views that are called by the hundred at once: they go past sessions, pages and their threads.
DIRECT_PATHS = ["/api/v1/omni-channel-insights"]
API_MAX_BODY_BYTES = 40 * 1024 * 1024  # 25 MB of attachments in base64, with room
METRICS_TOKEN = env.text("OMNICQM_METRICS_TOKEN")
# What a client may send unless its own page says otherwise: as many at once, and as many a minute.
API_REQUESTS_PER_MINUTE = env.integer("OMNICQM_API_REQUESTS_PER_MINUTE", 6000, low=1, high=1_000_000)
TOKEN_REQUESTS_PER_MINUTE = {"client": 60, "address": 300}  # of one client from one address; of one address in all
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OUTGOING_ALLOW = env.places("OMNICQM_OUTGOING_ALLOW")

# --- Work ------------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL
CELERY_RESULT_EXPIRES = 300
CELERY_TASK_IGNORE_RESULT = True  # a task whose caller waits says so itself
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A request that wakes a worker does not wait for a broker that is down: the sweep finds its row.
_BRIEFLY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
# Longer than the longest task; redelivery after a killed worker is the sweep's work first, the broker's second.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    **_BRIEFLY,
}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"retry_policy": _BRIEFLY}
CELERY_BEAT_ENABLE_REMOTE_CONTROL = True  # so that `manage.py doctor` can ask whether it lives
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
_SWEEPS = {  # task: seconds between two. One that nobody took before the next is due has nothing to add.
    "conversations.queries_sweep": 5,
    "conversations.deliveries_sweep": 5,
    "conversations.desk_sweep": 5,
    "knowledge.versions_sweep": 15,
    "common.records_purge": 3600,
    "agents.records_purge": 3600,
    "common.client_use_store": 60,
    "common.outbox_flush": 60,
    "common.audit_seal": 10,
    "conversations.insights_purge": 3600,
    "conversations.erasures_sweep": 300,
    "conversations.transcriptions_sweep": 5,
    "conversations.assisting_sweep": 30,
    "conversations.transcriptions_purge": 3600,
    "console.replays_sweep": 15,
    "console.system_examine": 60,
    "analytics.alerts_evaluate": 30,
    "analytics.notices_sweep": 10,
    "agents.tracing_prepare": 600,
    "agents.traces_export": 10,
    "agents.traces_housekeep": 3600,
    "agents.tracing_daily": 3600,
    "feedback.judgements_sweep": 60,
    "feedback.learning_sweep": 30,
    "feedback.breakers_check": 300,
    "analytics.facts_refresh": 30,
    "conversations.crm_cases_sweep": 30,
}
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": float(seconds), "options": {"expires": seconds}}
    for task, seconds in _SWEEPS.items()
}
CELERY_IMPORTS = ["omnicqm.common.periodic"]
# What no customer waits for has a queue and a worker of its own: should it hang, it takes no place from replies.
SIDE_QUEUE = "side"
SIDE_TASKS = [
    *("agents.tracing_prepare", "agents.traces_export", "agents.traces_housekeep", "agents.tracing_daily"),
    *("feedback.reply_judge", "feedback.judgement_show", "feedback.judgements_sweep"),
    *("console.replay_run", "console.replays_sweep", "console.system_examine"),
    *("conversations.brief_write", "conversations.brief_follow", "conversations.assisting_sweep"),
    *("feedback.answer_learn", "feedback.escalation_learn", "feedback.gap_note", "feedback.article_compare"),
    *("feedback.learning_sweep", "feedback.breakers_check"),
    "analytics.facts_refresh",
    *("conversations.crm_case_send", "conversations.crm_cases_sweep"),
    *("analytics.alerts_evaluate", "analytics.notice_send", "analytics.notices_sweep"),
]
CELERY_TASK_ROUTES = {task: {"queue": SIDE_QUEUE} for task in SIDE_TASKS}
EVENT_TASKS: dict[str, list[str]] = {
    "query.answered": [],
    "query.escalated": ["feedback.reply_judge", "feedback.gap_note"],
    "escalation.changed": ["console.escalation_show", "conversations.brief_follow", "feedback.escalation_learn"],
    "escalation.answered": ["feedback.answer_learn"],
    "reply.sent": ["feedback.reply_judge"],
    "reply.judged": ["feedback.judgement_show"],
    "judgement.overruled": ["feedback.judgement_show"],
}
# Functions that an event calls in its own transaction, before its tasks are sent.
EVENT_NOTES = {
    name: ["conversations.crm.noting.escalation_noted"] for name in ("escalation.changed", "escalation.answered")
}

# --- Conversations ---------------------------------------------------------------------------------------------------
ESCALATION_DUE_HOURS = {"premium": 2, "gold": 4, "standard": 8}  # by service level, where no service target is
REPLY_UNDO_S = env.integer("OMNICQM_REPLY_UNDO_S", 10, low=0, high=120)  # a consultant's reply can be taken back
# What of a customer's own records the agent may read; names without case, blanks and punctuation.
AGENT_PROFILE_FIELDS = ["SpendingProfile", "AdditionalInformation", "LoanApproved", "SubscriptExpirationDate"]
# Tools of a conversation: the name the model calls, and the function that makes the tool for a `ToolScene`.
AGENT_TOOLS = {
    "get_customer_profile": "conversations.answering.tools.profile.profile_tool",
    "get_conversation_history": "conversations.answering.tools.threads.history_tool",
    "list_conversations": "conversations.answering.tools.threads.list_tool",
    "read_conversation": "conversations.answering.tools.threads.read_tool",
    "open_follow_up": "conversations.answering.tools.follow_up.follow_up_tool",
}
# Further tools of one channel, by its id. They may make none: that of the analyst is for staff who wrote verified.
CHANNEL_TOOLS = {"admin": {"ask_analytics": "analytics.analyst.tool.ask_tool"}}
# What the server knows of a verified customer and HTTP tools may send: {{server.<name>}} in their templates.
TOOL_VARIABLES = {
    "customer_id": "the customer's id here",
    "email": "the customer's verified e-mail address",
    "account_number": "the customer's account number",
}

# What apps on the right of conversations hold of a customer who has their data deleted: functions that take an
# `ErasureScope`, called in the same transaction.
DATA_ERASERS = [
    *(f"feedback.erasing.{name}_erase" for name in ("ratings", "judgements", "learning")),
    "analytics.erasing.facts_erase",
]

# --- Interactions that stay where a company keeps them already -------------------------------------------------------
_table = env.text("OMNICQM_HISTORY_TABLE")
_keys = env.words("OMNICQM_HISTORY_TABLE_KEYS") or ("account_number", "timestamp")
if len(_keys) != 2:
    raise ConfigurationError(
        "OMNICQM_HISTORY_TABLE_KEYS must name two attributes: that of the account and that of the moment.",
        param="OMNICQM_HISTORY_TABLE_KEYS",
    )
HISTORY_TABLE: dict[str, Any] = {  # the fields of a HistoryTable; without a name there is none
    "name": _table,
    "index": env.text("OMNICQM_HISTORY_TABLE_INDEX"),
    "account_key": _keys[0],
    "time_key": _keys[1],
    "moments": env.choice("OMNICQM_HISTORY_TABLE_MOMENTS", ("iso", "seconds", "milliseconds"), "iso"),
    "attributes": env.names(
        "OMNICQM_HISTORY_TABLE_ATTRIBUTES", ("channel", "intent", "detail", "external_id", "author")
    ),
    "seconds": env.integer("OMNICQM_HISTORY_TABLE_MS", 1500, low=100, high=5000) / 1000,
}

# --- Insights --------------------------------------------------------------------------------------------------------
# Requests a web process answers at the same time; who comes beyond is told to come back (429).
INSIGHTS_AT_ONCE = env.integer("OMNICQM_INSIGHTS_AT_ONCE", 400, low=1, high=5000)
INSIGHTS_PREPARED = True  # a web process loads at its start what first summaries would wait for
INSIGHT_TEXT_DAYS = env.integer("OMNICQM_INSIGHT_TEXT_DAYS", 90, low=7, high=3650)  # then only what was measured stays

# --- Swappable parts -------------------------------------------------------------------------------------------------
EMBEDDINGS = env.choice("OMNICQM_EMBEDDINGS", ("local", "titan"), "local")
EMBEDDERS = {
    "local": {
        "BACKEND": "knowledge.embeddings.local.LocalEmbedder",
        "OPTIONS": {"graph_path": OMNICQM_HOME / "models" / "all-minilm-l6-v2.onnx"},
    },
    "titan": {"BACKEND": "knowledge.embeddings.titan.TitanEmbedder"},
}
MODEL = env.choice("OMNICQM_MODEL", ("local", "bedrock"), "local")
_BEDROCK = "agents.providers.bedrock.BedrockProvider"
# An id without geography becomes the profile of the region's own: global ones may process data anywhere.
_PRIMARY = env.text("OMNICQM_MODEL_PRIMARY", "amazon.nova-2-lite-v1:0")
_SECONDARY = env.text("OMNICQM_MODEL_SECONDARY", "anthropic.claude-haiku-4-5-20251001-v1:0")
_JUDGE = env.text("OMNICQM_MODEL_JUDGE")
MODEL_PROVIDERS = {
    "local": {"BACKEND": "agents.providers.local.LocalProvider", "OPTIONS": {}},
    **{
        alias: {"BACKEND": _BEDROCK, "OPTIONS": {"alias": alias, "model_id": model_id}}
        for alias, model_id in (
            *(("primary", _PRIMARY), ("secondary", _SECONDARY)),
            *(("judge", _JUDGE or _SECONDARY), ("judge_other", _PRIMARY)),
        )
    },
}
MODEL_ROUTE = {"local": ["local"], "bedrock": ["primary", "secondary", "local"]}[MODEL]  # asked in this order
# A run ends by then, whoever answers.
MODEL_RUN_SECONDS = env.integer("OMNICQM_MODEL_RUN_MS", 20_000, low=1000, high=120_000) / 1000
RUN_MAX_TOKENS = 200_000  # of all kinds together, in one run; then a person takes over
RUN_MAX_USD = Decimal("0.25")
PROMPTS_FOLDER = OMNICQM_HOME / "prompts"  # folders in it are prompts to try out in replays
# Hosts that replies may link to although no cited passage does.
REPLY_LINK_HOSTS = env.words("OMNICQM_REPLY_LINK_HOSTS")
# Seconds one call may take, for those behind a network. What is not named here works inside the process.
MODEL_SECONDS = {
    "primary": env.integer("OMNICQM_MODEL_PRIMARY_MS", 5000, low=100, high=60_000) / 1000,
    "secondary": env.integer("OMNICQM_MODEL_SECONDARY_MS", 5000, low=100, high=60_000) / 1000,
}
MODEL_SECONDS |= dict.fromkeys(("judge", "judge_other"), 20.0)  # nobody waits for a judge
# Calls of one model that a process makes at the same time, each in a thread; more go to the next model at once.
MODEL_AT_ONCE = env.integer("OMNICQM_MODEL_AT_ONCE", 400, low=1, high=1000)
# Ask the next one too when this long nothing came; None: only after a failure.
MODEL_HEDGE_SECONDS = env.integer("OMNICQM_MODEL_HEDGE_MS", 0, low=0, high=60_000) / 1000 or None
MODEL_BREAKER: dict[str, Any] = {}  # what is to be other than agents.routing.breaker.BreakerRules says
BUDGET_TRUST_SECONDS = 1.0  # so long a process believes what the ledger said of the money that is left
JUDGE = env.choice("OMNICQM_JUDGE", ("embedded", "model"), "model" if MODEL == "bedrock" else "embedded")
JUDGES = {
    "embedded": {"BACKEND": "agents.judging.embedded.EmbeddedJudge"},
    "model": {"BACKEND": "agents.judging.model.ModelJudge"},
}
MODEL_JUDGES = ["judge", "judge_other"]  # asked first: the one that did not write what is judged
JUDGE_USD_PER_DAY = env.integer("OMNICQM_JUDGE_USD_PER_DAY", 5, low=0, high=100_000)  # then the embedded judge judges
GUARDRAIL_ID = env.text("OMNICQM_GUARDRAIL_ID")
GUARDRAIL_VERSION = env.text("OMNICQM_GUARDRAIL_VERSION", "DRAFT")
SPEECH = env.choice("OMNICQM_SPEECH", ("local", "transcribe"), "local")
SPEECH_PROVIDERS = {
    "local": {"BACKEND": "conversations.speech.providers.local.provider.LocalSpeech", "OPTIONS": {"at_once": 2}},
    "transcribe": {
        "BACKEND": "conversations.speech.providers.transcribe.provider.TranscribeSpeech",
        "OPTIONS": {
            "languages": env.words("OMNICQM_TRANSCRIBE_LANGUAGES") or ("en-US",),
            "bucket": env.text("OMNICQM_TRANSCRIBE_BUCKET"),
            "kms_key": env.text("OMNICQM_TRANSCRIBE_KMS_KEY"),
            "usd_per_minute": env.text("OMNICQM_TRANSCRIBE_USD_PER_MINUTE", "0.024"),
        },
    },
}
# Recordings a process listens to at the same time; who comes beyond is told to type.
SPEECH_AT_ONCE = env.integer("OMNICQM_SPEECH_AT_ONCE", 20, low=1, high=500)
CHANNEL_ADAPTERS = {
    "email": {"BACKEND": "conversations.channels.email.EmailAdapter"},
    "chat": {"BACKEND": "conversations.channels.api.ApiAdapter"},
    "api": {"BACKEND": "conversations.channels.api.ApiAdapter"},
}

# --- Warehouse -------------------------------------------------------------------------------------------------------
FILES = env.choice("OMNICQM_FILES", ("local", "s3"), "local")
OBJECT_STORES = {  # where summaries and ratings are put, for the warehouse to load
    "local": {
        "BACKEND": "omnicqm.common.outbox.stores.folder.FolderStore",
        "OPTIONS": {"folder": OMNICQM_HOME / "warehouse"},
    },
    "s3": {
        "BACKEND": "omnicqm.common.outbox.stores.s3.S3Store",
        "OPTIONS": {
            "bucket": env.text("OMNICQM_WAREHOUSE_BUCKET"),
            "kms_key": env.text("OMNICQM_WAREHOUSE_KMS_KEY"),
        },
    },
}

# --- Cases in Salesforce (docs/crm-cases.md): none without a domain ---------------------------------------------------
SALESFORCE = {
    "domain": env.text("OMNICQM_SALESFORCE_DOMAIN"),
    "client_id": env.text("OMNICQM_SALESFORCE_CLIENT_ID"),
    "client_secret": env.text("OMNICQM_SALESFORCE_CLIENT_SECRET"),
    "username": env.text("OMNICQM_SALESFORCE_USERNAME"),
    "key_file": env.text("OMNICQM_SALESFORCE_KEY_FILE"),
    "mapping": env.text("OMNICQM_SALESFORCE_MAPPING"),
    "endpoint": env.text("OMNICQM_SALESFORCE_ENDPOINT"),
}

# --- Tracing ---------------------------------------------------------------------------------------------------------
_mlflow = _embedded.mlflow_url if _embedded and EMBEDDED_POSTGRES and env.boolean("OMNICQM_TRACING", True) else ""
# Where MLflow is: a server, or a database that is written to directly. Without an address nothing is traced.
MLFLOW_TRACKING_URI = env.address("MLFLOW_TRACKING_URI", ("http", "https", "postgresql+psycopg"), _mlflow)
MLFLOW_EMBEDDED = bool(_mlflow) and _mlflow == MLFLOW_TRACKING_URI  # its database is ours to make
_server = MLFLOW_TRACKING_URI if MLFLOW_TRACKING_URI.startswith("http") else ""
_bucket = env.text("OMNICQM_MLFLOW_BUCKET")
_folder = "" if _server else (OMNICQM_HOME / "mlartifacts").as_uri()  # a server has its own
MLFLOW_ARTIFACTS = f"s3://{_bucket}/mlartifacts" if _bucket else _folder
# Where people read the traces: pages started with the installation, or at an address of their own.
MLFLOW_PAGES_EMBEDDED = f"http://127.0.0.1:{_embedded.mlflow_port}" if _embedded else ""
MLFLOW_PAGES = env.text("OMNICQM_MLFLOW_PAGES", _server).rstrip("/")
TRACE_DAYS = env.integer("OMNICQM_TRACE_DAYS", 90, low=1, high=3650)
# Functions that tell of a run what was said of it; see agents.tracing.assessments.
TRACE_ASSESSORS = ["feedback.tracing.judgements_tell"]
# Functions that measure and draw a span of time for MLflow's runs of days and releases; see agents.tracing.daily.
TRACE_METRICS = ["analytics.tracing.period_tell"]
TRACE_PICTURES = ["analytics.tracing.period_draw"]
PROMPT_FOLDERS = {  # what is registered in MLflow, by the beginning of its names there
    "agents": BASE_DIR / "agents" / "prompts",
    "judge": BASE_DIR / "agents" / "judging" / "prompts",
    "insights": BASE_DIR / "conversations" / "insights" / "generation" / "prompts",
    "revising": BASE_DIR / "agents" / "revising" / "prompts",
    "analyst": BASE_DIR / "analytics" / "analyst" / "prompts",
}
RELEASE = env.text("OMNICQM_RELEASE", "development")

# --- Console and logs ------------------------------------------------------------------------------------------------
# required: who has no second factor yet sets one up at the next sign-in, but for those an admin has exempted.
STAFF_MFA = env.choice("OMNICQM_STAFF_MFA", ("required", "optional"), "optional" if OMNICQM_DEMO else "required")
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
LOGGING = logging_config(json=env.boolean("OMNICQM_LOG_JSON", default=not EMBEDDED_POSTGRES), routine=_SWEEPS)
