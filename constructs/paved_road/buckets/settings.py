"""What every bucket of an estate is set to: private, versioned, encrypted."""

from aws_cdk import aws_s3 as s3


def encryption(algorithm: str, key_arn: str | None = None) -> s3.CfnBucket.BucketEncryptionProperty:
    """Default encryption; with a KMS key, under bucket keys, which ask KMS a hundredth as often."""
    bucket = s3.CfnBucket
    return bucket.BucketEncryptionProperty(
        server_side_encryption_configuration=[
            bucket.ServerSideEncryptionRuleProperty(
                bucket_key_enabled=True if key_arn else None,
                server_side_encryption_by_default=bucket.ServerSideEncryptionByDefaultProperty(
                    sse_algorithm=algorithm, kms_master_key_id=key_arn
                ),
            )
        ]
    )


def versioning() -> s3.CfnBucket.VersioningConfigurationProperty:
    """Nothing is overwritten."""
    return s3.CfnBucket.VersioningConfigurationProperty(status="Enabled")


def private() -> s3.CfnBucket.PublicAccessBlockConfigurationProperty:
    """No public access by list or policy."""
    return s3.CfnBucket.PublicAccessBlockConfigurationProperty(
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )


def owned() -> s3.CfnBucket.OwnershipControlsProperty:
    """No access lists: the bucket's owner owns every object."""
    return s3.CfnBucket.OwnershipControlsProperty(
        rules=[s3.CfnBucket.OwnershipControlsRuleProperty(object_ownership="BucketOwnerEnforced")]
    )


def noncurrent(days: int) -> s3.CfnBucket.NoncurrentVersionExpirationProperty:
    """Old versions go after `days`."""
    return s3.CfnBucket.NoncurrentVersionExpirationProperty(noncurrent_days=days)
