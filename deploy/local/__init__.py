"""A cluster on one machine: its processes and stores (bin/cluster)."""
