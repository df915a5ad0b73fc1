"""What every bucket of an estate is: private, versioned, encrypted, TLS only; and log buckets."""

from paved_road.buckets.keyed import KeyedBucket, keyed_bucket
from paved_road.buckets.logs import LogBucket, load_balancer_logs
from paved_road.buckets.names import bucket_arn, bucket_name, key_alias
from paved_road.buckets.policy import Statement
from paved_road.buckets.settings import noncurrent
from paved_road.buckets.view import BucketView

__all__ = [
    "BucketView",
    "KeyedBucket",
    "LogBucket",
    "Statement",
    "bucket_arn",
    "bucket_name",
    "key_alias",
    "keyed_bucket",
    "load_balancer_logs",
    "noncurrent",
]
