"""The embedded AWS: its server, the resources in it, their permissions, and what is saved to disk."""
