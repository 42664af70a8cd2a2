"""The typed model of a province's government cloud (政务云): the one source of truth that every room reads."""
