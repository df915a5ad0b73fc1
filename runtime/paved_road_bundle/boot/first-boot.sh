#!/bin/bash
# first-boot.sh REGION BUCKET KEY SHA256: fetches the bundle, verifies it, lets it do the rest.
# The checksum is the manifest's. Nothing from the archive runs before it is what the manifest names,
# and the manifest before it has that checksum.
set -euo pipefail

region=$1 bucket=$2 key=$3 sha256=$4
software=${PAVED_ROAD_ROOT:-}/opt/paved-road/software

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Packages come through the S3 gateway endpoint; the image locks their versions.
# https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades.html
dnf --assumeyes --quiet --setopt=retries=10 install python3.11
AWS_MAX_ATTEMPTS=10 aws s3 cp --only-show-errors --region "$region" "s3://$bucket/$key" bundle.tar

tar --extract --to-stdout --file bundle.tar manifest.json >named
sha256sum --check --strict --quiet <<<"$sha256  named"
installer=$(python3.11 -I -c 'import json; print(json.load(open("named"))["files"]["install.py"])')
tar --extract --to-stdout --file bundle.tar install.py >installer
sha256sum --check --strict --quiet <<<"$installer  installer"

bundle=$(python3.11 -I installer bundle.tar "$sha256" "$software")
rm bundle.tar
bash "$bundle/boot/boot.sh" "$bundle"
