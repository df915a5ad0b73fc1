#!/bin/bash
# war.sh REGION BUCKET WAR SHA256 TOMCAT SHA256 LOG_GROUP RELEASE: installs Java, has Tomcat and a web
# application fetched from the estate's artifact bucket, and starts both as one unit. Neither runs, nor
# is unpacked, before it has the checksum that its release names. Settings are in service.env.
set -euo pipefail

region=$1 bucket=$2 war=$3 war_sha256=$4 tomcat=$5 tomcat_sha256=$6 log_group=$7 release=$8
root=${PAVED_ROAD_ROOT:-}
home=$root/opt/paved-road base=$root/var/lib/service logs=$root/var/log/paved-road

# From the repository that the image locks, through the S3 gateway endpoint.
dnf --assumeyes --quiet --setopt=retries=10 install \
  amazon-cloudwatch-agent java-21-amazon-corretto-headless logrotate tar
id service >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin service

fetch() { # KEY SHA256 FILE
  AWS_MAX_ATTEMPTS=10 aws s3 cp --only-show-errors --region "$region" "s3://$bucket/$1" "$3"
  sha256sum --check --strict --quiet <<<"$2  $3"
}

# What runs belongs to root; the service writes its own folder only.
rm -rf "$home/tomcat" "$home/app"
mkdir -p "$home/tomcat" "$home/app" "$base/conf" "$base/temp" "$base/work" "$base/logs" "$logs"
fetch "$war" "$war_sha256" "$home/app/ROOT.war"
fetch "$tomcat" "$tomcat_sha256" "$home/tomcat.tar.gz"
tar --extract --gzip --strip-components=1 --no-same-owner --directory "$home/tomcat" \
  --file "$home/tomcat.tar.gz"
rm -rf "$home/tomcat.tar.gz" "$home/tomcat/webapps"
cp "$home/tomcat/conf/web.xml" "$base/conf/web.xml"
chmod -R u=rwX,go=rX "$home"
chown -R service:service "$base"

# No port for shutdown, no manager, nothing deployed but this one application, no version told. A
# connection is kept longer than the load balancer keeps it (60 s), and requests that run are finished.
cat >"$base/conf/server.xml" <<XML
<Server port="-1">
  <Service name="Catalina" gracefulStopAwaitMillis="20000">
    <Connector port="\${PORT}" protocol="org.apache.coyote.http11.Http11NioProtocol"
               connectionTimeout="20000" keepAliveTimeout="75000" maxKeepAliveRequests="-1" />
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="$home/app" unpackWARs="false" autoDeploy="false"
            deployXML="false" failCtxIfServletStartFails="true">
        <Valve className="org.apache.catalina.valves.ErrorReportValve"
               showReport="false" showServerInfo="false" />
      </Host>
    </Engine>
  </Service>
</Server>
XML

java=$(readlink --canonicalize "$(command -v java)")
mkdir -p "$root/etc/systemd/system" "$root/etc/logrotate.d"
cat >"$root/etc/systemd/system/service.service" <<UNIT
[Unit]
Description=$release
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=600
StartLimitBurst=5

[Service]
Type=exec
User=service
Group=service
UMask=0027
EnvironmentFile=$root/etc/paved-road/service.env
Environment=JRE_HOME=${java%/bin/java}
Environment=CATALINA_HOME=$home/tomcat
Environment=CATALINA_BASE=$base
Environment=CATALINA_TMPDIR=$base/temp
Environment="CATALINA_OPTS=-XX:MaxRAMPercentage=70 -Dorg.apache.tomcat.util.digester.PROPERTY_SOURCE=org.apache.tomcat.util.digester.EnvironmentPropertySource"
ExecStart=$home/tomcat/bin/catalina.sh run
StandardOutput=append:$logs/service.log
StandardError=append:$logs/service.log
Restart=always
RestartSec=2
SuccessExitStatus=143
TimeoutStopSec=40

CapabilityBoundingSet=
LockPersonality=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectSystem=strict
ReadWritePaths=$base
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
UNIT
cat >"$root/etc/logrotate.d/service" <<ROTATED
$logs/service.log {
    su root root
    size 100M
    rotate 5
    copytruncate
    compress
    missingok
}
ROTATED

# A member whose logs nobody sees is better than none: it starts all the same.
agent=$root/opt/aws/amazon-cloudwatch-agent
mkdir -p "$agent/etc"
cat >"$agent/etc/service.json" <<JSON
{"logs": {"logs_collected": {"files": {"collect_list": [
  {"file_path": "$logs/service.log", "log_group_name": "$log_group", "log_stream_name": "$release/{instance_id}"}
]}}}}
JSON
"$agent/bin/amazon-cloudwatch-agent-ctl" -a fetch-config -m ec2 -s -c "file:$agent/etc/service.json" ||
  echo "war: logs are not shipped" >&2

systemctl daemon-reload
systemctl enable --now service.service
