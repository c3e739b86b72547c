"""The Celery application; tasks live in each app's `tasks` module and are called by their registered names."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnicqm.settings")

app = Celery("omnicqm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
