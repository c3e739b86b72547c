"""The product's settings, with what tests must not depend on replaced by something inside the process.

The database is real: `tests.plugin` starts it.
"""

import structlog

from omnicqm.settings import *
from omnicqm.settings import BASE_DIR, DATABASES, EMBEDDERS, EVENT_TASKS, STATIC_ROOT

DATABASES["default"]["OPTIONS"]["pool"]["max_size"] = 20
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CHANNEL_LAYERS = {"default": {"BACKEND": "tests.layer.MemoryLayer"}}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_BROKER_URL = "memory://"
CELERY_RESULT_BACKEND = "cache+memory://"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # nothing is collected in tests, but whitenoise wants the folder
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Built once and kept between test runs: 90 MB that never change.
EMBEDDERS["local"]["OPTIONS"]["graph_path"] = BASE_DIR / "build" / "models" / "all-minilm-l6-v2.onnx"
BATCHING = False  # each in the caller's own thread, which sees the transaction of its test
BUDGET_TRUST_SECONDS = 0.0
INSIGHTS_PREPARED = False
STAFF_MFA = "optional"
EVENT_TASKS = {event: [] for event in EVENT_TASKS}  # what follows on a reply is for the tests about it: `after_replies`
# Events go through `logging`, where caplog sees them; tests/common/test_logs.py looks at what is written otherwise.
structlog.configure(
    processors=[structlog.contextvars.merge_contextvars, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
