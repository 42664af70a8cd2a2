"""The command line, the change engine and the set-up of the tools that they need."""
