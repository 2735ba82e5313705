"""Redirects for former paths and for WordPress's query URLs, and the log of 404 responses."""
