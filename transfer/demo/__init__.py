"""The demo blog of `manage.py seed_demo`, generated from the files under `texts/` and a random seed."""
