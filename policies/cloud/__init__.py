"""Policies of the cloud: judgements (``rules``), and a CrossGuard pack that runs them in each preview."""
