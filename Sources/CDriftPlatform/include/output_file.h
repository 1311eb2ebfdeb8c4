// What a program writes: files that appear whole or not at all, and the terminal.
#ifndef DRIFT_OUTPUT_FILE_H
#define DRIFT_OUTPUT_FILE_H

#include <stdint.h>

#include "drift_file.h"

#pragma clang assume_nonnull begin

/// Where a file's bytes go until it is complete.
typedef struct drift_output {
  int32_t descriptor;
  drift_temporary *_Nullable temporary;  // NULL: the bytes go straight to a device or pipe
  const char *path;
} drift_output;

/// Begins a file at `path`. A device, pipe or socket that stands there already is written into, never replaced.
/// `temporary` and `path` must outlive the output. Returns 0, an errno value or a drift_file_error.
int32_t drift_output_open(drift_output *output, drift_temporary *temporary, const char *path);

/// Completes the file: only now does it stand at its path. On failure nothing remains of it.
int32_t drift_output_commit(drift_output *output);

/// Gives the file up; nothing remains of it. Harmless after a commit.
void drift_output_discard(drift_output *output);

/// Whether a descriptor belongs to a terminal.
int32_t drift_is_terminal(int32_t descriptor);

#pragma clang assume_nonnull end

#endif
