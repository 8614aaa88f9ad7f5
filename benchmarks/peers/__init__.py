"""The systems that `make bench` compares with: how to have them here."""
