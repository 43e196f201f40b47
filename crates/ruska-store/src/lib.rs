//! Studies and blobs on disk
