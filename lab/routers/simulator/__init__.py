"""Simulated routers of vendors whose systems cannot run here: Huawei VRP8 and H3C Comware 7. See README.md."""
