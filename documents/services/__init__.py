"""What can be done with packs, links and templates, one verb a file."""
