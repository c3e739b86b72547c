"""Where the pictures of days and releases go when a bucket is configured: below its mlartifacts/."""

from datetime import timedelta

import boto3
import psycopg
import pytest
from django.utils import timezone

from agents.tracing import store
from agents.tracing.daily import days_report
from tests.agents.tracing.test_daily import run_make
from tests.simulators.aws import denied

pytestmark = pytest.mark.django_db
BUCKET = "company-traces"


@pytest.fixture
def bucket(mlflow, mlflow_uri: str, aws, settings):
    """An empty bucket, and an MLflow that has not been used yet: its experiment remembers where artifacts go."""
    with psycopg.connect(mlflow_uri.replace("+psycopg", ""), autocommit=True) as database:
        database.execute("DELETE FROM experiments WHERE name = %s", [store.EXPERIMENT])
    store.store_forget()
    settings.MLFLOW_ARTIFACTS = f"s3://{BUCKET}/mlartifacts"
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    yield s3
    with psycopg.connect(mlflow_uri.replace("+psycopg", ""), autocommit=True) as database:
        database.execute("TRUNCATE experiments CASCADE")


def test_pictures_of_the_day_and_the_release_are_in_the_bucket(bucket, settings):
    settings.RELEASE = "2.1"
    run_make(timezone.now() - timedelta(seconds=5), latency_ms=100)
    assert days_report() == 2
    keys = [entry["Key"] for entry in bucket.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert all(key.startswith("mlartifacts/") for key in keys)
    hours = [key for key in keys if key.endswith("/artifacts/hours.svg")]
    assert len(hours) == 2
    picture = bucket.get_object(Bucket=BUCKET, Key=hours[0])["Body"].read().decode()
    assert "most in an hour" in picture
    for run in store.store_get().client.search_runs([store.store_get().experiment_id]):
        assert run.info.artifact_uri.startswith(f"s3://{BUCKET}/mlartifacts/")


def test_a_bucket_that_takes_nothing_stops_no_one(bucket, aws, settings):
    settings.RELEASE = "2.1"
    run_make(timezone.now() - timedelta(seconds=5))
    aws.fail(denied)
    assert days_report() == 0
    aws.recover()
    store.store_forget()
