"""What a stack costs a month, from list prices and stated assumptions. `python -m benchmarks.cost` prints the table."""
