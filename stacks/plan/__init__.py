"""Pure translation of a province into typed specifications, one set per stack. No I/O, no clock, no Pulumi."""
