"""Who this instance is, by its metadata service (IMDSv2: a token first)."""

import http.client
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

ENDPOINT_VARIABLE = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
DEFAULT_ENDPOINT = "http://169.254.169.254"
TIMEOUT_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Identity:
    """An instance, the address that others reach it at, and its type, such as `i8g.2xlarge`."""

    instance: str
    address: str
    type: str


def read_identity() -> Identity:
    """Ask the metadata service; `OSError` if it does not answer or refuses."""
    endpoint = urlsplit(os.environ.get(ENDPOINT_VARIABLE, DEFAULT_ENDPOINT))
    connection = http.client.HTTPConnection(
        endpoint.hostname or "", endpoint.port, timeout=TIMEOUT_SECONDS
    )

    def ask(method: str, path: str, headers: dict[str, str]) -> str:
        connection.request(method, f"/latest/{path}", headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        if answer.status != http.HTTPStatus.OK:
            raise OSError(f"the metadata service answered {answer.status} for {path}")
        return body

    try:
        token = ask("PUT", "api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
        with_token = {"X-aws-ec2-metadata-token": token}
        return Identity(
            instance=ask("GET", "meta-data/instance-id", with_token),
            address=ask("GET", "meta-data/local-ipv4", with_token),
            type=ask("GET", "meta-data/instance-type", with_token),
        )
    finally:
        connection.close()
