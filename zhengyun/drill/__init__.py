"""Drills (应急演练): an emergency plan carried out on the lab, measured, and written down."""
