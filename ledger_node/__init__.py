"""The node: everything that touches the world, and the ledger built on consensus and contracts."""
