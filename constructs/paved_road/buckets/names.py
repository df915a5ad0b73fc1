"""Names that others compute too, so that no stack waits for another to know them."""

from aws_cdk import Aws

from paved_road.estate import Region


def bucket_name(region: Region, role: str) -> str:
    """`acme-us-east-1-backup-<account>`: at most 54 of S3's 63 characters."""
    return f"{region.estate}-{region.name}-{role}-{Aws.ACCOUNT_ID}"


def bucket_arn(region: Region, role: str) -> str:
    """Buckets are named alike in every region, so their ARNs hold none."""
    return f"arn:aws:s3:::{bucket_name(region, role)}"


def key_alias(region: Region, role: str) -> str:
    """Alias of the key of a bucket; its ARN can be computed, the key's cannot."""
    return f"alias/{region.estate}-{role}"
