"""The clouds: S3, Azure Blob Storage and Google Cloud Storage under their real names, on the node's address."""
