"""`template.yaml`, the one description of the system: loaded, linted, translated by SAM, and resolved for this machine."""
