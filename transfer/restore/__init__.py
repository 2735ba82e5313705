"""Makes a blog of a mirror folder or of a JSON export: rows with their numbers, files byte for byte."""
