"""S3 requests by the names that policies use: method, bucket or object, and subresource.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

BUCKET: Mapping[str, str] = {
    "GET": "ListBucket",
    "HEAD": "ListBucket",
    "PUT": "CreateBucket",
    "DELETE": "DeleteBucket",
    "POST": "PutObject",
}
"""Both versions of ListObjects, and HeadBucket, need `s3:ListBucket`."""

OBJECT: Mapping[str, str] = {
    "GET": "GetObject",
    "HEAD": "GetObject",
    "PUT": "PutObject",
    "DELETE": "DeleteObject",
    "POST": "PutObject",
}
"""Every step of a multipart upload needs `s3:PutObject`."""

OF_BUCKET: Mapping[str, str] = {
    "acl": "BucketAcl",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
}
"""Subresources that are read with `Get` and written, and mostly deleted, with `Put`."""

OF_OBJECT: Mapping[str, str] = {
    "acl": "ObjectAcl",
    "attributes": "ObjectAttributes",
    "legal-hold": "ObjectLegalHold",
    "retention": "ObjectRetention",
    "tagging": "ObjectTagging",
}

VERSIONED = {"ObjectAcl", "ObjectAttributes", "ObjectTagging"}
"""What has a permission of its own for one version."""

DELETED_BY_NAME = {"BucketPolicy", "ObjectTagging"}
"""What has a permission of its own for its deletion."""


def s3_actions(environ: Mapping[str, Any]) -> list[str]:
    """What a request needs permission for; a copy needs to read its source too."""
    method = environ["REQUEST_METHOD"]
    bucket, key = _bucket_and_key(environ)
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    if not bucket:
        return ["s3:ListAllMyBuckets"]
    action = _of_object(method, query) if key else _of_bucket(method, query)
    copied = ["s3:GetObject"] if environ.get("HTTP_X_AMZ_COPY_SOURCE") else []
    return [f"s3:{action}", *copied]


def _of_bucket(method: str, query: Mapping[str, Any]) -> str:
    for subresource, noun in OF_BUCKET.items():
        if subresource in query:
            return _verb(method, noun) + noun
    if "uploads" in query:
        return "ListBucketMultipartUploads"
    if "versions" in query:
        return "ListBucketVersions"
    if "delete" in query:
        return "DeleteObject"
    return BUCKET.get(method, method)


def _of_object(method: str, query: Mapping[str, Any]) -> str:
    version = "Version" if "versionId" in query else ""
    for subresource, noun in OF_OBJECT.items():
        if subresource in query:
            versioned = noun.replace("Object", "Object" + version) if noun in VERSIONED else noun
            return _verb(method, noun) + versioned
    if "restore" in query:
        return "RestoreObject"
    if "uploadId" in query and method in ("GET", "DELETE"):
        return "ListMultipartUploadParts" if method == "GET" else "AbortMultipartUpload"
    return OBJECT.get(method, method) + (version if method in ("GET", "HEAD", "DELETE") else "")


def _verb(method: str, noun: str) -> str:
    if method == "DELETE" and noun in DELETED_BY_NAME:
        return "Delete"
    return "Get" if method in ("GET", "HEAD") else "Put"


def _bucket_and_key(environ: Mapping[str, Any]) -> tuple[str, str]:
    """From the host (`bucket.localhost`) or the path."""
    host = environ.get("HTTP_HOST", "").split(":")[0]
    path = environ.get("PATH_INFO", "").lstrip("/")
    if host.endswith(".localhost"):
        return host.removesuffix(".localhost"), path
    bucket, _, key = path.partition("/")
    return bucket, key
