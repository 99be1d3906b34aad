"""The whole of `template.yaml` on one machine: no AWS account, no containers.

Data flows one way: template (what the system is) → aws (its resources, embedded) → runtime (its functions, as child
processes) → front_door (its API) → check (what is wrong with any of it, before it is started) → stack (all of it, started and
stopped) → the verbs of the command line.
This package is the only place that knows the embedded AWS; nothing that is deployed imports it.
"""
