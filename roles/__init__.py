"""The hosts' room: Ansible roles that harden hosts, and what plans, applies, proves and removes them.

Plain Ansible works on the same files:

    ZY_SSH_CONFIG=… ansible-playbook -i roles/dynamic_inventory.py roles/site.yml --check --diff
"""
