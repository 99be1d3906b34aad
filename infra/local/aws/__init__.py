"""The embedded AWS: its server, the resources in it, who may do what, and what of it is kept."""
