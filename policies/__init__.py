"""Policies: what judges plans and the live system. They know ``province`` and no other room."""
