"""What the system is: `template.yaml`, translated as SAM translates it, named and resolved for one machine."""
