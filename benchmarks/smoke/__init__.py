"""A guard against getting slower: what a record costs, in units that no machine changes."""
