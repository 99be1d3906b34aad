"""HTTP: requests to typed models, one call of the logic, typed models to answers."""
