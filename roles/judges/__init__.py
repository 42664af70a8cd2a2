"""Judges of hosts that are not ours: what they found, and what of it we waive with a written reason. Pure."""
