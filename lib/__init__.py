"""The ground every room stands on: no rows, no app; of the house it knows only the engine's problems and fields."""
