"""How large the images are, and how long their functions take to start with one CPU and 1,769 MB: `make bench-containers`."""
