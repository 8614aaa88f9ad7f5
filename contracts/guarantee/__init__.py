"""Guarantees: one uniform mechanism of security for all members.

An account per guarantee: free = covered − Σ open reservations, and in every state
0 ≤ Σ open ≤ covered. Each open reservation is an object of its own and belongs to one open
movement, so that its cost does not grow with their number.
"""
