"""What the API's bodies, queries and answers look like, as pydantic models."""
