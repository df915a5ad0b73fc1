"""What holders say in their claims, and when."""

from tests.agent.world import World


def test_whom_a_node_sees_down_is_told_at_once_and_not_with_the_next_renewal(world: World) -> None:
    world.tick()
    lost = next(one for one in world.machines.values() if one.rack == "c")
    assert lost.database
    world.terminate(lost.instance)
    world.tick()
    others = [one for one in world.claims().values() if one.instance != lost.instance]
    assert [one.down for one in others] == 2 * [(lost.database.host_id,)]
