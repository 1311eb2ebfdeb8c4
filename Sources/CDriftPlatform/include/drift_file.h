// Files: mapped for reading, written whole or not at all. Functions return 0 or an errno value, or one of drift_file_error.
#ifndef DRIFT_FILE_H
#define DRIFT_FILE_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef enum drift_file_error {
  /// A directory, device or pipe where a file was expected.
  DRIFT_FILE_NOT_REGULAR = -1,
  /// More bytes than this process can address.
  DRIFT_FILE_TOO_LARGE = -2,
  /// A path longer than its buffer.
  DRIFT_FILE_PATH_TOO_LONG = -3,
} drift_file_error;

/// A file in memory.
typedef struct drift_mapping {
  const void *_Nullable base;  // page-aligned; NULL if the file is empty
  uint64_t length;
} drift_mapping;

/// Maps a regular file read-only, as long as it is at this moment. Shrinking a mapped file makes later reads of it fail with
/// SIGBUS: files are replaced by renaming, not by writing into them.
int32_t drift_map_file(const char *path, drift_mapping *mapping);

/// Ends a mapping; one of an empty file too.
void drift_unmap_file(const drift_mapping *mapping);

/// Writes all bytes, however many calls that takes.
int32_t drift_write_all(int32_t descriptor, const void *bytes, size_t count);

/// A file that is being written beside its destination.
typedef struct drift_temporary {
  int32_t descriptor;
  char path[4096];
} drift_temporary;

/// Creates an empty file beside `path`, under a name that no other file has.
int32_t drift_temporary_create(const char *path, drift_temporary *temporary);

/// Flushes the file to the disk and gives it its real name, in one step. On failure nothing remains of it.
int32_t drift_temporary_commit(drift_temporary *temporary, const char *path);

/// Removes the file.
void drift_temporary_discard(drift_temporary *temporary);

/// What an errno value, or a drift_file_error, means, in a few words. Static text.
const char *drift_error_text(int32_t error);

#pragma clang assume_nonnull end

#endif
