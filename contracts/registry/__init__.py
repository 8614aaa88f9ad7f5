"""The registry: which members form the union, who acts in it, in which roles, with which keys."""
