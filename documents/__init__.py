"""What leaves the building: workbooks that compute, and later the execution pack."""
