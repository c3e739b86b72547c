"""Housekeeping that comes round by the clock."""

from celery import shared_task

from omnicqm.common.outbox.flush import outbox_flush as flush
from omnicqm.common.services.audit_chain import audit_seal as seal
from omnicqm.common.services.purge import records_purge as purge
from omnicqm.common.services.use import client_use_store as store


@shared_task(name="common.records_purge")
def records_purge() -> None:
    purge()


@shared_task(name="common.client_use_store")
def client_use_store() -> None:
    store()


@shared_task(name="common.outbox_flush")
def outbox_flush() -> None:
    flush()


@shared_task(name="common.audit_seal")
def audit_seal() -> None:
    seal()
