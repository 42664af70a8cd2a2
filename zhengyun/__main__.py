"""``python -m zhengyun``: the same as ``zy``."""

from zhengyun.cli import main

main()
