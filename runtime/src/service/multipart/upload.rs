//! A file that a client sent.

use std::fmt;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use tempfile::{NamedTempFile, TempPath};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};

use super::IN_MEMORY;

/// A file that a client sent: in memory while it is small, otherwise in a temporary file that is
/// removed with the last clone.
///
/// ```
/// use failsafe_runtime::service::Upload;
///
/// # async fn keep(upload: Upload) -> std::io::Result<()> {
/// let name = upload.file_name().unwrap_or("unnamed");
/// upload.save(std::path::Path::new("uploads").join(name)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Upload(Arc<Inner>);

struct Inner {
    file_name: Option<String>,
    content_type: Option<String>,
    size: u64,
    content: Content,
}

enum Content {
    Memory(Bytes),
    File(TempPath),
}

impl Upload {
    /// A file as a client would send it, for tests.
    pub fn of(file_name: impl Into<String>, bytes: impl Into<Bytes>) -> Upload {
        let bytes = bytes.into();
        Upload(Arc::new(Inner {
            file_name: Some(file_name.into()),
            content_type: None,
            size: bytes.len() as u64,
            content: Content::Memory(bytes),
        }))
    }

    /// The name that the client gave the file, without any folder: safe to be joined to a path.
    /// `None`: it gave none that is a name.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        let written = self.0.file_name.as_deref()?;
        let name = written.rsplit(['/', '\\']).next()?.trim();
        // A colon begins a drive or a stream on some systems.
        let is_name = !matches!(name, "" | "." | "..")
            && !name.contains(|c: char| c.is_control() || c == ':');
        is_name.then_some(name)
    }

    /// The media type that the client says it is of, which nobody has checked.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.0.content_type.as_deref()
    }

    /// How many bytes it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// The whole of it, in memory.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be read.
    pub async fn bytes(&self) -> io::Result<Bytes> {
        match &self.0.content {
            Content::Memory(bytes) => Ok(bytes.clone()),
            Content::File(path) => tokio::fs::read(path).await.map(Bytes::from),
        }
    }

    /// A reader from its beginning.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be opened.
    pub async fn reader(&self) -> io::Result<UploadReader> {
        Ok(UploadReader(match &self.0.content {
            Content::Memory(bytes) => Source::Memory(bytes.clone()),
            Content::File(path) => Source::File {
                file: File::open(path).await?,
                _upload: Arc::clone(&self.0),
            },
        }))
    }

    /// Writes it to a file of its own, in place of any that is there.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub async fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let mut from = self.reader().await?;
        let mut to = File::create(path).await?;
        tokio::io::copy(&mut from, &mut to).await?;
        to.flush().await
    }
}

#[cfg(test)]
impl Upload {
    pub(super) fn path(&self) -> Option<&Path> {
        match &self.0.content {
            Content::Memory(_) => None,
            Content::File(path) => Some(path),
        }
    }
}

/// Two are equal when they are the same file.
impl PartialEq for Upload {
    fn eq(&self, other: &Upload) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("file_name", &self.file_name())
            .field("content_type", &self.content_type())
            .field("size", &self.size())
            .finish()
    }
}

/// Reads an [`Upload`].
pub struct UploadReader(Source);

enum Source {
    Memory(Bytes),
    /// The upload is kept while it is read.
    File {
        file: File,
        _upload: Arc<Inner>,
    },
}

impl AsyncRead for UploadReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Source::Memory(bytes) => {
                let piece = bytes.split_to(bytes.len().min(buffer.remaining()));
                buffer.put_slice(&piece);
                Poll::Ready(Ok(()))
            }
            Source::File { file, .. } => Pin::new(file).poll_read(cx, buffer),
        }
    }
}

impl fmt::Debug for UploadReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadReader").finish_non_exhaustive()
    }
}

/// A file that is still coming in.
pub(super) struct Incoming {
    memory: BytesMut,
    spilled: Option<(File, TempPath)>,
    size: u64,
}

impl Incoming {
    pub(super) fn new() -> Incoming {
        Incoming {
            memory: BytesMut::new(),
            spilled: None,
            size: 0,
        }
    }

    pub(super) async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.size += piece.len() as u64;
        if let Some((file, _)) = &mut self.spilled {
            return file.write_all(piece).await;
        }
        self.memory.extend_from_slice(piece);
        if self.memory.len() > IN_MEMORY {
            // Making a file is a matter of the disk, which no worker should wait for.
            let file = tokio::task::spawn_blocking(NamedTempFile::new)
                .await
                .map_err(io::Error::other)??;
            let (file, path) = file.into_parts();
            let mut file = File::from_std(file);
            file.write_all(&std::mem::take(&mut self.memory)).await?;
            self.spilled = Some((file, path));
        }
        Ok(())
    }

    pub(super) async fn finish(
        self,
        file_name: Option<String>,
        content_type: Option<String>,
    ) -> io::Result<Upload> {
        let content = match self.spilled {
            None => Content::Memory(self.memory.freeze()),
            Some((mut file, path)) => {
                file.flush().await?;
                Content::File(path)
            }
        };
        Ok(Upload(Arc::new(Inner {
            file_name,
            content_type,
            size: self.size,
            content,
        })))
    }
}
