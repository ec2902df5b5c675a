"""Where training runs: a process of its own for what is quick, one for what is long, or a cluster."""
