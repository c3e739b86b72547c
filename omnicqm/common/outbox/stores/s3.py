"""Objects in a bucket of Amazon S3."""

from omnicqm.common.aws import aws_call, aws_client, aws_region
from omnicqm.common.errors import ConfigurationError


class S3Store:
    """Encrypted at rest: with the key of AWS KMS that is named, else with S3's own.

    Building one raises `ConfigurationError` when bucket or region are not set. It needs the right s3:PutObject, with a
    key also kms:GenerateDataKey. Source: S3 API reference, PutObject.
    """

    def __init__(self, bucket: str, kms_key: str = "") -> None:
        if not bucket:
            raise ConfigurationError(
                "OMNICQM_WAREHOUSE_BUCKET is not set. Name the S3 bucket that summaries and ratings go to.",
                param="OMNICQM_WAREHOUSE_BUCKET",
            )
        aws_region()
        self._bucket = bucket
        self._encryption = (
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key, "BucketKeyEnabled": True}
            if kms_key
            else {"ServerSideEncryption": "AES256"}
        )
        self.place = f"s3://{bucket}"

    def put(self, key: str, body: bytes, *, deadline: float) -> None:
        """See `ObjectStore`. Raises `AwsFailure`."""
        aws_call(
            lambda: aws_client("s3").put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType="application/x-ndjson", **self._encryption
            ),
            deadline=deadline,
        )
