"""One rack: the nodes of a ring in one zone, as a group that never destroys a disk on its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import CfnTag, Fn
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from constructs import Construct, IConstruct

from paved_road.guard import acknowledge
from paved_road_bundle.first_boot import first_boot
from paved_road_contract.instances import Instance
from paved_road_ring_agent.contract import (
    DATA_CENTER_TAG,
    LAUNCH_HOOK,
    RACK_TAG,
    TERMINATION_HOOK,
    NodeFile,
)

HEARTBEAT_SECONDS = 1_800
"""How long an instance may be silent in a hook. An agent that lives renews it; a hook lasts at most
100 heartbeats or 48 hours, and half an hour is the shortest that does not cut the 48 hours.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html
"""

ROOT_VOLUME_GIB = 30
"""Operating system, software and its logs. Data never stands here."""

GROUP_METRICS = (
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupPendingInstances",
    "GroupTerminatingInstances",
)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What all nodes of a ring have in common."""

    instance: Instance
    image_id: str
    security_group_id: str
    instance_profile_arn: str
    tags: Mapping[str, str]


class Rack(Construct):
    """A launch template and a single-zone group of `nodes` instances.

    Nothing but the template changes the group's size (minimum, maximum and desired are equal),
    and no scaling policy, maximum lifetime or update policy is declared: a new launch template
    concerns new instances only. One that is `empty` at first is given its instances by a drill,
    `nodes` at most, which takes them away again. Both hooks stand in the group itself, so they
    exist before its first instance:

    - launching is abandoned by default: an instance that did not get a slot, found no disk or has
      no agent never comes into service, and a new one is launched. It has no data yet.
    - terminating is abandoned by default and abandoned instances are *retained*, outside the
      group with their disks: whoever ended the instance, its data goes only after its agent, or a
      peer's under the rack's lease, said CONTINUE.

    `needs` are what nodes cannot do without, such as their permissions: it stands before the first
    node, and since CloudFormation deletes in the opposite order and a protected group refuses, it
    stays while there are nodes.

    With `deletable` the second hook becomes CONTINUE, without retention, and the protections
    against scale-in and deletion are off: CloudFormation empties a group to delete it, and waits
    forever for protected instances.

    What CloudFormation cannot say (`ReplaceUnhealthy` suspended) the agent does before its launch
    completes: docs/decisions/ring-suspended-processes.md.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        machine: Machine,
        node: NodeFile,
        subnet_id: str,
        nodes: int,
        needs: Sequence[IConstruct],
        deletable: bool,
        empty: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = node.rack
        marks = {**machine.tags, DATA_CENTER_TAG: node.data_center, RACK_TAG: node.rack}
        launch_template = _launch_template(self, machine, node, marks, deletable=deletable)
        size = str(nodes)
        group = autoscaling.CfnAutoScalingGroup(
            self,
            "Group",
            vpc_zone_identifier=[subnet_id],
            min_size="0" if empty else size,
            max_size=size,
            desired_capacity=None if empty else size,
            mixed_instances_policy=_instances(machine, launch_template),
            health_check_type="EC2",
            new_instances_protected_from_scale_in=not deletable,
            deletion_protection="none" if deletable else "prevent-all-deletion",
            lifecycle_hook_specification_list=[
                autoscaling.CfnAutoScalingGroup.LifecycleHookSpecificationProperty(
                    lifecycle_hook_name=LAUNCH_HOOK,
                    lifecycle_transition="autoscaling:EC2_INSTANCE_LAUNCHING",
                    heartbeat_timeout=HEARTBEAT_SECONDS,
                    default_result="ABANDON",
                ),
                autoscaling.CfnAutoScalingGroup.LifecycleHookSpecificationProperty(
                    lifecycle_hook_name=TERMINATION_HOOK,
                    lifecycle_transition="autoscaling:EC2_INSTANCE_TERMINATING",
                    heartbeat_timeout=HEARTBEAT_SECONDS,
                    default_result="CONTINUE" if deletable else "ABANDON",
                ),
            ],
            instance_lifecycle_policy=(
                autoscaling.CfnAutoScalingGroup.InstanceLifecyclePolicyProperty(
                    retention_triggers=autoscaling.CfnAutoScalingGroup.RetentionTriggersProperty(
                        terminate_hook_abandon="terminate" if deletable else "retain"
                    )
                )
            ),
            metrics_collection=[
                autoscaling.CfnAutoScalingGroup.MetricsCollectionProperty(
                    granularity="1Minute", metrics=list(GROUP_METRICS)
                )
            ],
            tags=[
                autoscaling.CfnAutoScalingGroup.TagPropertyProperty(
                    key=key, value=value, propagate_at_launch=True
                )
                for key, value in marks.items()
            ],
        )
        group.node.add_dependency(*needs)
        acknowledge(
            group,
            "AwsSolutions-AS3",
            reason="Launches and terminations are announced by the lifecycle hooks (EventBridge), "
            "recorded in the slot table and alarmed on per rack; a topic would say it again.",
        )
        acknowledge(
            group,
            "AwsSolutions-EC26",
            "NIST.800.53.R5-EC2IMDSv2Enabled",
            reason="The rules look for a launch template beside the mixed-instances policy, not in "
            "it. The one in it encrypts the root volume and requires IMDSv2, as the tests assert.",
        )
        self.group_name = group.ref


def _launch_template(
    rack: Rack, machine: Machine, node: NodeFile, marks: Mapping[str, str], *, deletable: bool
) -> ec2.CfnLaunchTemplate:
    """The root volume is encrypted with the account's EBS key, not the ring's.

    It holds no data, and a key of our own would have to be granted to Auto Scaling's service
    role, which may not exist yet in a new account. Instance store is encrypted by the hardware
    under a key that goes with the instance.
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
    https://docs.aws.amazon.com/ec2/latest/userguide/data-protection.html
    """
    tags = [CfnTag(key=key, value=value) for key, value in marks.items()]
    return ec2.CfnLaunchTemplate(
        rack,
        "Template",
        tag_specifications=[
            ec2.CfnLaunchTemplate.LaunchTemplateTagSpecificationProperty(
                resource_type="launch-template", tags=tags
            )
        ],
        launch_template_data=ec2.CfnLaunchTemplate.LaunchTemplateDataProperty(
            image_id=machine.image_id,
            instance_type=machine.instance.type,
            iam_instance_profile=ec2.CfnLaunchTemplate.IamInstanceProfileProperty(
                arn=machine.instance_profile_arn
            ),
            network_interfaces=[
                ec2.CfnLaunchTemplate.NetworkInterfaceProperty(
                    device_index=0,
                    associate_public_ip_address=False,
                    delete_on_termination=True,
                    groups=[machine.security_group_id],
                )
            ],
            metadata_options=ec2.CfnLaunchTemplate.MetadataOptionsProperty(
                http_tokens="required", http_put_response_hop_limit=1
            ),
            block_device_mappings=[
                ec2.CfnLaunchTemplate.BlockDeviceMappingProperty(
                    device_name="/dev/xvda",
                    ebs=ec2.CfnLaunchTemplate.EbsProperty(
                        encrypted=True,
                        volume_size=ROOT_VOLUME_GIB,
                        volume_type="gp3",
                        delete_on_termination=True,
                    ),
                )
            ],
            monitoring=ec2.CfnLaunchTemplate.MonitoringProperty(enabled=True),
            # A stop loses the instance store, and a termination past the group skips its hook.
            disable_api_stop=not deletable,
            disable_api_termination=not deletable,
            user_data=Fn.base64(first_boot(node)),
            tag_specifications=[
                ec2.CfnLaunchTemplate.TagSpecificationProperty(resource_type=kind, tags=tags)
                for kind in ("volume", "network-interface")
            ],
        ),
    )


def _instances(
    machine: Machine, launch_template: ec2.CfnLaunchTemplate
) -> autoscaling.CfnAutoScalingGroup.MixedInstancesPolicyProperty:
    """One type, on demand, with the image on the override and an explicit version.

    An instance refresh replaces root volumes, which keeps the data, under these conditions alone:
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/replace-root-volume.html
    """
    group = autoscaling.CfnAutoScalingGroup
    return group.MixedInstancesPolicyProperty(
        launch_template=group.LaunchTemplateProperty(
            launch_template_specification=group.LaunchTemplateSpecificationProperty(
                launch_template_id=launch_template.ref,
                version=launch_template.attr_latest_version_number,
            ),
            overrides=[
                group.LaunchTemplateOverridesProperty(
                    instance_type=machine.instance.type, image_id=machine.image_id
                )
            ],
        ),
        instances_distribution=group.InstancesDistributionProperty(
            on_demand_percentage_above_base_capacity=100
        ),
    )
