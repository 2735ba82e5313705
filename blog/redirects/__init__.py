"""What a path that is a 404 leads to, what query addresses lead to, and the log of what was not found."""
