"""OCI profiles: what the configuration file says, what is wrong with it, and whether a profile is useable."""
