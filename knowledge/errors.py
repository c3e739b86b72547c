"""What can go wrong with documents.

    OmniError
    ├── InvalidInput
    │   └── FileUnreadable       400  the file cannot be understood; trying again changes nothing
    ├── TooLarge
    │   └── FileTooLarge         413  more bytes, pages or characters than a document may have
    ├── NotFound
    │   ├── DocumentNotFound     404
    │   └── UploadNotFound       404
    ├── Conflict
    │   └── VersionNotFailed     409  only a failed version can be tried again
    └── ServiceUnavailable
        └── EmbeddingFailed      503  transient: the embedding provider does not answer

The messages of the first two are shown to whoever uploaded the file: one sentence, with the remedy.
"""

from omnicqm.common.errors import Conflict, InvalidInput, NotFound, OmniError, ServiceUnavailable, TooLarge


class _AboutFile(OmniError):
    def __init__(self, message: str) -> None:
        super().__init__(message, param="file")


class FileUnreadable(_AboutFile, InvalidInput):
    code = "file_unreadable"


class FileTooLarge(_AboutFile, TooLarge):
    code = "file_too_large"


class DocumentNotFound(NotFound):
    code = "document_not_found"


class UploadNotFound(NotFound):
    code = "upload_not_found"


class VersionNotFailed(Conflict):
    code = "version_not_failed"


class EmbeddingFailed(ServiceUnavailable):
    code = "embedding_failed"
