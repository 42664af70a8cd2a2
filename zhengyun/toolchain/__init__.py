"""Sets up what zhengyun runs with: Pulumi, its OpenStack provider, Temporal and the parts of the lab.

Everything is built from package registries (PyPI, the Go module proxy, Debian), each part once per content,
into ``<cache>/parts/<name>/<digest>/``.
"""
