"""Tasks of services on Fargate: records with an address of their subnet, for which hosts may stand.

Stock moto counts tasks and starts none. Here each has an instance of its own behind it, which EC2's
API shows (AWS has nothing there), with the task definition's image and environment as user data, so
that hosts run it as they run members on instances (`paved_road_lab.hosts`). Tasks are registered by
address, and those that are not wanted any more leave the target group before they end.
"""

from collections.abc import Mapping
from typing import Any

from moto.core.types import Base64EncodedString
from moto.ec2.models import ec2_backends
from moto.ecs.models import EC2ContainerServiceBackend, Service, TaskDefinition, ecs_backends
from moto.elbv2.models import elbv2_backends
from moto.iam.models import iam_backends

from paved_road_lab.hosts.member import BEGIN, END

IMAGE, TYPE = "ami-fargate0", "fargate"
"""What the instances behind tasks say that they are."""


def install() -> None:
    """Remember what templates say of services, and have as many tasks as are wanted."""
    stock_create = Service.create_from_cloudformation_json.__func__
    stock_define = TaskDefinition.create_from_cloudformation_json.__func__
    stock_update = EC2ContainerServiceBackend.update_service
    stock_delete = EC2ContainerServiceBackend.delete_service

    def define(cls: type[TaskDefinition], /, *args: Any, **kwargs: Any) -> TaskDefinition:
        made: TaskDefinition = stock_define(cls, *args, **kwargs)
        made.given = args[1]["Properties"]
        return made

    def create(cls: type[Service], /, *args: Any, **kwargs: Any) -> Service:
        made: Service = stock_create(cls, *args, **kwargs)
        made.given, made.hosts = args[1]["Properties"], []
        fit(made, args[2], args[3])
        return made

    def update(self: EC2ContainerServiceBackend, service_properties: dict[str, Any]) -> Service:
        changed = stock_update(self, service_properties)
        return fit(changed, self.account_id, self.region_name)

    def delete(self: EC2ContainerServiceBackend, *args: Any, **kwargs: Any) -> Service:
        going = stock_delete(self, *args, **kwargs)
        return fit(going, self.account_id, self.region_name)

    TaskDefinition.create_from_cloudformation_json = classmethod(define)
    Service.create_from_cloudformation_json = classmethod(create)
    EC2ContainerServiceBackend.update_service = update
    EC2ContainerServiceBackend.delete_service = delete


def fit(service: Service, account: str, region: str) -> Service:
    """Start the tasks that are missing and end those too many; what no template made is left."""
    given: Mapping[str, Any] = getattr(service, "given", {})
    if given.get("LaunchType") != "FARGATE":
        return service
    wanted = service.desired_count if service.status == "ACTIVE" else 0
    while len(service.hosts) > wanted:
        _end(service.hosts.pop(), given, account, region)
    subnets = given["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"]
    while len(service.hosts) < wanted:
        subnet = subnets[len(service.hosts) % len(subnets)]
        service.hosts.append(_start(service, subnet, account, region))
    service.running_count, service.pending_count = wanted, 0
    return service


def _start(service: Service, subnet: str, account: str, region: str) -> Any:
    given, ec2 = service.given, ec2_backends[account][region]
    definition = ecs_backends[account][region].describe_task_definition(
        service.task_definition or ""
    )
    task: Mapping[str, Any] = getattr(definition, "given", {})
    (instance,) = ec2.run_instances(
        IMAGE,
        1,
        Base64EncodedString.from_raw_string(_user_data(task)),
        [],
        subnet_id=subnet,
        instance_type=TYPE,
        is_instance_type_default=False,
        tags={"instance": {one["Key"]: one["Value"] for one in given.get("Tags", ())}},
    ).instances
    if profile := _profile(task.get("TaskRoleArn"), account):
        association = ec2.associate_iam_instance_profile(
            instance.id, iam_instance_profile_arn=profile
        )
        instance.iam_instance_profile = association.iam_instance_profile
    for one in given.get("LoadBalancers", ()):
        group = elbv2_backends[account][region].target_groups[one["TargetGroupArn"]]
        group.register([{"Id": instance.private_ip, "Port": one["ContainerPort"]}])
    return instance


def _end(instance: Any, given: Mapping[str, Any], account: str, region: str) -> None:
    for one in given.get("LoadBalancers", ()):
        group = elbv2_backends[account][region].target_groups.get(one["TargetGroupArn"])
        if group and instance.private_ip in group.targets:
            group.deregister([{"Id": instance.private_ip}])
    ec2_backends[account][region].terminate_instances([instance.id])


def _user_data(task: Mapping[str, Any]) -> str:
    """What hosts read of a member: settings and image, as a release's boot script has them."""
    (container,) = task["ContainerDefinitions"]
    settings = "\n".join(f"{one['Name']}={one['Value']}" for one in container["Environment"])
    return f"{BEGIN}{settings}{END}{container['Image']}\n"


def _profile(role: str | None, account: str) -> str | None:
    """A profile that hands out the task's role: its service has one for members on instances."""
    for one in list(iam_backends[account]["aws"].instance_profiles.values()):
        if any(held.arn == role for held in one.roles):
            return str(one.arn)
    return None
