"""What several benchmarks use: forms with known truth, a store's published version, processors, and how results are shown."""
