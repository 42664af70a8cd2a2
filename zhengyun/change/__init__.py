"""The change engine: a plan is written to a file, judged, and carried out exactly, whatever is killed on the way."""
