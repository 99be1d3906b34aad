"""How fast, small and quick to start the serving path is, beside the path it replaced: `make bench`.

`process` is a measured process, and `reference` the path it is compared with; `driven` starts processes and asks them; `compare` alternates
between them; `start` measures cold starts; `figures` are the results, which `tables` and `picture` show.
"""
