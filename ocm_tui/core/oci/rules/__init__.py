"""What can be wrong with one profile, one family of rules per module. Nothing here touches the network."""
