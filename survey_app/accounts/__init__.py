"""People who sign in, the roles they hold and the regions they answer for."""
