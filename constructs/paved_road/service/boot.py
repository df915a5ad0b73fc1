"""What a fresh instance does before it belongs to its release."""

from collections.abc import Mapping

from paved_road.estate import Region
from paved_road.service.artifact import Artifact


def boot_script(
    artifact: Artifact,
    region: Region,
    *,
    stack: str,
    release: str,
    port: str,
    health_path: str,
    log_group: str,
    settings: Mapping[str, str],
) -> str:
    """User data: write the settings, start the artifact, signal once it answers its health check.

    An instance that does not answer within ten minutes signals failure, and so the release's
    creation fails instead of waiting. Later instances signal nobody and are judged by the load
    balancer alone.
    """
    more = "".join(f"{name}={value}\n" for name, value in settings.items())
    return f"""\
#!/bin/bash
set -euo pipefail
signal() {{
  /opt/aws/bin/cfn-signal --exit-code "$1" --stack {stack} --resource Group \\
    --region {region.name} || true
}}
trap 'signal 1' ERR
mkdir -p /etc/paved-road
cat >/etc/paved-road/service.env <<'SETTINGS'
PORT={port}
ESTATE={region.estate}
REGION={region.name}
RELEASE={release}
{more}SETTINGS
{artifact.start_script(region, log_group=log_group, release=release)}\
for attempt in $(seq 120); do
  if curl --fail --silent --output /dev/null "http://localhost:{port}{health_path}"; then
    signal 0
    exit 0
  fi
  sleep 5
done
signal 1
exit 1
"""
