"""Configuration texts back into intent: an independent reading, so that a template's mistake shows before any push."""
