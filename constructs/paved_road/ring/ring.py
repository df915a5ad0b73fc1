"""A ring: one Cassandra cluster's infrastructure in one region."""

from collections.abc import Sequence

from aws_cdk import Tags
from constructs import Construct

from paved_road.estate import EstateStack, Region
from paved_road.faults import Faults
from paved_road.log_retention import check_log_retention
from paved_road.network import NetworkView, Tier
from paved_road.ring.access import Access
from paved_road.ring.arns import Arns
from paved_road.ring.backing import attach_backup, check_backing
from paved_road.ring.firewall import Firewall
from paved_road.ring.image import amazon_linux
from paved_road.ring.monitored import monitor
from paved_road.ring.needs import ArtifactSource, BackupTarget, CopySource
from paved_road.ring.rack import Machine, Rack
from paved_road.ring.secrets import Secrets
from paved_road.ring.shape import check_shape
from paved_road.ring.software import wanted_bundle
from paved_road.ring.state import State
from paved_road.ring.view import RingView, publish_ring
from paved_road_bundle.bundle import BundlePin
from paved_road_contract import tags
from paved_road_contract.stacks import Kind
from paved_road_ring_agent.contract import NodeFile


class Ring(Construct):
    """One data center of a ring: a rack in each of `replication_factor` zones.

        Ring(self, "Ring", region=region, name="orders",
             network=Network.from_estate(self, region),
             artifacts=ArtifactBucket.from_estate(self, region), backup=None,
             nodes_per_rack=2, instance_type="i8g.2xlarge")

    - `nodes_per_rack`: the same in every rack. Growing doubles it (`paved_road.ring.shape`).
    - `instance_type`: one of `instances.csv`; all have instance store.
    - `artifacts`: the region's artifact bucket. The bundle must stand in it before the ring is
      deployed: `paved-road bundle publish`.
    - `bundle`: the software of nodes launched or refreshed from now on, by default this version's
      own; `BundlePin.pinned(version, sha256)` stays on one that was published earlier. Another
      bundle changes one parameter, and touches no node.
    - `backup`: the region's backup bucket; nodes may add objects under `rings/<name>/` in it,
      alarms watch that they do, and two roles for people restore the ring and purge its backups
      (`paved_road.ring.operators`). None: what all its disks lose is lost.
    - `drilled_within_days`: alarms when a drill failed, and when none passed in so many days, 1 to
      7 (docs/runbooks/drill.md). None, by default: nothing is said of drills.
    - `drills_of`: this is the scratch ring, `<name>-drill`, for drills of the ring of that name. It
      has no instances between drills, only reads that ring's backups, and goes with its stack.
    - `copies`: the copies that the region keeps of other regions' backups, from which nodes and the
      restoring role may then read what is under `rings/<name>/`: a ring whose region is lost comes
      back here (docs/decisions/restore-elsewhere.md). Takes a `backup` too.
    - `restored`: nodes of a ring that was never born form nothing, and wait for `paved-road ring
      restore`; for a ring that is deployed to come back from a backup, which would be refused over
      one that has formed meanwhile. Once it has come back it means nothing.
    - `zones`: letters of the zones to use as racks; by default the region's first ones.
    - `generation`: which shape of the ring this is, part of the data center's name. Chosen once:
      changing it makes new racks and cannot remove the old ones, whose protection refuses it.
    - `tokens_per_node`: one, always; stated so that any other plan is refused in words.
    - `image_id`: an AMI with a single volume. By default the newest Amazon Linux 2023 at each
      deploy, which only nodes launched or refreshed afterwards run.
    - `log_retention_days`: as CloudWatch Logs knows them.
    - `alarm_actions`: ARNs that alarms notify.
    - `deletable`: the ring and its data go with the stack; for development.

    Its stack publishes `DataCenter`, `KeyArn`, `NativePort`, `NodeRoleArn`, `NodeSecurityGroupId`,
    `SlotTableArn` and `SlotTableName`, of a scratch ring `DrillsOf` too, so there is one ring in a
    stack.

    Raises `PropsError` with all faults.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        region: Region,
        name: str,
        network: NetworkView,
        artifacts: ArtifactSource,
        backup: BackupTarget | None,
        nodes_per_rack: int,
        instance_type: str,
        copies: CopySource | None = None,
        restored: bool = False,
        replication_factor: int = 3,
        zones: str | None = None,
        generation: int = 1,
        tokens_per_node: int = 1,
        image_id: str | None = None,
        bundle: BundlePin | None = None,
        log_retention_days: int = 90,
        alarm_actions: Sequence[str] = (),
        drilled_within_days: int | None = None,
        drills_of: str | None = None,
        deletable: bool = False,
    ) -> None:
        faults = Faults(f"Ring {name!r}")
        check_log_retention(faults, "log_retention_days", log_retention_days)
        if image_id is not None:
            faults.check(image_id.startswith("ami-"), "image_id", "must be an AMI's id", image_id)
        check_backing(
            faults,
            name=name,
            backed_up=backup is not None,
            comes_back=copies is not None or restored,
            drilled_within_days=drilled_within_days,
            drills_of=drills_of,
            deletable=deletable,
        )
        self.shape = check_shape(
            faults,
            region=region,
            network=network,
            name=name,
            zones=zones,
            nodes_per_rack=nodes_per_rack,
            instance_type=instance_type,
            replication_factor=replication_factor,
            tokens_per_node=tokens_per_node,
            generation=generation,
        )
        super().__init__(scope, construct_id)
        self.region = region
        self.name = name
        Tags.of(self).add(tags.RING, name)

        arns = Arns(region)
        state = State(
            self,
            "State",
            arns=arns,
            ring=name,
            log_retention_days=log_retention_days,
            deletable=deletable,
        )
        secrets = Secrets(
            self,
            "Secrets",
            estate=region.estate,
            ring=name,
            region=region.name,
            key_arn=state.key_arn,
            deletable=deletable,
        )
        access = Access(
            self,
            "Access",
            arns=arns,
            estate=region.estate,
            ring=name,
            state=state,
            authority_arn=secrets.authority_arn,
        )
        secrets.close_to_others(access.role)
        firewall = Firewall(self, "Firewall", network=network, ring=name)
        artifacts.grant_read_bundles(access.role)
        pin = bundle or BundlePin.of_this_version()
        wanted = wanted_bundle(self, pin, estate=region.estate, ring=name)
        if backup is not None:
            self.operators = attach_backup(
                self,
                backup,
                region=region,
                arns=arns,
                ring=name,
                data_center=self.shape.data_center,
                state=state,
                nodes=access.role,
                copies=copies,
                drills_of=drills_of,
            )

        machine = Machine(
            instance=self.shape.instance,
            image_id=image_id or amazon_linux(self, self.shape.instance.architecture),
            security_group_id=firewall.security_group_id,
            instance_profile_arn=access.instance_profile_arn,
            tags={
                tags.ESTATE: region.estate,
                tags.COST_CENTER: region.cost_center,
                tags.COMPONENT: Kind.RING.value,
                tags.RING: name,
            },
        )
        self.racks = {
            letter: Rack(
                self,
                f"G{generation}Rack{letter.upper()}",
                machine=machine,
                node=NodeFile(
                    estate=region.estate,
                    ring=name,
                    region=region.name,
                    data_center=self.shape.data_center,
                    rack=f"{region.name}{letter}",
                    racks=tuple(f"{region.name}{one}" for one in self.shape.racks),
                    slot_table=state.table_name,
                    log_group=state.log_group_name,
                    backup_bucket=backup.bucket_name if backup and not drills_of else None,
                    disks=self.shape.instance.nvme_count,
                    artifact_bucket=artifacts.bucket_name,
                    waits_for_restore=restored or drills_of is not None,
                ),
                subnet_id=network.subnets[Tier.RING][region.zones.index(letter)],
                nodes=nodes_per_rack,
                needs=(access, firewall, wanted),
                deletable=deletable,
                empty=drills_of is not None,
            )
            for letter in self.shape.racks
        }
        if drills_of is None:
            monitor(
                self,
                region=region,
                ring=name,
                shape=self.shape,
                groups={letter: rack.group_name for letter, rack in self.racks.items()},
                table_name=state.table_name,
                backed_up=backup is not None,
                drilled_within_days=drilled_within_days,
                actions=alarm_actions,
            )
        self.slot_table_name = state.table_name
        self.slot_table_arn = state.table_arn
        self.key_arn = state.key_arn
        self.node_role = access.role
        self.node_role_arn = access.role_arn
        self.view = RingView(
            region=region,
            name=name,
            data_center=self.shape.data_center,
            node_security_group_id=firewall.security_group_id,
            key_arn=state.key_arn,
        )
        publish_ring(EstateStack.around(self), self.view, state, access, drills_of=drills_of)

    @staticmethod
    def from_estate(scope: Construct, region: Region, name: str) -> RingView:
        """The ring `name` that stands in the region, as its clients see it."""
        return RingView.from_estate(scope, region, name)
