"""Start pages: what waits for whom. A room of its own, since it reads every room below and none of them may read it."""
