"""What more authored forms bring, by language: `make bench-curve`.

`points` trains on nested shares of the sites and measures, `slope` fits a curve and extrapolates it, `picture` draws it.
"""
