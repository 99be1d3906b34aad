"""What the encoder is worth, by language: `make bench-nearness`.

`variants` are the versions compared, `figures` counts the differences with their intervals, `timing` times them.
"""
