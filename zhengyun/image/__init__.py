"""Hardened images: built from the lab's host image by the same role that hardens hosts, with their evidence."""
