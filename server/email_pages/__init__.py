"""The delivery ledger: its pages at the desk, and what a provider reports."""
