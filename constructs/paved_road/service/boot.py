"""What a fresh instance does before it belongs to its release."""

from paved_road.service.place import Place


def boot_script(place: Place) -> str:
    """User data: write the settings, start the artifact, signal once it answers its health check.

    An instance that does not answer within ten minutes signals failure, and so the release's
    creation fails instead of waiting. Later instances signal nobody and are judged by the load
    balancer alone.
    """
    region, release = place.region, place.release
    health = f"http://localhost:{place.port}{place.health_path}"
    settings = "".join(f"{name}={value}\n" for name, value in place.told.items())
    return f"""\
#!/bin/bash
set -euo pipefail
signal() {{
  /opt/aws/bin/cfn-signal --exit-code "$1" --stack {place.stack} --resource Group \\
    --region {region.name} || true
}}
trap 'signal 1' ERR
mkdir -p /etc/paved-road
cat >/etc/paved-road/service.env <<'SETTINGS'
{settings}SETTINGS
{place.artifact.start_script(region, log_group=place.log_group, release=release)}\
for attempt in $(seq 120); do
  if curl --fail --silent --output /dev/null "{health}"; then
    signal 0
    exit 0
  fi
  sleep 5
done
signal 1
exit 1
"""
