"""Stories in a real browser: a package, so that what the folder shares ends with it."""
