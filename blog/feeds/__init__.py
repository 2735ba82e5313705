"""RSS, Atom and JSON feeds of posts, and the sitemap."""
