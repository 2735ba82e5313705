"""A believable blog out of nothing but texts of our own and a seed: what `manage.py seed_demo` sows."""
