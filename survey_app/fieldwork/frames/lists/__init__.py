"""Lists of people as counties hand them in: read whole, or refused with every fault."""
