"""The report: what was changed, what was verified, and how the province hangs together, on one page and as data."""
