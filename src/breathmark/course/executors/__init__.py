"""Where the work of a build is done: processes of this machine, or a cluster."""
