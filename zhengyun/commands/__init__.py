"""The commands of ``zy``: each reads its options, calls what does the work, and answers."""
