"""What the benchmarks ask of a union: transit movements from lodging to discharge."""
