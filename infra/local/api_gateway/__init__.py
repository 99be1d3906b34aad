"""An emulator of API Gateway's HTTP APIs: routes, the JWT authorizer, CORS, events, limits."""
