"""Pulumi components: each makes what a specification of ``stacks.plan`` says, labelled, its children under it."""
