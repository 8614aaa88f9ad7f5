"""The systems that are measured, each started and stopped on this machine: our union, and peers."""
