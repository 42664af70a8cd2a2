"""The checks of a hardened host: what GB/T 22239-2019 level 3 asks, measured on the live system. Pure.

They ask the running services and the kernel, not the files that our role wrote. Limits are the standard's or the
vendors' advice, written here a second time on purpose, so that a mistake in the role's defaults is seen.
"""
