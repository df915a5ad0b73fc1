"""Bucket policies."""

Statement = dict[str, object]


def tls_only(arn: str, *statements: Statement) -> dict[str, object]:
    """A bucket policy that refuses plain HTTP and TLS before 1.2, with further statements."""

    def deny(sid: str, condition: dict[str, dict[str, str]]) -> Statement:
        return {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": condition,
        }

    return {
        "Version": "2012-10-17",
        "Statement": [
            deny("TlsOnly", {"Bool": {"aws:SecureTransport": "false"}}),
            deny("RecentTlsOnly", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
            *statements,
        ],
    }
