"""Whether all nodes of a ring have the same schema, as one of them knows it."""

from paved_road_ring_agent.cql import Cql


def disagreement(cql: Cql, nodes: int) -> str:
    """Why the `nodes` do not agree; empty if they do."""
    (own,) = cql.execute("SELECT schema_version FROM system.local")
    peers = cql.execute("SELECT peer, schema_version FROM system.peers_v2")
    if len(peers) + 1 != nodes:
        return f"a node knows {len(peers) + 1} of {nodes} nodes"
    other = [str(row.peer) for row in peers if row.schema_version != own.schema_version]
    return f"{', '.join(other)} have another schema" if other else ""
