"""What API Gateway does in front of the backend: routes, the JWT authorizer, CORS, events, limits."""
