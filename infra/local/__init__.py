"""The whole of `template.yaml` on one machine, without an AWS account and without containers.

template (what the system is) → aws (its resources, in an embedded AWS) → runtime (its functions, in processes) →
api_gateway (its HTTP API) → stack (all of it, started and stopped) → cli (the commands). `containers` is the same stack with
its functions in containers. This package alone knows the embedded AWS; nothing that is deployed imports it.
"""
