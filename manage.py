#!/usr/bin/env python3
"""Longrun's commands: `python manage.py help` lists them."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import DatabaseError
    except ImportError:
        sys.exit("Django is not installed here. `make setup` (or `python run.py setup`) installs what Longrun needs.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(f"Longrun cannot start: {problem}")
    except DatabaseError as error:
        from server import damaged_database

        if damaged_database.is_damage(error):
            sys.exit(f"This cannot be done: {damaged_database.damage_sentence(str(error))}")
        if is_prepared():
            raise
        sys.exit("The database is not prepared yet: run `make setup` (or `manage.py prepare`) first.")


def is_prepared():
    from django.db import connection

    return "django_migrations" in connection.introspection.table_names()


if __name__ == "__main__":
    main()
