#!/usr/bin/env python3
"""Longrun's commands: `python manage.py help` lists them."""

import os
import sys

from server.upgrade.programs import hand_over, stays

# They write nothing that an upgrade may lose: they wait for it by themselves, or are part of it.
DURING_UPGRADES = {"serve", "worker", "runserver", "upgrade", "rollback", "prepare", "check_pages"}


def main():
    hand_over(sys.argv[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import DatabaseError
    except ImportError:
        sys.exit("Django is not installed here. `make setup` (or `python run.py setup`) installs what Longrun needs.")
    try:
        if {*sys.argv[1:2]} - DURING_UPGRADES and not stays():
            run_unless_upgrading()
        else:
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


def run_unless_upgrading():
    """Run the command; an upgrade waits for its end."""
    from django.core.management import execute_from_command_line

    from core.read_only import writing

    with writing() as allowed:
        if not allowed:
            sys.exit("Longrun is being upgraded: try again in a minute.")
        execute_from_command_line(sys.argv)


def is_prepared():
    from django.db import connection

    return "django_migrations" in connection.introspection.table_names()


if __name__ == "__main__":
    main()
