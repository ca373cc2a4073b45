"""What the commands share: options, opening the configuration and the state, printing."""
