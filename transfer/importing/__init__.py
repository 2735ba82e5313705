"""Stores the records of a foreign blog (`transfer.records`) as rows of this one, with a line for each in the receipt.

`run.run_import(ImportRun)` does it all. It may be killed at any moment: what a transaction stored has its lines and its
ImportRefs, and the next call goes on behind it. Nothing is announced, no email is written, no filter is taught.
"""
