"""The email log: its pages at the desk, and the webhook for a provider's reports."""
