"""The audit trail on the screen: found, read and taken away by administrators; told to whoever may see a thing."""
