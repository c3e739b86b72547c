"""AWS: one factory for clients, one way to wait for a call, one meaning for each failure.

boto3 limits how long the other side may be silent, not how long a call takes, and a blocked read cannot be cancelled
(measured with botocore 1.44.5, which is pinned for that). So a call runs in a thread of its own: whoever waits for it
leaves at the deadline, and the connection is cut, which ends the thread too.
"""

from omnicqm.common.aws.calls import aws_call, aws_stream
from omnicqm.common.aws.clients import aws_client, aws_credentials_source, aws_region
from omnicqm.common.aws.failures import AwsFailure, AwsKind, aws_failure
from omnicqm.common.aws.signing import aws_presigned_socket

__all__ = [
    "AwsFailure",
    "AwsKind",
    "aws_call",
    "aws_client",
    "aws_credentials_source",
    "aws_failure",
    "aws_presigned_socket",
    "aws_region",
    "aws_stream",
]
