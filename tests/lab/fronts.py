"""A load balancer of a lab with two target groups, its template, and what tests ask of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from paved_road_lab.cloud import LabCloud
from paved_road_lab.lifecycle import down, up
from paved_road_lab.safety import verify
from paved_road_ring_agent.jvm import free_port
from tests.lab.networks import reserved_network
from tests.lab.small_stacks import Template, create, subnets
from tests.lab.targets import Server, serving
from tests.waiting import until

REGION = "us-east-1"
PORT = 8080


def target_group(drain: int = 30) -> Template:
    return {
        "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
        "Properties": {
            "VpcId": {"Ref": "Vpc"},
            "Port": PORT,
            "Protocol": "HTTP",
            "HealthCheckPath": "/health",
            "HealthCheckIntervalSeconds": 2,
            "HealthCheckTimeoutSeconds": 1,
            "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 2,
            "TargetGroupAttributes": [
                {"Key": "deregistration_delay.timeout_seconds", "Value": str(drain)}
            ],
        },
    }


def listener(port: int, action: Template) -> Template:
    return {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Properties": {
            "LoadBalancerArn": {"Ref": "Balancer"},
            "Port": port,
            "Protocol": "HTTP",
            "DefaultActions": [action],
        },
    }


def template(octet: int) -> str:
    zones = subnets(f"10.{octet}", "ab")
    refuse = {
        "Type": "fixed-response",
        "FixedResponseConfig": {
            "StatusCode": "503",
            "ContentType": "text/plain",
            "MessageBody": "no such cell",
        },
    }
    shared = [{"TargetGroupArn": {"Ref": "One"}, "Weight": 1}]
    shared.append({"TargetGroupArn": {"Ref": "Two"}, "Weight": 0})
    rows: Template = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": f"10.{octet}.0.0/16"}},
        **zones,
        "Balancer": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {"Subnets": [{"Ref": one} for one in zones], "Scheme": "internal"},
        },
        "One": target_group(),
        "Two": target_group(drain=1),
        "Unused": target_group(),
        "Live": listener(80, refuse),
        "Test": listener(8080, refuse),
        "LiveRule": {
            "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
            "Properties": {
                "ListenerArn": {"Ref": "Live"},
                "Priority": 100,
                "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}],
                "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": shared}}],
            },
        },
        "MovedRule": {
            "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
            "Properties": {
                "ListenerArn": {"Ref": "Live"},
                "Priority": 7,
                "Conditions": [{"Field": "path-pattern", "Values": ["/moved/*"]}],
                "Actions": [
                    {
                        "Type": "redirect",
                        "RedirectConfig": {
                            "StatusCode": "HTTP_301",
                            "Port": "443",
                            "Protocol": "HTTPS",
                            "Path": "/new/#{path}",
                        },
                    }
                ],
            },
        },
        "TestRule": {
            "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
            "Properties": {
                "ListenerArn": {"Ref": "Test"},
                "Priority": 2,
                "Conditions": [
                    {
                        "Field": "http-header",
                        "HttpHeaderConfig": {"HttpHeaderName": "x-cell", "Values": ["testers"]},
                    }
                ],
                "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Two"}}],
            },
        },
    }
    outputs = {
        **{name: {"Value": {"Ref": name}} for name in ("One", "Two", "Unused", "SubnetA")},
        "Rule": {"Value": {"Ref": "LiveRule"}},
        "Balancer": {"Value": {"Ref": "Balancer"}},
        "Address": {"Value": {"Fn::GetAtt": ["Balancer", "DNSName"]}},
    }
    return json.dumps({"Resources": rows, "Outputs": outputs})


@dataclass(frozen=True)
class Front:
    """A load balancer with two target groups of two servers each."""

    cloud: LabCloud
    stack: dict[str, str]
    servers: dict[str, Server]
    instances: dict[str, str]

    @property
    def elb(self) -> Any:
        return self.cloud.client("elbv2", REGION)

    def states(self, group: str) -> dict[str, str]:
        health = self.elb.describe_target_health(TargetGroupArn=self.stack[group])
        names = {id: name for name, id in self.instances.items()}
        return {
            names[one["Target"]["Id"]]: one["TargetHealth"]["State"]
            for one in health["TargetHealthDescriptions"]
        }

    def healthy(self, group: str, names: str) -> bool:
        return self.states(group) == dict.fromkeys(names, "healthy")

    def ask(
        self, path: str = "/", *, port: int = 10080, timeout: float = 60, **given: Any
    ) -> requests.Response:
        url = f"http://{self.stack['Address']}:{port}{path}"
        return requests.request(given.pop("method", "GET"), url, timeout=timeout, **given)

    def name(self, **given: Any) -> str:
        return self.ask(**given).headers.get("X-Name", "")

    def weigh(self, one: int, two: int) -> None:
        tuples = [
            {"TargetGroupArn": self.stack["One"], "Weight": one},
            {"TargetGroupArn": self.stack["Two"], "Weight": two},
        ]
        self.elb.modify_rule(
            RuleArn=self.stack["Rule"],
            Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": tuples}}],
        )

    def register(self, group: str, name: str) -> None:
        self.elb.register_targets(
            TargetGroupArn=self.stack[group], Targets=[{"Id": self.instances[name]}]
        )

    def deregister(self, group: str, name: str) -> None:
        self.elb.deregister_targets(
            TargetGroupArn=self.stack[group], Targets=[{"Id": self.instances[name]}]
        )


@contextmanager
def standing_front(folder: Path) -> Iterator[Front]:
    """In a lab of its own, with four servers that nobody registered, and a process that forwards.

    Another process looks at alarms.
    """
    with reserved_network() as octet, ExitStack() as started:
        started.callback(down, folder)
        cloud = LabCloud(up(folder, port=free_port()))
        stack = create(cloud, "front", template(octet))
        made = cloud.client("ec2", REGION).run_instances(
            ImageId="ami-12345678", MinCount=4, MaxCount=4, SubnetId=stack["SubnetA"]
        )["Instances"]
        names = dict(zip(("a", "b", "c", "d"), made, strict=True))
        servers = {
            name: started.enter_context(serving(one["PrivateIpAddress"], PORT, name))
            for name, one in names.items()
        }
        assert verify(cloud.lab)["forwarding"] == verify(cloud.lab)["evaluating"] == []
        for package in ("balancers", "alarms"):
            _run(started, folder, package)
        until(lambda: verify(cloud.lab)["forwarding"] == [REGION])
        yield Front(cloud, stack, servers, {name: one["InstanceId"] for name, one in names.items()})


def _run(started: ExitStack, folder: Path, package: str) -> None:
    argv = [sys.executable, "-m", f"paved_road_lab.{package}.daemon"]
    with (folder / f"{package}.log").open("wb") as log:
        process = subprocess.Popen(
            [*argv, "--folder", str(folder), "--regions", REGION], stdout=log, stderr=log
        )
    started.callback(process.wait)
    started.callback(process.terminate)
