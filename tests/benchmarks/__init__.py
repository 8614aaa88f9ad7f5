"""What the benchmarks conclude from what they measure."""
