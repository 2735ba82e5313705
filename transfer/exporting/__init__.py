"""Writes this blog into files that other systems, and this one, can read. Passwords, keys and logins stay here."""
