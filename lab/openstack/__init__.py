"""A real OpenStack on loopback: two regions that share Keystone, Glance and Cinder.

Usable alone: ``python -m lab.openstack``. A new service is an entry in ``services.py``, its endpoint and user in
``spec.py``, its configuration in ``etc/``, its migration in ``install.py`` and its question in ``health.py``.
"""
