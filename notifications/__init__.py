"""What the platform tells people, in the portal and by e-mail."""
