"""A real small province on one machine: OpenStack, hosts, routers. Makes targets; knows no other room."""
