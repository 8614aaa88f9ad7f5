"""The verification page, as Node runs its scripts."""
